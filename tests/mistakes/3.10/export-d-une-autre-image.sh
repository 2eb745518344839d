bash -e "$SOLUTIONS/3.10.sh"
docker export -o aplatir/bloc.export.tar brouillon
