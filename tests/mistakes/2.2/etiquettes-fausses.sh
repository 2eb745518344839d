. "$SOLUTIONS/2.2.sh"
sed -i 's/\("etiquettes": \["[^:]*\):[^"]*/\1:latest/' reponses/2.2.json
