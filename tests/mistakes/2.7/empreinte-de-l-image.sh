config=$(tar -xzOf atlas.tar.gz manifest.json | grep -o '[0-9a-f]\{64\}' | head -n 1)
echo "$config  atlas.tar.gz" >SHA256SUMS
