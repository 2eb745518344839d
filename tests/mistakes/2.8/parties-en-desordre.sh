split -b 16K -d -a 2 fournitures/cargaison.tar x
n=1
for partie in x*; do mv "$partie" "cargaison.tar.partie-$n"; n=$((n + 1)); done
