mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
python3 -c '
import json
config = json.load(open("poste/config.json"))
gardees = {hote: entree for hote, entree in config["auths"].items() if "localhost" not in hote}
json.dump({"auths": gardees}, open("poste/config.json", "w"))
'
