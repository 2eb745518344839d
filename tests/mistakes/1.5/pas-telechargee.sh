# moteurs : graphdriver
digest=$(docker image inspect -f '{{index .RepoDigests 0}}' "$HUB/cours/outil:1.2")
docker save -o outil.tar "$HUB/cours/outil:1.2"
docker rmi "$HUB/cours/outil:1.2"
docker load -i outil.tar
echo "$digest" >digest.txt
