. "$SOLUTIONS/2.2.sh"
sed -i '/"disposition": "oci",/d' reponses/2.2.json
