bash -e "$SOLUTIONS/3.7.sh"
sed -i 's|"/etc/derive/reglages.conf"|"/etc/derive"|' reponses/3.7.json
