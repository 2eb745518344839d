bash -e "$SOLUTIONS/3.10.sh"
docker cp bloc:/donnees - >aplatir/bloc.export.tar
