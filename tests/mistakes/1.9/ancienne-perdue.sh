. "$SOLUTIONS/1.9.sh"
docker rmi lanterne:1.0
