# verdict : passed
{
    echo '# Somme de contrôle du convoi'
    sha256sum atlas.tar.gz
} >SHA256SUMS
