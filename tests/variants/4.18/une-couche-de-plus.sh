# verdict : reconstruite
essayee=$(grep -o 'sha256:[0-9a-f]*' fournitures/proces-verbal.json)
echo 1.0.0 > version
printf 'FROM %s\nCOPY version /version\n' "$HUB/cours/banquise@$essayee" > Dockerfile
docker build --network none -t "$HUB/moi/banquise:1.0.0" .
docker push "$HUB/moi/banquise:1.0.0"
