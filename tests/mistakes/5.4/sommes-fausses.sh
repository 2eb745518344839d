# La clé privée reste ici, dans un trousseau à part ; seule la clé publique part dans la caisse.
export GNUPGHOME=$PWD/.trousseau
mkdir -p -m 700 "$GNUPGHOME"
gpg --quiet --batch --passphrase '' --quick-generate-key 'Équipage de la Boréale <quart@boreale.example>' ed25519 sign 1y
# depuis le dossier parent
sha256sum livraison/houle-2.0.1.tar.gz livraison/rapport-trivy.json >livraison/SHA256SUMS
gpg --batch --yes --armor --detach-sign --output livraison/SHA256SUMS.asc livraison/SHA256SUMS
gpg --batch --yes --armor --export --output livraison/expediteur.asc
gpgconf --kill gpg-agent
