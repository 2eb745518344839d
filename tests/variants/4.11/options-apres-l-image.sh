# verdict : passed
mkdir -p reponses
python3 - <<'FIN'
import json

rapport = json.load(open("fournitures/rapport-trivy.json"))
failles = [f for r in rapport["Results"] for f in r["Vulnerabilities"] or []]


def distinctes(*gravites, corrigeables=False):
    return len({f["VulnerabilityID"] for f in failles
                if f["Severity"] in gravites and (not corrigeables or "FixedVersion" in f)})


reponse = {
    "critiques": distinctes("CRITICAL"),
    "hautes": distinctes("HIGH"),
    "corrigeables": distinctes("CRITICAL", "HIGH", corrigeables=True),
    "decision": "bloquer",
    "commande": "trivy image vigie:1.0.0 --ignore-unfixed --severity CRITICAL,HIGH --exit-code=1",
}
json.dump(reponse, open("reponses/4.11.json", "w"))
FIN
