# verdict : reference-entouree
docker pull "$HUB/cours/outil:1.2" >digest.txt
