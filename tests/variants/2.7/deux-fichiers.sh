# verdict : passed
echo 'Atlas des fonds marins.' >LISEZ-MOI
sha256sum atlas.tar.gz LISEZ-MOI >SHA256SUMS
