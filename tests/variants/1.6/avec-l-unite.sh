# verdict : passed
. "$SOLUTIONS/1.6.sh"
sed -i 's/"etoiles": \(.*\),/"etoiles": "\1 étoiles",/' reponses/1.6.json
