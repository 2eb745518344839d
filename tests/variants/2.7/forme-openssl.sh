# verdict : passed
echo "SHA256(atlas.tar.gz)= $(sha256sum atlas.tar.gz | cut -d' ' -f1)" >SHA256SUMS
sha256sum -c SHA256SUMS
