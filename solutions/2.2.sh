# Ce que dit manifest.json de chaque archive : configuration, noms, couches.
mkdir -p reponses
for lettre in a b; do
    archive=fournitures/mystere-$lettre.tar
    manifeste=$(tar -xOf $archive manifest.json)
    config=$(grep -o '"Config": "[^"]*"' <<<"$manifeste" | cut -d'"' -f4)
    etiquette=$(grep -o '"RepoTags": \["[^"]*"' <<<"$manifeste" | cut -d'"' -f4)
    couches=$(grep -o '"Layers": .*' <<<"$manifeste" | grep -o ',' | wc -l)
    commande=$(tar -xOf $archive "$config" | grep -o '"Cmd": \[[^]]*\]' | cut -d' ' -f2-)
    disposition=ancienne
    tar -tf $archive | grep -q '^oci-layout$' && disposition=oci
    printf '"%s": {"disposition": "%s", "etiquettes": ["%s"], "config": "%s", "couches": %d, "commande": %s},\n' \
        $lettre $disposition "$etiquette" "sha256:$(tar -xOf $archive "$config" | sha256sum | cut -d' ' -f1)" \
        $((couches + 1)) "$commande"
done >reponses/corps
{ echo '{'; cat reponses/corps; echo '"fichier_cle": "manifest.json"}'; } >reponses/2.2.json
rm reponses/corps
