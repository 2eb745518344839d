# verdict : couches-qui-se-ressemblent
. "$SOLUTIONS/1.12.sh"
jumelle=$(grep -vFxf communes.txt sondeur.txt | head -n 1)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$jumelle\",/" reponses/1.12.json
