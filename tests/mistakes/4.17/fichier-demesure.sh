yes "# l'historique de mon terminal" | head -n 5000 >.gitlab-ci.yml
