bash fournitures/scene-sonar.sh "$HUB/moi"
docker push "$HUB/moi/sonar"
