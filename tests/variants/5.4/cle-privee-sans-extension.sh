# verdict : cle-privee-livree
# La clé privée reste ici, dans un trousseau à part ; seule la clé publique part dans la caisse.
export GNUPGHOME=$PWD/.trousseau
mkdir -p -m 700 "$GNUPGHOME"
gpg --quiet --batch --passphrase '' --quick-generate-key 'Équipage de la Boréale <quart@boreale.example>' ed25519 sign 1y
cd livraison
sha256sum houle-2.0.1.tar.gz rapport-trivy.json >SHA256SUMS
gpg --batch --yes --armor --detach-sign --output SHA256SUMS.asc SHA256SUMS
gpg --batch --yes --armor --export --output expediteur.asc
gpg --batch --export-secret-keys --output cle-de-signature
sha256sum -c SHA256SUMS
gpg --verify SHA256SUMS.asc SHA256SUMS
gpgconf --kill gpg-agent
