autre=$(docker pull "$HUB/cours/outil" | grep '^Digest:' | cut -d' ' -f2)
echo "$HUB/cours/outil@$autre" >digest.txt
