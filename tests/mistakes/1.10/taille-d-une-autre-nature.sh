. "$SOLUTIONS/1.10.sh"
sed -i "s/\"taille\": .*/\"taille\": $(gzip -c fournitures/phare.tar | wc -c),/" reponses/1.10.json
