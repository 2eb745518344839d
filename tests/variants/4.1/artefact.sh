# verdict : pas-publiee
# Un inventaire (SBOM) envoyé sous le tag de l'image : il est au registre, mais ce n'est pas elle.
jeton=$(curl -s "http://$HUB/auth/token?scope=repository:moi/vigie:pull,push" | grep -o '"token": *"[^"]*"' | cut -d'"' -f4)
vide=sha256:$(printf '{}' | sha256sum | cut -d' ' -f1)
depot="http://$HUB/v2/moi/vigie"
lieu=$(curl -s -i -X POST -H "Authorization: Bearer $jeton" "$depot/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //p')
curl -s -X PUT -H "Authorization: Bearer $jeton" -H 'Content-Type: application/octet-stream' --data '{}' "$lieu&digest=$vide"
type=application/vnd.oci.image.manifest.v1+json
curl -s -X PUT -H "Authorization: Bearer $jeton" -H "Content-Type: $type" "$depot/manifests/1.0.0" --data @- <<FIN
{"schemaVersion": 2, "mediaType": "$type", "artifactType": "application/spdx+json",
 "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": "$vide", "size": 2},
 "layers": [{"mediaType": "application/spdx+json", "digest": "$vide", "size": 2}]}
FIN
curl -s "$depot/tags/list"
