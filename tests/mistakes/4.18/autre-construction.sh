# Ni celle du procès-verbal, ni la candidate.
for autre in 211 212; do
    docker pull "$HUB/cours/banquise:build-$autre" | grep -q "$(grep -o 'sha256:[0-9a-f]*' fournitures/proces-verbal.json)" && continue
    docker tag "$HUB/cours/banquise:build-$autre" "$HUB/moi/banquise:1.0.0"
done
docker push "$HUB/moi/banquise:1.0.0"
