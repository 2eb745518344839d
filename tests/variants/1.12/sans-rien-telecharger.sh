# verdict : passed
mkdir -p reponses
# Le registre dit tout : le manifeste, puis la configuration, où sont les empreintes décompressées.
couches() {
    jeton=$(curl -s "http://$HUB/auth/token?service=hub&scope=repository:cours/$1:pull" | jq -r .token)
    config=$(docker manifest inspect --insecure "$HUB/cours/$1:1" | jq -r .config.digest)
    curl -sL -H "Authorization: Bearer $jeton" "http://$HUB/v2/cours/$1/blobs/$config" |
        jq .rootfs.diff_ids
}
jq -n --argjson a "$(couches sondeur)" --argjson b "$(couches loch)" '($a - ($a - $b)) as $c |
    {couches_sondeur: ($a | length), couches_loch: ($b | length), communes: ($c | length),
     derniere_commune: $c[-1], sur_disque: ($a + $b | unique | length),
     a_telecharger: ($b - $a | length)}' >reponses/1.12.json
