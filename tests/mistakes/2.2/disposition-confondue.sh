. "$SOLUTIONS/2.2.sh"
sed -i 's/"disposition": "oci"/"disposition": "ancienne"/' reponses/2.2.json
