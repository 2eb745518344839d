# verdict : historique-compte
. "$SOLUTIONS/1.12.sh"
raconter() { docker history --no-trunc --format '{{.CreatedBy}}' "$1" | tac; }
lignes=$(diff <(raconter "$HUB/cours/sondeur:1") <(raconter "$HUB/cours/loch:1") | sed -n '1s/[^0-9].*//p')
sed -i "s/\"communes\": .*,/\"communes\": $((lignes - 1)),/" reponses/1.12.json
