. "$SOLUTIONS/2.2.sh"
n=$(tar -tf fournitures/mystere-b.tar | grep -c ^blobs/)
sed -i "/^\"b\"/,/^}/s/\"couches\": [0-9]*/\"couches\": $n/" reponses/2.2.json
