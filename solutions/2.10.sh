docker pull "$HUB/cours/atlas:1"
mkdir -p comparaison reponses
cd comparaison
docker save -o atlas.tar "$HUB/cours/atlas:1"
gzip -kf atlas.tar
bzip2 -kf atlas.tar
xz -kf atlas.tar
zstd -qkf atlas.tar
{
    echo methode,octets
    echo "gzip,$(stat -c %s atlas.tar.gz)"
    echo "bzip2,$(stat -c %s atlas.tar.bz2)"
    echo "xz,$(stat -c %s atlas.tar.xz)"
    echo "zstd,$(stat -c %s atlas.tar.zst)"
} >mesures.csv
gagnant=$(tail -n +2 mesures.csv | sort -t, -k2n | head -n 1 | cut -d, -f1)
avant=$(stat -c %s atlas.tar)
apres=$(stat -c %s atlas.tar.gz)
echo "{\"plus_petit\": \"$gagnant\", \"gain_gzip\": $((100 - (100 * apres + avant / 2) / avant))}" >../reponses/2.10.json
