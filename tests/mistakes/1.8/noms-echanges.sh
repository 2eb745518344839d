. "$SOLUTIONS/1.8.sh"
docker tag maree:avant essai
docker tag maree:apres maree:avant
docker tag essai maree:apres
