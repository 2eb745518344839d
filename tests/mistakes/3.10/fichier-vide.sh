bash -e "$SOLUTIONS/3.10.sh"
docker export blok >aplatir/bloc.export.tar
