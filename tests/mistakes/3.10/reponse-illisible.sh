bash -e "$SOLUTIONS/3.10.sh"
ls -l aplatir >reponses/3.10.json
