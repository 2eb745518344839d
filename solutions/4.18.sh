# Le digest du procès-verbal désigne l'image essayée, où que le tag soit allé depuis.
essayee=$(grep -o 'sha256:[0-9a-f]*' fournitures/proces-verbal.json)
docker pull "$HUB/cours/banquise@$essayee"
docker tag "$HUB/cours/banquise@$essayee" "$HUB/moi/banquise:1.0.0"
docker push "$HUB/moi/banquise:1.0.0"
