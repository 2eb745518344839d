docker image inspect --format '{{index .RootFS.Layers 0}}' "$HUB/moi/vigie:1.0.0" >digest-publie.txt
