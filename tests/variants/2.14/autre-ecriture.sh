# verdict : passed
. "$SOLUTIONS/2.14.sh"
sed -i 's/"charger"/"Charger"/; s/"alteree"/"Altérée"/; s/"resauvegardee"/"re-sauvegardée"/
    s/"trompeur": \([0-9]\)/"trompeur": "colis-\1"/; s/"empreinte": "/&sha256:/' reponses/2.14.json
