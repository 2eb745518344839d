"""The scripts of phase 4, read without being run: right ways that pass, wrong ones by name."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from checks import phase4, shell
from checks.credentials import is_name
from checks.evidence import HubState
from checks.evidence.submitted import _without_secrets
from checks.outcome import Mistake
from tests.checks.fake import Fake
from tests.checks.test_phase4 import mistake

SOLUTIONS = Path(__file__).parents[2] / "solutions"
LOGIN = (
    """printf '%s' "${JETON_HUB:?}" | docker login --username pytheas --password-stdin "$HUB\""""
)


def signing(script: str) -> str:
    """What 4.3 thinks of `connexion.sh`; "" when the script is fine."""
    evidence = Fake({"connexion.sh": script}, state=HubState(["pytheas"]))
    found = mistake(lambda: phase4.private_push(evidence.answers("4.3", compte="pytheas")))
    return "" if found == "pas-publiee" else found


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (LOGIN, ""),
        ("FICHIER_JETON=jeton-hub\n" + LOGIN, ""),
        ("compte_pat=patrick\n" + LOGIN, ""),
        ("# jeton : celui de la mission\n" + LOGIN, ""),
        (LOGIN.replace("| ", "|\n    "), ""),
        ('docker login -u a --password-stdin "$HUB" <.jeton >/dev/null 2>&1', ""),
        ('cat .jeton | docker login -u a --password-stdin "${HUB}" || exit 1', ""),
        ('docker login -u a --password-stdin "$HUB" <<FIN\n$JETON\nFIN\n', ""),
        ('echo "Connexion" && cat .jeton | docker login -u a --password-stdin "$HUB"', ""),
        ("# JETON=dckr_pat_abcdefgh\n" + LOGIN, "secret-en-clair"),
        ('PASS="hunter2-hunter2"\n' + LOGIN, "secret-en-clair"),
        ("MOTDEPASSE=hunter2-hunter2\n" + LOGIN, "secret-en-clair"),
        ("export HUB_PASSWD=hunter2-hunter2\n" + LOGIN, "secret-en-clair"),
        ("docker login -u a --password-stdin h <<FIN\nhunter2\nFIN\n", "secret-en-clair"),
        ('printf "%s" "hunter2" |\n  docker login -u a --password-stdin h', "secret-en-clair"),
        ("printf %s $JETON | docker login -u a --password-stdin h", "variable-sans-guillemets"),
        ("echo ${JETON:?} | docker login -u a --password-stdin h", "variable-sans-guillemets"),
        ("echo $JETON |\n docker login -u a --password-stdin h", "variable-sans-guillemets"),
        ('docker login -u a --password-stdin < "$f" >/dev/null', "mauvais-registre"),
        ("docker login -u a --password-stdin <.jeton 2>&1 | tail -n 1", "mauvais-registre"),
        ("docker login -u a -p x h\n" + "#" * 70_000, "fichier-demesure"),
    ],
)
def test_signing_in(script: str, expected: str) -> None:
    assert signing(script) == expected
    masked = _without_secrets("connexion.sh", script.encode()).decode()
    assert signing(masked) == expected, "what a submission hides changes no verdict"


def test_names_of_secrets() -> None:
    secret = "JETON_HUB HUB_TOKEN PAT DOCKER_PAT pass PASS2 MotDePasse mdp USER_PASSWORD jetonHub"
    others = "FICHIER_JETON compte_pat PATH passager chemin_du_token COMPASS TOKEN_URL patience x"
    assert [name for name in secret.split() if not is_name(name)] == []
    assert [name for name in others.split() if is_name(name)] == []


def chain(script: str) -> str:
    """What 4.13 reads in `publier.sh`; "" when there is nothing to say."""
    evidence = Fake({"publier.sh": script, "connexion.sh": LOGIN}).answers("4.3", compte="pytheas")
    return mistake(lambda: phase4._check_chain(evidence, "publier.sh", script))


def _chain() -> str:
    script = (SOLUTIONS / "4.13.sh").read_text()
    return script.partition("<<'FIN'\n")[2].partition("FIN\n")[0]


SET, TRAP = "set -euo pipefail\n", "trap 'docker logout \"$HUB\"' EXIT\n"
TRIVY = 'trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed "$examinee"\n'
PUSH = 'for tag in "$version" "${version%.*}" "${version%%.*}" latest; do\n    docker push'
ALL = """
construire() { docker build --tag "$image" releve; }
essayer() {
    docker run --rm "$image" essai.sh
}
examiner() {
    trivy image --exit-code 1 "$image"
}
nettoyer() {
    rm -f /tmp/x
    docker logout "$HUB"
}
envoyer() {
    docker push "$image"
}
set -e
trap nettoyer EXIT
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        (LOGIN, "bash connexion.sh", ""),
        (LOGIN, ". ./connexion.sh", ""),
        (LOGIN, "JETON_HUB=hunter2-hunter2 bash connexion.sh", "secret-en-clair"),
        (SET, SET + "command -v trivy >/dev/null || exit 1\n", ""),
        (SET, SET + 'echo "Examen par trivy image de $1"\n', ""),
        (SET, SET + "echo 'Essai, puis trivy image, puis docker push'\n", ""),
        (TRAP, "trap '\n    docker logout \"$HUB\"\n' EXIT\n", ""),
        (TRAP, "trap 'rm -f /tmp/x' EXIT\n", "sans-deconnexion"),
        (TRAP, "trap 'rm -f /tmp/x' EXIT\nfin() { docker logout; }\n", "deconnexion-sautee"),
        ('"$examinee"\n\ntrap', 'busybox:1.35\n\ntrap', "examen-sans-effet"),
        (TRIVY, 'trivy image --quiet --exit-code 1 --format json "$examinee" --timeout 5m\n', ""),
        (TRIVY, TRIVY.replace("\n", " || true\n"), "examen-sans-effet"),
        (TRIVY, "command -v trivy || exit 1\n", "sans-examen"),
        (PUSH, f'docker push "$depot:$version"\n{PUSH}', ""),
        (TRIVY, f'docker push "$depot:$version"\n{TRIVY}', "envoi-avant-examen"),
        (TRIVY, f'f() {{ echo; }}\ndocker push "$depot:$version"\n{TRIVY}', "envoi-avant-examen"),
    ],
)  # fmt: skip
def test_a_chain(old: str, new: str, expected: str) -> None:
    assert old in _chain()
    script = _chain().replace(old, new)
    assert chain(script) == expected
    assert chain(_without_secrets("publier.sh", script.encode()).decode()) == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (f"construire; essayer; examiner\n{LOGIN}\nenvoyer", ""),
        (
            f'main() {{\n  construire\n  essayer && examiner\n  {LOGIN}\n  envoyer\n}}\nmain "$@"',
            "",
        ),
        (f"construire; essayer\n{LOGIN}\nenvoyer\nexaminer", "envoi-avant-examen"),
        (f"construire; examiner\n{LOGIN}\nenvoyer; essayer", "sans-essai"),
        (f"construire; essayer\n{LOGIN}\nenvoyer", "envoi-avant-examen"),
        (f'for etape in construire essayer examiner envoyer; do "$etape"; done\n{LOGIN}', ""),
    ],
)
def test_a_chain_of_functions(calls: str, expected: str) -> None:
    assert chain(ALL + calls + "\n") == expected
    forgetful = ALL.replace('    docker logout "$HUB"\n', "") + calls + '\ndocker logout "$HUB"\n'
    assert chain(forgetful) == (expected or "deconnexion-sautee")


def test_each_step_may_be_tested_instead_of_all() -> None:
    text = _chain().replace(SET, "")
    assert chain(text) == "continue-apres-un-echec"
    for line in ("docker build", "docker run", "trivy image"):
        text = "\n".join(each + " || exit 1" if each.startswith(line) else each
                         for each in text.splitlines())  # fmt: skip
    assert chain(text + "\n") == ""
    assert chain(text.replace("|| exit 1", "|| { echo non; exit 1; }")) == ""
    assert chain(text.replace("|| exit 1", "|| echo non")) == "continue-apres-un-echec"
    codes = text.replace(" || exit 1", "\n[ $? -eq 0 ] || exit 1")
    assert chain(codes) == ""
    assert chain("fin() { exit 1; }\n" + text.replace("|| exit 1", "|| fin")) == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (': "${BUILD_ID:?non}"', ""),
        ('BUILD_ID="${1:?non}"', ""),
        ('[ ! "$BUILD_ID" ] && exit 1', ""),
        ('n=${BUILD_ID:-}; [ -n "$n" ] || exit 1', ""),
        ('n=${BUILD_ID:-}\nset -e\n[ -n "$n" ]', ""),
        ('if [ -z "$BUILD_ID" ]; then\n  echo non >&2\n  exit 1\nfi', ""),
        ('if [ -n "$BUILD_ID" ]; then\n  docker tag a b\nfi', ""),
        ('[ -z "$BUILD_ID" ] && {\n  echo non\n  exit 1\n}', ""),
        ("[[ $BUILD_ID =~ ^[0-9]+$ ]] || exit 1", ""),
        ('case "$BUILD_ID" in\n  "") exit 1 ;;\nesac', ""),
        ('fin() { exit 1; }\n[ -n "$BUILD_ID" ] ||\n  fin', ""),
        ('if [ -z "$BUILD_ID" ]; then echo attention; fi\nexit 0', "sans-garde"),
        ('if [ -z "${BUILD_ID+x}" ]; then exit 1; fi', "sans-garde"),
        ('set -u\n[ -z "$BUILD_ID" ] && echo attention\n', "set-u-ne-suffit-pas"),
    ],
)
def test_a_guard(code: str, expected: str) -> None:
    assert mistake(lambda: phase4._check_guard("e.sh", code + "\ndate\n")) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("{} vigie:1", ""),
        ("trivy i vigie:1 --exit-code=1 -s CRITICAL,HIGH --ignore-unfixed", ""),
        ("trivy image --ignore-unfixed vigie:1 --severity HIGH,CRITICAL --exit-code 1", ""),
        ("{} --quiet vigie:1 >rapport.txt", ""),
        ("{} --input vigie.tar", ""),
        ("{}", "pas-une-commande-trivy"),
        ("{} --format json", "pas-une-commande-trivy"),
        ("{} vigie:1 || true", "pas-une-commande-trivy"),
        ("{} vigie:1; true", "pas-une-commande-trivy"),
        ("{} vigie:1 autre:2", "pas-une-commande-trivy"),
        ('trivy image "', "pas-une-commande-trivy"),
    ],
)
def test_the_command_of_the_rule(command: str, expected: str) -> None:
    rule = "trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed"
    assert mistake(lambda: phase4._check_trivy(command.format(rule))) == expected


def test_logical_lines() -> None:
    text = "a \\\n  b\n# rien\nc |\n d # fin\ne '\n# f'\ncat <<X\nl'un\nX\ng() {\n h\n}\ng"
    found = shell.lines(text)
    assert [(line.number, " ".join(line.text.split())) for line in found] == [
        (1, "a b"), (4, "c | d"), (6, "e ' # f'"), (8, "cat <<X"), (11, "g() {"), (12, "h"),
        (13, "}"), (14, "g"),
    ]  # fmt: skip
    assert found[3].here == "l'un"
    order = shell.flow(found)
    assert order is not None and [line.number for line in order] == [1, 4, 6, 8, 14, 12]


@pytest.mark.parametrize("piece", ["login ", "echo ${a} ", "docker login ", "'", "f(){ f\n", "x="])
def test_a_script_made_to_be_slow_is_read_quickly(piece: str) -> None:
    line = (piece * shell.LINE_LIMIT)[: shell.LINE_LIMIT - 1]
    text = (line + "\n") * 15
    begin = time.monotonic()
    for reading in (signing, chain):
        with contextlib.suppress(Mistake):
            reading(text)
    mistake(lambda: phase4._check_guard("x", text))
    assert time.monotonic() - begin < 20
