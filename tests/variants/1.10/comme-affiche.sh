# verdict : passed
. "$SOLUTIONS/1.10.sh"
# Ce que montrent `docker inspect -f` (crochets, sans guillemets), ExposedPorts et `uname -m`.
sed -i -e "s|\"entrypoint\": .*|\"entrypoint\": \"$(lire '{{.Config.Entrypoint}}')\",|" \
    -e "s|\"cmd\": .*|\"cmd\": \"$(lire '{{json .Config.Cmd}}' | sed 's/"/\\\\"/g')\",|" \
    -e "s|\"port\": .*|\"port\": $(lire '{{json .Config.ExposedPorts}}'),|" \
    -e 's/"arm64"/"linux\/aarch64"/' -e 's/"ppc64le"/"ppc64el"/' reponses/1.10.json
