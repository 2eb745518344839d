bash fournitures/scene-sonar.sh "$HUB/moi"
docker rmi "$HUB/moi/sonar:brouillon"
docker push --all-tags "$HUB/moi/sonar"
