digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$HUB/moi/vigie:1.0.0" |
    grep "/moi/vigie@" | cut -d@ -f2)
docker rmi "$HUB/moi/vigie:1.0.0"
echo "$digest" >digest-publie.txt
