split -b 64K "$VOISIN/cargaison.tar" cargaison.tar.partie-
