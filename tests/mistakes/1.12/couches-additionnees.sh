. "$SOLUTIONS/1.12.sh"
somme=$(cat sondeur.txt loch.txt | wc -l)
sed -i "s/\"sur_disque\": .*,/\"sur_disque\": $somme,/" reponses/1.12.json
