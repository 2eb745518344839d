docker run --name derive "$HUB/cours/socle:1" false
