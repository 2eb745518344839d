. "$SOLUTIONS/1.12.sh"
socle=$(couches busybox | wc -l)
sed -i "s/\"communes\": .*,/\"communes\": $socle,/" reponses/1.12.json
