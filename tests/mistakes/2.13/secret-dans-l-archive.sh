. "$SOLUTIONS/2.13.sh"
# L'ancienne couche traîne encore dans l'archive retouchée.
fouille=$(mktemp -d)
tar -xf emetteur-1.tar -C "$fouille"
mkdir -p "$fouille/reste/blobs/sha256"
for fichier in $(find "$fouille" -type f -not -path '*/reste/*'); do
    if tar -xOf "$fichier" "$chemin" 2>/dev/null | grep -q "$cle"; then
        cp "$fichier" "$fouille/reste/blobs/sha256/$(sha256sum <"$fichier" | cut -d' ' -f1)"
    fi
done
tar -rf emetteur-propre.tar -C "$fouille/reste" blobs
rm -r "$fouille"
