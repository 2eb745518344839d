# verdict : passed
. "$SOLUTIONS/2.10.sh"
sed -i -e 's/"plus_petit": "\(.*\)", /"plus_petit": "atlas.tar.\1", /' -e 's/\.tar\.gzip/.tar.gz/; s/\.tar\.bzip2/.tar.bz2/; s/\.tar\.zstd/.tar.zst/' -e 's/"gain_gzip": \([0-9]*\)/"gain_gzip": "\1,0 %"/' ../reponses/2.10.json
