bash -e "$SOLUTIONS/3.5.sh"
sed -i 's|"/releves/mesures.csv", "/releves/journal/evenements.txt"||' reponses/3.5.json
