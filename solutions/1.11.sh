mkdir -p reponses
limite=$(grep -m 1 -o '^ratelimit-limit: [0-9]*' fournitures/limites.txt | grep -o '[0-9]*$')
secondes=$(grep -m 1 -o 'w=[0-9]*' fournitures/limites.txt | cut -d= -f2)
images=$(sed -n 's/.*Chacun télécharge \([0-9]*\) images.*/\1/p' fournitures/limites.txt)
cat >reponses/1.11.json <<FIN
{
    "limite": $limite,
    "heures": $((secondes / 3600)),
    "compte_par": "adresse",
    "postes_servis": $((limite / images)),
    "connecte": 200
}
FIN
