mkdir -p comparaison
docker save cours/nexiste:pas >comparaison/atlas.tar || true
