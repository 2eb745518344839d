mkdir -p reponses
cp fournitures/rapport-trivy.json reponses/4.11.json
sed -i 1d reponses/4.11.json
