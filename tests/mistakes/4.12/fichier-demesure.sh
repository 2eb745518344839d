mkdir -p .github/workflows
yes "# l'historique de mon terminal" | head -n 5000 >.github/workflows/publish.yml
