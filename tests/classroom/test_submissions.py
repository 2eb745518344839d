"""Submissions: the mark comes from evidence; forged, damaged or hostile ones are refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.exercise import catalogue
from checks.material import phase2
from checks.outcome import EnvironmentProblem
from checks.runner import run
from classroom.grade import grade
from classroom.submit import BLOBS, DOCUMENT, submit
from tests.conftest import LEARNER, run_script
from tests.workshop.test_cli import atelier
from workshop.lab import ROOT, Lab


@pytest.fixture
def solved(lab: Lab, tmp_path: Path) -> Path:
    """A submission where 2.1, 2.3, 2.6 and 2.7 are solved, 2.4 is wrong, the rest untouched."""
    for id in ("2.1", "2.3", "2.6", "2.7"):
        code, output = run_script(lab, ROOT / "solutions" / f"{id}.sh")
        assert code == 0, output
    run_script(lab, ROOT / "tests" / "mistakes" / "2.4" / "encore-sans-nom.sh")
    path = tmp_path / "rendu.zip"
    submit(lab.evidence(), path)
    return path


def statuses(path: Path) -> dict[str, str]:
    return {result.exercise: str(result.status) for result in grade(path).results}


def rewrite(path: Path, edit: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    edit(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def edit_document(change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    def edit(members: dict[str, bytes]) -> None:
        document = json.loads(members[DOCUMENT])
        change(document)
        members[DOCUMENT] = json.dumps(document).encode()

    return edit


def test_graded_in_another_process_without_engine_it_says_the_same(
    solved: Path, lab: Lab, tmp_path: Path
) -> None:
    live = {r.exercise: (r.status, r.mistake) for r in run(catalogue(), lab.evidence())}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workshop.cli", "corriger", str(solved), "--json"],
        capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DOCKER_HOST": "unix:///non",
             "ATELIER_ETAT": str(tmp_path / "rien"), "ATELIER_TRAVAIL": str(tmp_path / "rien")},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (report,) = json.loads(done.stdout)
    graded = {r["exercise"]: (r["status"], r["mistake"]) for r in report["results"]}
    assert graded == {id: (str(status), mistake) for id, (status, mistake) in live.items()}
    # 1.4 comes with 2.1, which downloads the same image.
    solved_ids = ("1.4", "2.1", "2.3", "2.6", "2.7")
    assert report["points"] == sum(catalogue()[id].points for id in solved_ids)
    assert report["identity"]["id"] == lab.identity.id


def test_it_is_small_and_holds_no_verdict(solved: Path) -> None:
    assert solved.stat().st_size < 2 << 20
    with zipfile.ZipFile(solved) as file:
        text = file.read(DOCUMENT).decode()
    assert "passed" not in text and "points" not in text


def test_a_status_that_the_learner_writes_is_ignored(solved: Path) -> None:
    before = statuses(solved)
    rewrite(
        solved,
        edit_document(
            lambda d: d.update(results=[{"exercise": "2.9", "status": "passed"}], points=31)
        ),
    )
    assert statuses(solved) == before


def test_somebody_else_s_work_under_my_name_is_a_copy(solved: Path) -> None:
    rewrite(solved, edit_document(lambda d: d["identity"].update(id="0badcafe")))
    results = {result.exercise: result for result in grade(solved).results}
    assert results["2.1"].mistake == "copie"
    assert not any(result.passed for result in results.values())


def test_a_changed_piece_is_noticed(solved: Path) -> None:
    def edit(members: dict[str, bytes]) -> None:
        for name in members:
            if name.startswith(BLOBS):
                members[name] = members[name][:-1] + b"!"

    rewrite(solved, edit)
    # 1.4 rests on no piece: what the engine says of an image is in the document itself.
    assert {id for id, status in statuses(solved).items() if status == "passed"} <= {"1.4"}


def test_a_renamed_archive_cannot_pretend_to_be_compressed(lab: Lab, tmp_path: Path) -> None:
    """The record of a whole archive is its bytes: claims about it are not read."""
    run_script(lab, ROOT / "tests" / "mistakes" / "2.3" / "renommee-sans-compresser.sh")
    path = tmp_path / "rendu.zip"
    submit(lab.evidence(), path)

    def claim(document: Any) -> None:
        document["archives"]["atlas.tar.gz"]["compression"] = ["gzip"]

    rewrite(path, edit_document(claim))
    assert statuses(path)["2.3"] == "failed"


def test_a_personal_layer_cannot_be_left_behind(solved: Path) -> None:
    """Replacing a small layer by its expected digest does not make the archive whole."""

    def forge(document: Any) -> None:
        for piece in document["archives"]["outil-1.2.tar"]["content"]:
            if "blob" in piece:
                piece["omitted"] = piece.pop("blob")
                piece["diff_id"] = phase2.outil(LEARNER, "1.2").own_diff_ids[0]

    rewrite(solved, edit_document(forge))
    assert statuses(solved)["2.1"] != "passed"


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("archives"),
        lambda d: d.pop("identity"),
        lambda d: d.update(version=99),
        lambda d: d.update(archives=[1, 2]),
        lambda d: d["identity"].update(id="../../etc/passwd"),
        lambda d: d["archives"].update({"outil-1.2.tar": {"blob": "../../../etc/passwd"}}),
        lambda d: d["archives"].update({"outil-1.2.tar": {"content": [{"blob": 7, "size": -1}]}}),
        lambda d: d["images"].update({next(iter(d["images"]), "x"): {"id": 3}}),
    ],
)
def test_a_twisted_document_never_crashes_the_grader(
    solved: Path, damage: Callable[[Any], Any]
) -> None:
    rewrite(solved, edit_document(lambda d: damage(d) and None))
    try:
        found = statuses(solved)
    except EnvironmentProblem as problem:
        assert "rendu lisible" in str(problem)
    else:
        assert "error" not in found.values()
        assert "environment" in found.values()


def spoil(path: Path, what: str) -> None:
    """Damage a ZIP where its reader trips in another way."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        entry = file.getinfo(DOCUMENT)
    start = entry.header_offset
    directory = data.index(b"PK\x01\x02")
    while data[directory + 46 : directory + 46 + len(DOCUMENT)] != DOCUMENT.encode():
        directory = data.index(b"PK\x01\x02", directory + 4)
    if what == "deflate":
        body = start + 30 + len(DOCUMENT)
        data[body : body + 64] = b"\xff" * 64
    elif what == "encrypted":
        data[start + 6] |= 1
        data[directory + 8] |= 1
    else:
        method = {"lzma": 14, "unknown": 99}[what]
        data[start + 8 : start + 10] = data[directory + 10 : directory + 12] = bytes((method, 0))
    path.write_bytes(data)


@pytest.mark.parametrize("what", ["deflate", "encrypted", "unknown", "lzma"])
def test_a_damaged_zip_does_not_stop_the_others(solved: Path, tmp_path: Path, what: str) -> None:
    bad = tmp_path / "abime.zip"
    with zipfile.ZipFile(solved) as file, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as out:
        for name in file.namelist():
            out.writestr(name, file.read(name))
    spoil(bad, what)
    for verb in ("corriger", "fiche"):
        done = atelier(
            verb,
            str(bad),
            str(solved),
            "--json",
            *(["--vers", str(tmp_path)] if verb == "fiche" else []),
        )
        assert done.returncode == 3 and "Traceback" not in done.stderr
        assert "abime.zip" in done.stderr
        assert len(json.loads(done.stdout)) == 2


@pytest.mark.parametrize("pseudonym", ["x" * 101, {"a": 1}, None, 7])
def test_a_pseudonym_that_is_no_name_is_refused(solved: Path, pseudonym: object) -> None:
    rewrite(solved, edit_document(lambda d: d["identity"].update(pseudonym=pseudonym)))
    with pytest.raises(EnvironmentProblem, match="rendu lisible"):
        grade(solved)


@pytest.mark.parametrize("pseudonym", ["\x1b[2J\u202efin", "\ud800"])
def test_a_pseudonym_never_reaches_the_terminal_raw(solved: Path, pseudonym: str) -> None:
    rewrite(solved, edit_document(lambda d: d["identity"].update(pseudonym=pseudonym)))
    for arguments in ([], ["--json"]):
        done = atelier("corriger", str(solved), *arguments)
        assert done.returncode == 1, done.stderr
        assert not set("\x1b\u202e") & set(done.stdout + done.stderr)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"bonjour", b"\0" * 1000])
def test_a_file_that_is_no_submission_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rendu.zip"
    path.write_bytes(content)
    with pytest.raises(EnvironmentProblem, match="rendu lisible"):
        grade(path)
    with pytest.raises(EnvironmentProblem, match="rendu lisible"):
        grade(tmp_path / "absent.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "rendu.zip"
    blob = b"\0" * (100 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(DOCUMENT, "{}")
        file.writestr(BLOBS + hashlib.sha256(blob).hexdigest(), blob)
    with pytest.raises(EnvironmentProblem, match="trop grand"):
        grade(path)
