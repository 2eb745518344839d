"""What a message says was observed, where it once said something else."""

from __future__ import annotations

import pytest

from checks.runner import closure, run_one
from tests.conftest import run_script
from workshop.lab import ROOT, Lab

LOT = "mkdir lot; docker save -o lot/base.tar busybox; tar -cf lot-v1.tar lot; gzip lot-v1.tar"
STARS = """. "$SOLUTIONS/1.6.sh"
sed -i 's/"etoiles": .*/"etoiles": "0 étoile",/' reponses/1.6.json"""
UNNAMED = """. "$SOLUTIONS/4.9.sh" >/dev/null
docker save -o observatoire.tar $(docker image inspect -f '{{.Id}}' observatoire:1.0.0)"""
RETAGGED = """. "$SOLUTIONS/2.13.sh" >/dev/null
docker tag busybox:1.35 emetteur:2
docker save -o emetteur-propre.tar emetteur:2"""
CUT = "docker save busybox | head -c 900000 >outil-1.2.tar"


@pytest.mark.parametrize(
    ("id", "script", "said", "unsaid"),
    [
        ("1.6", STARS, "n’a pas 0 étoiles", "étoile étoiles"),
        ("2.1", CUT, "abîmée\u00a0: l’archive", "L’archive"),
        ("2.6", LOT, "`lot/base.tar`", "`lot`"),
        ("2.13", RETAGGED, "n'a plus".replace("'", "’"), "import"),
        ("4.9", UNNAMED, "1 image sans nom", "contient rien"),
    ],
)
def test_a_message_says_what_is_there(
    lab: Lab, id: str, script: str, said: str, unsaid: str
) -> None:
    for need in closure([id])[:-1]:
        run_script(lab, ROOT / "solutions" / f"{need}.sh")
    run_script(lab, script)
    message = run_one(id, lab.evidence()).message
    assert said in message and unsaid not in message, message
