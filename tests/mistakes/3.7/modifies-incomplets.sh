bash -e "$SOLUTIONS/3.7.sh"
sed -i 's|"/etc/derive/reglages.conf",*||' reponses/3.7.json
