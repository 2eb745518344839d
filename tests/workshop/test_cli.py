"""The command line: exit codes, JSON, and French for whatever goes wrong."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from checks.exercise import catalogue, named
from tests.conftest import run_script
from workshop.lab import ROOT, Lab

SCHEMA = json.loads((ROOT / "checks" / "report" / "result.schema.json").read_text())


def atelier(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "workshop.cli", *arguments],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
        stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip


def kind(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One or two lines of French on stderr, the right code, no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    for word in words:
        assert word in done.stderr


def test_misspelt_words_get_the_nearest() -> None:
    kind(atelier("verifer"), 2, "« verifier »".replace(" ", "\u00a0"))
    kind(atelier("verifier", "2.33"), 2, "« 2.33 »".replace(" ", "\u00a0"), "catalogue")
    kind(atelier("indice"), 2, "Il manque")
    kind(atelier("indice", "2"), 2, "Un seul exercice")
    kind(atelier("verifier", "--couleur"), 2, "Argument inconnu")
    kind(atelier("ouvrir", "--port", "abc"), 2, "nombre entier")


@pytest.mark.parametrize("port", ["-5", "0", "70000"])
def test_a_port_that_is_none_is_refused_before_anything(port: str, tmp_path: Path) -> None:
    env = {"ATELIER_ETAT": str(tmp_path / "e"), "ATELIER_TRAVAIL": str(tmp_path / "t")}
    kind(atelier("ouvrir", f"--port={port}", **env), 2, "de 1 à 65535")
    assert not list(tmp_path.iterdir())


def test_a_sub_verb_names_itself_whole_and_speaks_french() -> None:
    done = atelier("hub", "jeton", "creer", "lea", "x", "--portee", "tout")
    kind(done, 2, "Option --portee", "`./atelier hub jeton creer --aide`")
    kind(atelier("hub", "rien"), 2, "Argument QUOI", "`./atelier hub --aide`")
    kind(atelier("hub", "jeton", "rien"), 2, "Argument ACTION", "`./atelier hub jeton --aide`")
    kind(atelier("verifier", "--json=x"), 2, "Option --json", "aucune valeur")


def test_help_is_french_and_complete() -> None:
    done = atelier("--aide")
    assert done.returncode == 0
    for verb in ("ouvrir", "preparer", "etat", "executer", "catalogue", "verifier", "suivre",
                 "indice", "solution", "reinitialiser", "inspecter", "eprouver", "rendre",
                 "corriger", "tester", "fermer"):  # fmt: skip
        assert f"  {verb} " in done.stdout
        assert atelier(verb, "--aide").stdout.startswith("Emploi\u00a0:")


def test_help_and_phases_answer_to_other_names() -> None:
    assert atelier("help").stdout == atelier("--aide").stdout
    assert "positional" not in atelier("verifier", "--aide").stdout
    for word in ("2", "phase-2", "Phase 2"):
        assert all(id.startswith("2.") for id in named(word)) and "2.10" in named(word)
    assert named("2,7") == ["2.7"]
    assert named("2.77") == named("bonjour") == named("9") == []


def test_reasons_of_the_system_are_french(lab: Lab) -> None:
    kind(atelier("rendre", "--vers", "/introuvable/rendu.zip"), 3, "n’existe pas")
    kind(atelier("corriger", "introuvable.zip"), 3, "n’existe pas")


def test_a_folder_receives_the_submission(lab: Lab, tmp_path: Path) -> None:
    done = atelier("rendre", "--vers", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"rendu-{lab.identity.id}.zip").is_file()


def test_an_incomplete_submission_is_only_written_when_wanted(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "rendu.zip"
    settings = lab.state / "lab.json"
    before = settings.read_text()
    try:
        settings.write_text(json.dumps(json.loads(before) | {"engine": "unix:///nexiste.sock"}))
        done = atelier("rendre", "--vers", str(path), "--json")
        kind(done, 3, "2.5", "moteur Docker", "Aucun rendu", "--quand-meme")
        report = json.loads(done.stdout)
        assert report["file"] is None and not path.exists()
        lost = {row["exercise"]: row["status"] for row in report["missing"]}
        assert lost["2.5"] == "environment" and "2.1" not in lost
        kind(atelier("attestation", "--vers", str(tmp_path)), 3, "2.5", "Rien n’a été écrit")
        assert not list(tmp_path.glob("rendu*"))
        done = atelier("rendre", "--vers", str(path), "--quand-meme")
        kind(done, 0, "2.5")
        assert path.is_file()
    finally:
        settings.write_text(before)


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "Léa\u202e", "\udcff"])
def test_a_name_that_is_none_is_refused(lab: Lab, name: str) -> None:
    kind(atelier("rendre", "--nom", name), 2, "--nom")
    kind(atelier("attestation", "--nom", name), 2, "--nom")
    assert "essai" in (lab.private / "identite.json").read_text()


def test_a_submission_bears_the_name_given(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "rendu.zip"
    assert atelier("rendre", "--nom", "  Ada   Lovelace ", "--vers", str(path)).returncode == 0
    graded = atelier("corriger", str(path)).stdout
    assert "Ada Lovelace (5ea0b0a7)" in graded
    assert "indice" not in graded  # hints are for learners


def test_catalogue_json() -> None:
    rows = json.loads(atelier("catalogue", "--json").stdout)
    assert [row["id"] for row in rows] == list(catalogue())
    assert set(rows[0]) == {"id", "title", "phase", "points", "needs", "mistakes", "hints"}


def test_verifier_json_follows_the_schema_and_the_exit_code_tells(lab: Lab) -> None:
    done = atelier("verifier", "2.1", "2.7", "--json")
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    assert done.returncode == 1
    assert [r["status"] for r in report["results"]] == ["failed", "blocked"]
    code, output = run_script(lab, ROOT / "solutions" / "2.1.sh")
    assert code == 0, output
    done = atelier("verifier", "2.1", "--json")
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    assert (done.returncode, report["points"], report["max_points"]) == (0, 2, 2)
    assert atelier("verifier", "phase-2").returncode == 1


def test_junit_is_written_where_asked(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "rapport.xml"
    atelier("verifier", "2.1", "--junit", str(path))
    assert 'failures="1"' in path.read_text()
    done = atelier("verifier", "2.1", "--junit", "/nexiste/r.xml")
    kind(done, 3, "/nexiste/r.xml")
    assert "outil-1.2.tar" in done.stdout, "the verdict is given all the same"


def test_etat_json(lab: Lab) -> None:
    state = json.loads(atelier("etat", "--json").stdout)
    assert state["engine"]["kind"] == "embedded"
    assert set(state["engine"]) >= {"kind", "version", "store", "address", "client_version"}
    assert state["hub"] == {"address": lab.hub, "running": True}
    assert state["progress"]["max_points"] == sum(e.points for e in catalogue().values())
    assert any(image["name"].startswith("busybox:") for image in state["images"])


def test_executer_gives_the_environment_and_the_exit_code(lab: Lab) -> None:
    assert atelier("executer", "--", "sh", "-c", "exit 7").returncode == 7
    done = atelier("executer", "--", "sh", "-c", 'echo "$HUB $PWD"')
    assert done.stdout.split() == [lab.hub, str(lab.workspace)]
    kind(atelier("executer", "--", "nexistepas"), 127, "introuvable")
    kind(atelier("executer"), 2, "manque la commande")
    (lab.workspace / "texte").write_text("bonjour")
    kind(atelier("executer", "--", "./texte"), 126, "./texte", "accès refusé")
    kind(atelier("executer", "--", "./texte/x"), 126, "./texte/x")
    taken = str(lab.workspace / "texte" / "travail")
    kind(atelier("executer", "--", "true", ATELIER_TRAVAIL=taken), 3, taken)


def test_hints_go_up_to_three_and_follow_the_mistake(lab: Lab) -> None:
    run_script(lab, ROOT / "tests" / "mistakes" / "2.1" / "sans-nom.sh")
    atelier("verifier", "2.1")
    hints = [json.loads(atelier("indice", "2.1", "--json").stdout) for _ in range(4)]
    assert [hint["level"] for hint in hints] == [1, 2, 3, 3]
    assert hints[0]["hint"] == catalogue()["2.1"].mistakes["sans-nom"].hint


def test_the_answer_comes_after_three_attempts(lab: Lab) -> None:
    kind(atelier("solution", "2.1"), 1, "3", "essais")
    assert atelier("solution", "2.1", "--quand-meme").returncode == 0
    for _ in range(3):
        atelier("verifier", "phase-2", "--json")
        atelier("verifier", "--json")
    kind(atelier("solution", "2.2"), 1, "3", "essais")  # checking everything is no attempt
    for _ in range(3):
        atelier("verifier", "2.1")
    assert "docker save" in atelier("solution", "2.1").stdout


def test_after_a_success_there_is_no_hint(lab: Lab) -> None:
    run_script(lab, ROOT / "solutions" / "2.1.sh")
    assert atelier("verifier", "2.1").returncode == 0
    assert "est réussi" in atelier("indice", "2.1").stdout


def test_reinitialiser_undoes_the_exercise_and_nothing_else(lab: Lab) -> None:
    run_script(lab, ROOT / "solutions" / "2.1.sh")
    (lab.workspace / "a-moi.txt").write_text("à moi")
    run_script(lab, f'docker tag busybox "{lab.hub}/cours/outil:latest"')  # not the course's image
    done = atelier("reinitialiser", "2.1", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == ["outil-1.2.tar"]
    assert report["images"] == [f"{lab.hub}/cours/outil:1.2"]
    assert "ne vient pas du cours" in report["kept"][0]
    assert not (lab.workspace / "outil-1.2.tar").exists()
    assert list(lab.private.glob("corbeille/*/outil-1.2.tar")), "moved, not erased"
    assert (lab.workspace / "a-moi.txt").exists()
    assert atelier("verifier", "2.1").returncode == 1
    kind(atelier("reinitialiser"), 2, "Quel exercice")


def test_control_d_at_a_question_means_no(lab: Lab) -> None:
    run_script(lab, ROOT / "solutions" / "2.1.sh")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop.cli", "reinitialiser", "2.1"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        os.close(theirs)
        os.write(ours, b"\x04")
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0 and "Rien n’a été changé" in out and "Traceback" not in out
    assert (lab.workspace / "outil-1.2.tar").exists()


def test_files_alone_are_undone_without_an_engine(tmp_path: Path) -> None:
    env = {"ATELIER_ETAT": str(tmp_path / "e"), "ATELIER_TRAVAIL": str(tmp_path / "t"),
           "DOCKER_HOST": "unix:///introuvable.sock"}  # fmt: skip
    answer = tmp_path / "t" / "reponses" / "2.2.json"
    answer.parent.mkdir(parents=True)
    answer.write_text("{}")
    done = atelier("reinitialiser", "2.2", **env)
    assert done.returncode == 0, done.stderr
    assert "corbeille" in done.stdout and not answer.exists()


def test_suivre_sees_the_answer_arrive(lab: Lab) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-P", "-m", "workshop.cli", "suivre", "2.1", "--json"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["results"][0]["status"] == "failed"
        run_script(lab, ROOT / "solutions" / "2.1.sh")
        status = ""
        while status != "passed":  # the archive may be seen while it is being written
            status = json.loads(process.stdout.readline())["results"][0]["status"]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_inspecter_says_what_a_file_is(lab: Lab) -> None:
    files = [str(lab.workspace / "fournitures" / name) for name in ("epave.tar", "phrase.txt")]
    done = atelier("inspecter", *files, "--json")
    assert done.returncode == 1
    whole, text = json.loads(done.stdout)
    assert (whole["kind"], whole["valid"], text["kind"], text["valid"]) == (
        "docker-save", True, "unknown", False,
    )  # fmt: skip
    assert set(whole) == {
        "version", "file", "kind", "compression", "valid", "problems", "images",
    }  # fmt: skip
    assert set(whole["images"][0]) == {
        "config_digest", "tags", "diff_ids", "history", "architecture", "size",
    }  # fmt: skip
    assert atelier("inspecter", files[0]).returncode == 0
    kind(atelier("inspecter", "/nexiste.tar"), 3, "/nexiste.tar")
    kind(atelier("inspecter", str(lab.workspace)), 3)


def test_without_an_engine_it_is_the_environment(tmp_path: Path) -> None:
    env = {
        "ATELIER_ETAT": str(tmp_path / "etat"),
        "ATELIER_TRAVAIL": str(tmp_path / "travail"),
        "ATELIER_MOTEUR": "embarque",
        "DOCKER_HOST": "unix:///nexiste.sock",
    }
    assert atelier("verifier", "2.1", **env).returncode == 1  # files need no engine
    done = atelier("verifier", "2.5", "--json", **env)
    assert done.returncode == 3
    assert json.loads(done.stdout)["results"][0]["status"] == "environment"
    kind(atelier("reinitialiser", "--tout", **env), 3, "preparer")
    assert atelier("etat", **env).returncode == 3
    assert atelier("fermer", **env).returncode == 0


def test_a_workspace_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    full = tmp_path / "plein"
    full.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(full)], check=True)
    try:
        env = {"ATELIER_ETAT": str(tmp_path / "etat"), "ATELIER_TRAVAIL": str(full)}
        kind(atelier("verifier", "2.1", **env), 3, "dossier de travail")
        kind(atelier("preparer", **env), 3, "dossier de travail")
        kind(atelier("rendre", "--quand-meme", "--vers", str(full / "r.zip")), 3, "lecture seule")
    finally:
        subprocess.run(["umount", str(full)], check=True)


def test_a_full_disk_loses_nothing(lab: Lab, tmp_path: Path) -> None:
    small = tmp_path / "petit"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(small)], check=True)
    try:
        private = small / ".atelier"
        private.mkdir()
        (private / "identite.json").write_bytes((lab.private / "identite.json").read_bytes())
        subprocess.run(["dd", "if=/dev/zero", f"of={small}/remplissage"], capture_output=True)
        done = atelier("verifier", "2.1", "--json", ATELIER_TRAVAIL=str(small))
        assert done.returncode == 1, "the verdict is given all the same"
        assert "journal" in done.stderr and "Traceback" not in done.stderr
        kind(atelier("rendre", ATELIER_TRAVAIL=str(small)), 3, "rendu")
        kind(atelier("rendre", "--nom", "Léa", ATELIER_TRAVAIL=str(small)), 3, "place")
        report = small / "rapport.xml"
        kind(atelier("verifier", "2.1", "--junit", str(report), ATELIER_TRAVAIL=str(small)), 3)
        assert not report.exists()
        assert not list(small.glob("*.part"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_damaged_journal_is_set_aside(lab: Lab) -> None:
    atelier("verifier", "2.1")
    (lab.private / "journal.sqlite").write_bytes(b"ceci n'est pas une base" * 400)
    done = atelier("verifier", "2.1")
    assert done.returncode == 1
    assert "abîmé" in done.stderr
    assert list(lab.private.glob("journal.sqlite.abime-*"))
    assert atelier("verifier", "2.1").stderr == ""
    for verb in (["etat"], ["indice", "2.1"], ["solution", "2.1"]):
        (lab.private / "journal.sqlite").write_bytes(b"ceci n'est pas une base" * 400)
        assert "abîmé" in atelier(*verb).stderr, verb


def test_a_check_during_which_the_engine_dies_loses_nothing(lab: Lab) -> None:
    """A stopped (then resumed) engine: the check waits; a dead one: `environment`."""
    settings = json.loads((lab.state / "lab.json").read_text())
    try:
        (lab.state / "lab.json").write_text(
            json.dumps(settings | {"engine": "unix:///nexiste.sock"})
        )
        start = time.monotonic()
        done = atelier("verifier", "2.5", "--json")
        assert json.loads(done.stdout)["results"][0]["status"] == "environment"
        assert time.monotonic() - start < 20
    finally:
        (lab.state / "lab.json").write_text(json.dumps(settings))


@pytest.mark.parametrize("damage", ["{", '{"id": "zz"}', "[]"])
def test_a_damaged_identity_is_said(lab: Lab, damage: str) -> None:
    (lab.private / "identite.json").write_text(damage)
    kind(atelier("verifier", "2.1"), 3, "identité")
