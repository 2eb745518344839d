yes "# l'historique de mon terminal" | head -n 5000 >etiqueter.sh
