docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
# Vu de l'hôte, le volume est un dossier du moteur : tar enregistre ce chemin-là.
chemin=$(docker volume inspect -f '{{.Mountpoint}}' releves)
docker run --rm -v "releves:$chemin:ro" "$HUB/cours/station:1" tar -czf - "$chemin" >donnees.tgz
