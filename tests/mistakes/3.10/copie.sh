bash -e "$SOLUTIONS/3.10.sh"
docker pull "$HUB/voisin/bloc:1"
docker save -o aplatir/bloc.save.tar "$HUB/voisin/bloc:1"
