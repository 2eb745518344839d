bash fournitures/scene-sonar.sh "$HUB/moi"
docker rmi "$HUB/moi/sonar:brouillon"
docker tag "$HUB/moi/sonar:2.0.0" "$HUB/moi/sonar:latest"
docker push --all-tags "$HUB/moi/sonar"
