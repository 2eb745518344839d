. "$SOLUTIONS/2.13.sh"
sed -i 's/\/cle"/\/.wh.cle"/' reponses/2.13.json
