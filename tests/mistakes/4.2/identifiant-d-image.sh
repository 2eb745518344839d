# Sur l'autre stockage d'images, l'identifiant est celui du manifeste : la configuration se lit dans l'archive.
docker save -o vigie.tar "$HUB/moi/vigie:1.0.0"
tar -xOf vigie.tar manifest.json | grep -oE '[0-9a-f]{64}' | head -n 1 >digest-publie.txt
