docker push --all-tags "$HUB/moi/sonar:2.0.0"
