bash fournitures/scene-sonar.sh "$HUB/moi"
docker push "$HUB/moi/sonar:2.0.0"
docker push "$HUB/moi/sonar:2"
