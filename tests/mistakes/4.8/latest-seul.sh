bash fournitures/scene-sonar.sh "$HUB/moi"
docker tag "$HUB/moi/sonar:2.0.0" "$HUB/moi/sonar:latest"
docker push "$HUB/moi/sonar"
