bash -e "$SOLUTIONS/3.10.sh"
docker save -o aplatir/bloc.save.tar "$HUB/cours/brouillon:1"
