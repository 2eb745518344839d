. "$SOLUTIONS/2.2.sh"
sed -i 's/"disposition": "oci", //' reponses/2.2.json
