bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "conteneur"/"nature": "rootfs"/' reponses/3.8.json
