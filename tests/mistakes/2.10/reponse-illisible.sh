. "$SOLUTIONS/2.10.sh"
echo "xz 75" >../reponses/2.10.json
