digest=$(docker pull "$HUB/cours/outil:1.2" | grep '^Digest:' | cut -d' ' -f2)
docker pull "$HUB/cours/outil@$digest"
echo "$HUB/cours/outil@$digest" >digest.txt
