# verdict : conteneur-au-lieu-du-volume
# dit : `donnees.tgz` est l'archive d'une image
docker pull "$HUB/cours/station:1"
docker save "$HUB/cours/station:1" | gzip >donnees.tgz
