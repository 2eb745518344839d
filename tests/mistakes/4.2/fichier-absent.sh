docker rmi "$HUB/moi/vigie:1.0.0"
