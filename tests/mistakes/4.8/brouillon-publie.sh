bash fournitures/scene-sonar.sh "$HUB/moi"
docker push --all-tags "$HUB/moi/sonar"
