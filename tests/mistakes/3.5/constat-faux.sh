bash -e "$SOLUTIONS/3.5.sh"
sed -i 's|"/releves/mesures.csv"|"/usr/bin/station"|' reponses/3.5.json
