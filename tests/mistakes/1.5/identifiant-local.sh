# moteurs : graphdriver
echo "$HUB/cours/outil@$(docker image inspect -f "{{.Id}}" "$HUB/cours/outil:1.2")" >digest.txt
