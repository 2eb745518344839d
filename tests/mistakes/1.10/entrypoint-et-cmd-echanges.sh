. "$SOLUTIONS/1.10.sh"
sed -i 's/"entrypoint"/"x"/; s/"cmd"/"entrypoint"/; s/"x"/"cmd"/' reponses/1.10.json
