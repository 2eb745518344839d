docker pull "$HUB/cours/banquise@$(grep -o 'sha256:[0-9a-f]*' fournitures/proces-verbal.json)"
