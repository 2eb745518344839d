# verdict : passed
. "$SOLUTIONS/1.12.sh"
# Recopiée avec les crochets de `docker inspect`.
sed -i 's/"derniere_commune": "\(.*\)",/"derniere_commune": ["\1"],/' reponses/1.12.json
