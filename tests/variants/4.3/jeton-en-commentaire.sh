# verdict : secret-en-clair
# Un compte et un jeton : le mot de passe ne sert qu'ici, le jeton va dans un fichier que moi seul lis.
openssl rand -hex 12 | atelier hub compte creer pytheas
atelier hub depot creer pytheas/journal-interne --prive
umask 077
atelier hub jeton creer pytheas publication --portee read-write --jours 90 >.jeton
cat >connexion.sh <<'FIN'
#!/bin/bash
set -euo pipefail
# JETON_HUB=dckr_pat_Ab12Cd34Ef56Gh78
printf '%s' "${JETON_HUB:?}" | docker login --username pytheas --password-stdin "$HUB"
FIN
JETON_HUB=$(cat .jeton) bash connexion.sh
docker pull -q "$HUB/cours/journal-interne:1"
docker tag "$HUB/cours/journal-interne:1" "$HUB/pytheas/journal-interne:1"
docker push "$HUB/pytheas/journal-interne:1"
mkdir -p reponses
echo '{"compte": "pytheas"}' >reponses/4.3.json
