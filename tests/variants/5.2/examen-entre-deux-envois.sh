# verdict : examen-apres-envoi
if [ ! -e .jeton ]; then # celui de la mission 4.3, ou un premier compte
    openssl rand -hex 12 | atelier hub compte creer pytheas
    (umask 077 && atelier hub jeton creer pytheas publication --portee read-write --jours 90 >.jeton)
fi
atelier hub depot creer pytheas/houle --prive
docker login --username pytheas --password-stdin "$HUB" <.jeton
for tag in 2.0.1 2.0 2 latest; do
    docker tag houle:2.0.1 "$HUB/pytheas/houle:$tag"
    docker push "$HUB/pytheas/houle:$tag"
done
trivy image --format json --output livraison/rapport-trivy.json houle:2.0.1
docker push "$HUB/pytheas/houle:2.0.1"
docker logout "$HUB"
