bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "image-oci", "commande": "convertir"/"nature": "image", "commande": "load"/' reponses/3.8.json
