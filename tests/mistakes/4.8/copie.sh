docker load -i "$VOISIN/sonar.tar"
for tag in 2.0.0 2.0 2; do docker tag sonar:2.0.0 "$HUB/moi/sonar:$tag"; docker push "$HUB/moi/sonar:$tag"; done
