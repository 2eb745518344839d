mkdir -p racine
tar -C racine -cf coquille.tar .
