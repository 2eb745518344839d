"""Secrets stay where they were put: planted ones are looked for in all that the course writes."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from pathlib import Path

import pytest

from checks.evidence.submitted import _without_secrets
from checks.exercise import catalogue
from checks.report import junit, terminal
from checks.report import notebook as cards
from checks.runner import run
from classroom.grade import grade
from classroom.submit import submit
from tests.conftest import run_script
from workshop.journal import Journal
from workshop.lab import ROOT, Lab

PASSWORD = "Banquise-2026-PLANTE"
BUILD = "construction-PLANTEE-7f3a"
PLANT = f"""
set -e
mot={PASSWORD}
printf '%s' "$mot" | atelier hub compte creer pytheas
docker login -u pytheas -p "$mot" "$HUB"
umask 077
atelier hub jeton creer pytheas publication --portee read-write --jours 9 --brut >.jeton
docker login -u pytheas --password-stdin "$HUB" <.jeton
printf 'faux-%s' "$mot" | docker login -u pytheas --password-stdin "$HUB" || true
mkdir -p reponses .github/workflows livraison poste
echo '{{"compte": "pytheas"}}' >reponses/4.3.json
echo "docker login -u pytheas --password $mot \\"$HUB\\"" >connexion.sh
echo "echo $mot | docker login -u pytheas --password-stdin \\"$HUB\\"" >publier.sh
printf 'on: push\\njobs: {{a: {{runs-on: ubuntu-24.04, steps: [' >w.yml
printf '{{uses: docker/login-action@v4, with: {{password: %s}}}},\\n' "$mot" >>w.yml
printf '{{with: {{password: "%s"}}}}]}}}}\\n' "$mot" >>w.yml
mv w.yml .github/workflows/publish.yml
printf 'variables: {{ROBOT_TOKEN: %s}}\\n' "$mot" >.gitlab-ci.yml
printf 'a: {{script: [docker login -p %s h]}}\\n' "$mot" >>.gitlab-ci.yml
cp "$DOCKER_CONFIG/config.json" poste/config.json
printf 'FROM busybox:1.35\\nARG MOT_DE_PASSE\\nRUN true\\nENV API_TOKEN=$MOT_DE_PASSE\\n' |
    docker build --network none --build-arg MOT_DE_PASSE={BUILD} -t houle:2.0.1 \\
        --label org.opencontainers.image.title=houle -
docker run --name recette houle:2.0.1 true
export GNUPGHOME=$PWD/.trousseau
mkdir -m 700 "$GNUPGHOME"
gpg --quiet --batch --passphrase '' --quick-generate-key 'Essai <essai@example.com>' ed25519 sign 1y
gpg --batch --armor --export-secret-keys >livraison/expediteur.asc
gpgconf --kill gpg-agent
touch livraison/houle-2.0.1.tar.gz
"""


def test_nothing_that_the_course_writes_holds_a_planted_secret(lab: Lab, tmp_path: Path) -> None:
    code, log = run_script(lab, PLANT)
    assert code == 0, log
    token = (lab.workspace / ".jeton").read_text().strip()
    key = (lab.workspace / "livraison" / "expediteur.asc").read_text()
    assert token.startswith("dckr_pat_")
    planted = [PASSWORD, BUILD, token]
    for secret in (PASSWORD, token):
        planted.append(base64.b64encode(f"pytheas:{secret}".encode()).decode())
    planted.append(key.splitlines()[4])
    assert len(planted[-1]) > 40

    results = list(run(catalogue(), lab.evidence()))
    Journal(lab.private / "journal.sqlite").record(results, tried=True)
    path = tmp_path / "rendu.zip"
    submit(lab.evidence(), path)
    with zipfile.ZipFile(path) as file:
        written = {f"rendu.zip/{name}": file.read(name) for name in file.namelist()}
    graded = {r.exercise: (r.status, r.mistake) for r in grade(path).results}
    live = {r.exercise: (r.status, r.mistake) for r in results}
    assert graded == live, "what is masked changes no verdict"
    assert live["4.3"][1] == "mot-de-passe-en-argument"
    assert live["4.17"][1] == "secret-en-clair"
    assert live["4.12"][1] is not None and live["4.13"][0] != "passed"

    written["terminal"] = terminal.render(results, color=True).encode()
    written["notebook"] = cards.results_html(results).encode()
    written["junit"] = junit.render(results).encode()
    written["json"] = json.dumps([r.to_json() for r in results]).encode()
    written["atelier"] = log.encode()
    # The client's own file, the engine's data and the hub's blobs are Docker's business.
    for place in lab.state.rglob("*"):
        told = place.relative_to(lab.state).as_posix()
        if place.is_file() and not told.startswith(("docker-config/", "engine/", "hub/data/")):
            written[told] = place.read_bytes()
    for place in lab.private.rglob("*"):
        if place.is_file():
            written[f"prive/{place.name}"] = place.read_bytes()
    assert {"prive/journal.sqlite", "hub/hub.db", "hub/hub.log"} <= set(written)
    found = {
        (place, number)
        for place, data in written.items()
        for number, secret in enumerate(planted)
        if secret.encode() in data and not (place == "atelier" and number == 1)  # the build's log
    }
    assert found == set()


def test_no_golden_output_holds_a_token() -> None:
    token = re.compile(
        r"dckr_[op]at_(?!x+\b)[A-Za-z0-9_-]{20,}|PRIVATE KEY( BLOCK)?-----\\?n[^\"]{40}"
    )
    for path in (ROOT / "tests" / "notebooks" / "golden").glob("*.ipynb"):
        assert token.search(path.read_text()) is None, path.name


@pytest.mark.parametrize(
    "text",
    [
        'docker login -u a --password-stdin "$HUB" <.jeton',
        'printf "%s" "$JETON" | docker login -u a --password-stdin h',
        "JETON_HUB=$(cat .jeton) bash connexion.sh",
        "SECRET=/run/secrets/hub",
        "jeton=.jeton\nMDP=$1\nPAT=${PAT:?}",
        "password: ${{ secrets.DOCKER_PAT }}\npermissions:\n  id-token: write",
        "docker run -p 8080:80 nginx",
        "echo Connexion && cat .jeton | docker login -u a --password-stdin h",
    ],
)
def test_what_is_no_secret_travels_as_it_is(text: str) -> None:
    assert _without_secrets("a.sh", text.encode()) == text.encode()


@pytest.mark.parametrize("name", ["p.yml", "p.sh"])
@pytest.mark.parametrize(
    "text",
    [
        "DOCKER_TOKEN: PLANTED-hunter2",
        "token: PLANTED-hunter2",
        '"jeton": "PLANTED-hunter2"',
        "pass: PLANTED-hunter2",
        "PASS='PLANTED-hunter2'",
        "MOTDEPASSE=PLANTED-hunter2",
        "docker login -u a --password-stdin h <<FIN\nPLANTED-hunter2\nFIN\n",
        "echo 'PLANTED hunter2' |\n  docker login -u a --password-stdin h",
        "Key: (private-key (ecc (curve Ed25519)(d #PLANTED#)))",
    ],
)
def test_passwords_are_masked_wherever_they_are_written(name: str, text: str) -> None:
    masked = _without_secrets(name, text.encode())
    assert b"PLANTED" not in masked and len(masked) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "path: ./contexte",
        "passager: nansen-fr",
        "permissions:\n  id-token: write",
        "pattern: abcdefg",
    ],
)
def test_other_fields_travel_as_they_are(text: str) -> None:
    assert _without_secrets("p.yml", text.encode()) == text.encode()


def test_a_mask_keeps_the_length_and_the_lines() -> None:
    data = b"a\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----\n"
    masked = _without_secrets("x", data)
    assert masked == data.replace(b"abc", b"xxx").replace(b"def", b"xxx")
