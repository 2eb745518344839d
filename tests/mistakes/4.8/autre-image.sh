bash fournitures/scene-sonar.sh "$HUB/moi"
docker tag "$HUB/moi/sonar:brouillon" "$HUB/moi/sonar:2.0"
docker rmi "$HUB/moi/sonar:brouillon"
docker push --all-tags "$HUB/moi/sonar"
