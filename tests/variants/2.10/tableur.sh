# verdict : passed
. "$SOLUTIONS/2.10.sh"
# Comme un tableur l'enregistre : marque d'octets, accent, fins de ligne CRLF ; et l'extension pour méthode.
sed -i -e '1s/.*/\xef\xbb\xbfMéthode,Octets/' -e 's/^gzip/gz/' -e 's/$/\r/' mesures.csv
