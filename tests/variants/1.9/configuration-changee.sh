# verdict : image-reconstruite
# dit : a les couches de la version 2.0 fournie, mais pas ses labels
. "$SOLUTIONS/1.9.sh"
printf 'FROM lanterne:2.0\nLABEL note=oui\n' | docker build -t lanterne:latest -
