digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$HUB/moi/vigie:1.0.0" |
    grep "/moi/vigie@" | cut -d@ -f2)
docker pull "$HUB/moi/vigie@$digest"
echo "$digest" >digest-publie.txt
