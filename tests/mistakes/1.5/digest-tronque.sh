digest=$(docker pull "$HUB/cours/outil:1.2" | grep '^Digest:' | cut -d' ' -f2)
echo "$HUB/cours/outil@${digest:0:19}" >digest.txt
