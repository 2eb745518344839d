"""`./atelier hub …`: what each verb does to the running hub, and French for what it refuses."""

import io
import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.workshop.hub.people import PASSWORD, Hub
from workshop import cli, engine
from workshop.hub import classlist, commands, network, switches
from workshop.hub.store import open_store
from workshop.lab import ROOT, Lab

Atelier = Callable[..., tuple[int, str, str]]


def tool(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Atelier:
    """The command line on the hub of `state`: exit code, output, errors (spaces made plain)."""
    monkeypatch.setenv("ATELIER_ETAT", str(state))

    def run(*arguments: str, given: str | bytes = "") -> tuple[int, str, str]:
        raw = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), "utf-8"))
        code = cli.main(["hub", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err.replace("\u00a0", " ").replace("\u202f", " ")

    return run


@pytest.fixture
def atelier(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Atelier:
    return tool(hub.state, monkeypatch, capsys)


def test_accounts(atelier: Atelier, hub: Hub) -> None:
    code, out, err = atelier("compte", "creer", "aya", given=PASSWORD + "\r\n")
    assert (code, out) == (0, "") and "Le compte « aya » est créé sur localhost:" in err
    assert hub.token("repository:aya/app:push", "aya")
    assert "aya" in atelier("compte", "lister")[1].split()
    assert atelier("compte", "mot-de-passe", "aya", given="Un-autre-secret-7\n")[0] == 0
    auth = ("aya", PASSWORD)
    assert requests.get(f"{hub.url}/auth/token", auth=auth, timeout=10).status_code == 401
    assert hub.token("repository:aya/app:push", "aya", secret="Un-autre-secret-7")


def test_tokens(atelier: Atelier, hub: Hub) -> None:
    created = ("jeton", "creer", "lea", "de-commande", "--portee", "read", "--jours", "3")
    code, secret, err = atelier(*created, "--brut")
    assert (code, err) == (0, "") and len(secret.split()) == 1
    assert hub.token("repository:lea/secret:pull", "lea", secret=secret.strip())
    assert "ne sera plus jamais montré" in atelier(*created)[2]
    listed = [row for row in atelier("jeton", "lister", "lea")[1].splitlines() if "de-comm" in row]
    assert len(listed) == 2 and all("read" in row and "jusqu" in row for row in listed)
    assert atelier("jeton", "revoquer", "lea", "de-commande")[0] == 0
    listed = [row for row in atelier("jeton", "lister", "lea")[1].splitlines() if "de-comm" in row]
    assert all(row.endswith("révoqué") for row in listed)
    auth = ("lea", secret.strip())
    assert requests.get(f"{hub.url}/auth/token", auth=auth, timeout=10).status_code == 401


def test_organisations_teams_and_repositories(atelier: Atelier, hub: Hub) -> None:
    def allowed() -> str:
        token = hub.token("repository:atlas/carte:pull,push", "nadia")
        answers = (hub.ask("GET", "atlas/carte/tags/list", token).status_code,
                   hub.ask("POST", "atlas/carte/blobs/uploads/", token).status_code)  # fmt: skip
        return {(401, 401): "nothing", (404, 401): "read", (404, 202): "write"}[answers]

    assert atelier("organisation", "creer", "atlas", "--proprietaire", "lea")[0] == 0
    assert atelier("equipe", "creer", "atlas", "cartes")[0] == 0
    assert atelier("equipe", "ajouter", "atlas", "cartes", "nadia")[0] == 0
    assert atelier("depot", "creer", "atlas/carte", "--prive")[0] == 0
    assert allowed() == "nothing"
    for level in ("read", "write"):
        code, _, err = atelier("equipe", "droit", "atlas", "cartes", "atlas/carte", level)
        assert code == 0 and allowed() == level
        assert {"read": ": lecture", "write": ": écriture"}[level] in err
    assert atelier("equipe", "retirer", "atlas", "cartes", "nadia")[0] == 0
    assert allowed() == "nothing"
    assert atelier("depot", "decrire", "atlas/carte", "Les côtes de Bretagne")[0] == 0
    assert "atlas/carte  privé  Les côtes de Bretagne" in atelier("depot", "lister")[1]
    assert atelier("depot", "visibilite", "atlas/carte", "public")[0] == 0
    assert allowed() == "read"
    assert atelier("equipe", "ajouter", "atlas", "cartes", "nadia")[0] == 0
    assert allowed() == "write"
    assert atelier("equipe", "droit", "atlas", "cartes", "atlas/carte", "aucun")[0] == 0
    assert allowed() == "read"
    journal = atelier("journal")[1]
    assert "visibility-changed" in journal and "atlas/carte" in journal


def test_switches_are_turned_and_all_taken_off(atelier: Atelier, hub: Hub) -> None:
    try:
        assert atelier("regler", "--limite", "3", "--lent", "1000000")[0] == 0
        assert switches.load(hub.state) == switches.Switches(pull_limit=3, slow=1_000_000)
        code, _, err = atelier("regler", "--lent", "0")
        assert code == 1 and "nombres positifs" in err
        assert switches.load(hub.state).slow == 1_000_000
        code, _, err = atelier("regler", "--lent", "2000000")
        assert code == 0 and "3 téléchargements" in err and "2,0 Mo par seconde" in err
        assert switches.load(hub.state) == switches.Switches(pull_limit=3, slow=2_000_000)
    finally:
        code, _, err = atelier("regler")
    assert code == 0 and "aucun réglage" in err
    assert switches.load(hub.state) == switches.Switches()


def test_etat_shows_what_is_turned(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATELIER_ETAT", str(hub.state))
    monkeypatch.setenv("ATELIER_TRAVAIL", str(tmp_path))
    monkeypatch.setattr(engine, "find", lambda state: None)
    hub.turn(slow=200_000)
    try:
        cli.main(["etat"])
    finally:
        hub.turn()
    assert "200,0 ko par seconde" in capsys.readouterr().out.replace("\u00a0", " ")


def test_what_others_wrote_cannot_drive_a_terminal(atelier: Atelier, hub: Hub) -> None:
    store = open_store(hub.state)
    store.create_repository("lea/piege", description="# Un **piège**\x1b[2J\n\nlea/faux  public")
    store.create_token("lea", "piège\n\x1b[1mfaux", "read")
    store.close()
    line = "01/01 00:00:00  lea              push                 lea/app"
    for account in (f"x\n{line}", "\x1b[2J"):
        requests.get(f"{hub.url}/auth/token", auth=(account, "faux"), timeout=10)
    told = atelier("depot", "lister")[1]
    assert "lea/piege  public  Un piège\N{REPLACEMENT CHARACTER}[2J\n" in told
    assert "lea/faux" not in told
    for arguments in (("journal",), ("depot", "lister"), ("jeton", "lister", "lea")):
        told = atelier(*arguments)[1]
        assert "\x1b" not in told and line not in told.splitlines() and "\nfaux" not in told


def test_lists_are_also_told_as_json(atelier: Atelier, hub: Hub) -> None:
    assert "lea" in json.loads(atelier("compte", "lister", "--json")[1])
    assert json.loads(atelier("depot", "lister", "--json")[1])["lea/secret"]["private"] is True
    tokens = json.loads(atelier("jeton", "lister", "lea", "--json")[1])
    assert tokens and all(token["account"] == "lea" for token in tokens)


def test_a_reader_that_goes_away_is_no_full_disk(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(*arguments: object, **options: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(commands, "print", gone, raising=False)
    with pytest.raises(BrokenPipeError):
        commands.run(Lab(hub.state, hub.state), Namespace(thing="compte", action="lister", json=0))


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (["compte", "creer", "lea"], PASSWORD, "Le nom « lea » est déjà pris"),
        (["compte", "creer", "library"], PASSWORD, "Le nom « library » est déjà pris"),
        (["compte", "creer", "Aya"], PASSWORD, "de 2 à 30 lettres minuscules"),
        (["compte", "creer", "neuve"], "court", "au moins 9 caractères"),
        (["compte", "creer", "neuve"], "", "au moins 9 caractères"),
        (["compte", "creer", "neuve"], "neuve-2026", "se devine"),
        (["compte", "creer", "neuve"], b"motdepasse\xe9\n", "pas du texte en UTF-8"),
        (["compte", "mot-de-passe", "neuve"], PASSWORD, "Le compte « neuve » n’existe pas"),
        (["jeton", "creer", "neuve", "ci", "--portee", "read"], "", "n’existe pas"),
        (["jeton", "creer", "lea", "ci", "--portee", "read", "--jours", "0"], "", "1 à 3650"),
        (["jeton", "creer", "lea", "ci", "--portee", "read", "--jours", "99999999"], "", "3650"),
        (["jeton", "revoquer", "lea", "absent"], "", "pas de jeton actif « absent »"),
        (["organisation", "creer", "karim", "--proprietaire", "lea"], "", "déjà pris"),
        (["organisation", "creer", "neuve", "--proprietaire", "nul"], "", "« nul » n’existe pas"),
        (["equipe", "creer", "nulle", "a1"], "", "L’organisation « nulle » n’existe pas"),
        (["equipe", "ajouter", "maison", "nulle", "lea"], "", "L’équipe « nulle » n’existe pas"),
        (["equipe", "droit", "maison", "lecture", "lea/secret", "read"], "", "n’appartient pas"),
        (["depot", "creer", "Maison/App"], "", "il s’écrit `espace/nom`"),
        (["depot", "creer", "nulle/app"], "", "L’espace « nulle » n’existe pas"),
        (["depot", "creer", "lea/secret"], "", "existe déjà"),
        (["depot", "creer", "moi/cache", "--prive"], "", "ouvert à tous"),
        (["depot", "decrire", "lea/secret", "\udcff"], "", "pas du texte en UTF-8"),
        (["jeton", "creer", "lea", "\udcff", "--portee", "read"], "", "pas du texte en UTF-8"),
        (["depot", "visibilite", "lea/rien", "prive"], "", "`lea/rien` n’existe pas"),
        (["depot", "decrire", "lea/secret", "x" * 25_001], "", "au plus 25000"),
    ],
)  # fmt: skip
def test_refusals_are_one_french_line(
    atelier: Atelier, hub: Hub, arguments: list[str], given: str | bytes, words: str
) -> None:
    code, out, err = atelier(*arguments, given=given)
    assert (code, out) == (1, "") and words in err, err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["compte"], ["compte", "effacer"], ["jeton", "creer", "lea", "ci"],
     ["jeton", "creer", "lea", "ci", "--portee", "tout"], ["regler", "--limite", "x"],
     ["depot", "visibilite", "lea/app", "secret"]],
)  # fmt: skip
def test_a_wrong_line_is_told_how_to_ask(atelier: Atelier, arguments: list[str]) -> None:
    code, out, err = atelier(*arguments)
    assert (code, out) == (2, "") and "--aide" in err and "Traceback" not in err


def test_a_damaged_database_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    atelier = tool(tmp_path, monkeypatch, capsys)
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "hub.db").write_bytes(b"rubbish " * 1000)
    code, _, err = atelier("compte", "lister")
    assert code == 3 and "ce fichier est abîmé" in err and "restaurer" in err


def test_the_real_command_line(hub: Hub) -> None:
    """As a program of its own: a password through a pipe, a name that is wrong."""
    env = os.environ | {"ATELIER_ETAT": str(hub.state), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workshop.cli", "hub", "compte", "creer", "Zoé"],
        input=PASSWORD, capture_output=True, text=True, env=env, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("«\u00a0Zoé\u00a0» n’est pas un nom possible"), done.stderr


# The class list (`ouvrir-au-reseau --classe`; the opening itself: test_network.py).


def people(tmp_path: Path, content: str | bytes) -> tuple[list[str], list[str]]:
    """The accounts that a list names, and what is said of it."""
    path = tmp_path / "classe.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found, said = classlist.read(path)
    return [person.account for person in found], said


@pytest.mark.parametrize(
    ("content", "accounts"),
    [
        ("aya\nbob-2\n", ["aya", "bob-2"]),
        ("Léa Martin\r\n\r\n  Zoé D’Œuvre  \r\n", ["lea-martin", "zoe-d-oeuvre"]),
        ("compte;groupe\naya;A\nbob;B\n", ["aya", "bob"]),
        ("Nom,Prénom\nMartin,Léa\n\"Le Goff\",Yann\n", ["lea.martin", "yann.le-goff"]),
        ("PRENOM\tNOM\nIñaki\tŁukasz\n", ["inaki.lukasz"]),
        ("nom\nMartin\n", ["martin"]),
        ("Prénom;Nom;Identifiant\nLéa;Martin;lmartin26\n", ["lmartin26"]),
        ("\ufeffpseudonyme\naya", ["aya"]),
        ("Prénom;Nom\nLéa;\n;Martin\n", ["lea", "martin"]),
    ],
)  # fmt: skip
def test_class_lists_as_teachers_have_them(
    tmp_path: Path, content: str, accounts: list[str]
) -> None:
    assert people(tmp_path, content) == (accounts, [])


def test_somebody_written_twice_is_told(tmp_path: Path) -> None:
    found, said = people(tmp_path, "aya\nbob\n\nAya\n")
    assert found == ["aya", "bob"]
    assert len(said) == 1 and "2 fois" in said[0] and "lignes 1, 4" in said[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Léa\n".encode("latin-1"), "pas du texte en UTF-8"),
        ("Léa\n".encode("utf-16"), "pas du texte en UTF-8"),
        (b"PK\x03\x04\0\0", "pas une liste"),
        (b"", "ne nomme personne"),
        (b"\n  \n\n", "ne nomme personne"),
        (b"compte\n", "ne nomme personne"),
        ("Martin;Léa\nHervy;Nicolas\n", "nommez-les sur une première ligne"),
        ("aya\n?\n", "Ligne 2, « ? »"),
        ("aya\n" + "a" * 40 + "\n", "de 2 à 30 lettres"),
        ("aya\n李雷\n", "Ligne 2, « 李雷 »"),
        ("aya\nlibrary\n", "Le nom « library » est déjà pris"),
        ("aya\nmaison\n", "Le nom « maison » est déjà pris"),
        ("?\n!\n\n…\n.\n-\n", "Et 2 autres"),
    ],
)  # fmt: skip
def test_a_class_list_that_will_not_do_makes_nobody(
    atelier: Atelier, hub: Hub, tmp_path: Path, content: str | bytes, words: str
) -> None:
    path = tmp_path / "classe.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = atelier("compte", "lister")[1]
    code, out, err = atelier("ouvrir-au-reseau", "--classe", str(path))
    assert (code, out) == (3, "") and words in err, err
    assert len(err.splitlines()) == 1
    assert atelier("compte", "lister")[1] == before
    assert network.opening(hub.state) is None, "nor is the hub opened"


def test_a_class_list_that_is_not_there_is_told(atelier: Atelier, tmp_path: Path) -> None:
    for path, words in ((tmp_path / "absent.csv", "n’existe pas"), (tmp_path, "un dossier")):
        code, _, err = atelier("ouvrir-au-reseau", "--classe", str(path))
        assert code == 3 and words in err
