split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
for partie in cargaison.tar.partie-*; do gzip -c "$partie" | head -c 65536 >gz && mv gz "$partie"; done
