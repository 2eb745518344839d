bash -e "$SOLUTIONS/3.7.sh"
nom=$(tar -tf autopsie.tar | grep -i erreur)
sed -i "s|\"fichier\": .*|\"fichier\": \"/$nom\",|" reponses/3.7.json
