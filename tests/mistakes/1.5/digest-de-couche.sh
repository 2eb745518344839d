echo "$HUB/cours/outil@$(docker image inspect -f "{{index .RootFS.Layers 1}}" "$HUB/cours/outil:1.2")" >digest.txt
