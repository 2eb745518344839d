# verdict : refus-non-constate
echo un-mot-de-passe-faux | docker login --username pytheas --password-stdin "$HUB" || true
bash fournitures/scene-fuite.sh pytheas
docker logout "$HUB"
atelier hub jeton revoquer pytheas robot-meteo
echo un-autre-mot-de-passe | docker login --username pytheas --password-stdin "$HUB" || true
atelier hub jeton creer pytheas robot-meteo-2 --portee read --jours 90 |
    docker login --username pytheas --password-stdin "$HUB"
docker logout "$HUB"
