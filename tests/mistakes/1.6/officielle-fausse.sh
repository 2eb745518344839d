. "$SOLUTIONS/1.6.sh"
sed -i 's/"busybox"/"progrium"/' reponses/1.6.json
