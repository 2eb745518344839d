bash fournitures/scene-fuite.sh pytheas
docker logout "$HUB"
atelier hub jeton revoquer pytheas robot-meteo
# Le jeton révoqué est-il bien refusé ?
grep -o 'dckr_pat_[A-Za-z0-9_-]*' fuite.ipynb | docker login --username pytheas --password-stdin "$HUB" || true
atelier hub jeton creer pytheas robot-meteo-2 --portee read-write-delete --jours 90 |
    docker login --username pytheas --password-stdin "$HUB"
docker logout "$HUB"
