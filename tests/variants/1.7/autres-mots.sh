# verdict : passed
. "$SOLUTIONS/1.7.sh"
# Les badges tels que Docker Hub les écrit, et l'image désignée par sa fiche.
fiche=$(grep -B 1 '"library/nginx"' fournitures/fiches.json | grep -o 'f[1-8]')
sed -i -e 's/"officielle"/"Docker Official Image"/' -e 's/"éditeur vérifié"/"Verified Publisher"/' \
    -e 's/"open source parrainé"/"sponsored oss"/' -e "s/\"choix\": .*/\"choix\": \"$fiche\"/" reponses/1.7.json
