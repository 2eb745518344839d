yes "# l'historique de mon terminal" | head -n 5000 >publier.sh
