# verdict : ligne-en-echec
{
    echo "$(sha256sum </dev/null | cut -d' ' -f1)  atlas.tar.gz"
    sha256sum atlas.tar.gz
} >SHA256SUMS
