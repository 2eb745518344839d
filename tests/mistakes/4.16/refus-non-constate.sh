bash fournitures/scene-fuite.sh pytheas
docker logout "$HUB"
atelier hub jeton revoquer pytheas robot-meteo
atelier hub jeton creer pytheas robot-meteo-2 --portee read --jours 90 |
    docker login --username pytheas --password-stdin "$HUB"
docker logout "$HUB"
