mkdir -p reponses

# Pour chaque archive : manifest.json nomme la configuration, les noms et les couches.
decrire() {
    archive=fournitures/mystere-$1.tar
    manifeste=$(tar -xOf "$archive" manifest.json)
    config=$(cut -d'"' -f4 <<<"$manifeste") # [{"Config": "…", "RepoTags": …
    noms=$(grep -o '"RepoTags": \[[^]]*\]' <<<"$manifeste")
    couches=$(grep -o '"Layers": \[[^]]*\]' <<<"$manifeste" | tr ',' '\n' | wc -l)
    commande=$(tar -xOf "$archive" "$config" | grep -o '"Cmd": \[[^]]*\]')
    empreinte=$(tar -xOf "$archive" "$config" | sha256sum | cut -d' ' -f1)
    if tar -tf "$archive" | grep -q '^oci-layout$'; then
        disposition=oci
    else
        disposition=ancienne
    fi
    cat <<FIN
"$1": {
    "disposition": "$disposition",
    "etiquettes": ${noms#*: },
    "config": "sha256:$empreinte",
    "couches": $couches,
    "commande": ${commande#*: }
},
FIN
}

cat >reponses/2.2.json <<FIN
{
$(decrire a)
$(decrire b)
"fichier_cle": "manifest.json"
}
FIN
