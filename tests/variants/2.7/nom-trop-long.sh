# verdict : ligne-en-echec
{
    sha256sum atlas.tar.gz
    echo "$(sha256sum <atlas.tar.gz | cut -d' ' -f1)  $(printf 'a%.0s' {1..300})"
} >SHA256SUMS
