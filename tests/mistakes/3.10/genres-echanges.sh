bash -e "$SOLUTIONS/3.10.sh"
cd aplatir
mv bloc.save.tar tampon
mv bloc.export.tar bloc.save.tar
mv tampon bloc.export.tar
