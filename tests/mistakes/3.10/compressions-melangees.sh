bash -e "$SOLUTIONS/3.10.sh"
docker export bloc | gzip >aplatir/bloc.export.tar
