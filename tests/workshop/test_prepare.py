"""The link to the course's command: it works in the workspace, and nobody takes it for work."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from checks.evidence import COMMAND
from workshop import follow, reset
from workshop.lab import ROOT, Lab
from workshop.prepare import link_command


@pytest.fixture
def place(tmp_path: Path) -> Lab:
    """A workspace outside of the course, that nothing has prepared."""
    place = Lab(tmp_path / "état", tmp_path / "ailleurs" / "travail à moi")
    place.workspace.mkdir(parents=True)
    return place


def linked(place: Lab) -> list[str]:
    said: list[str] = []
    link_command(place, said.append)
    return said


def test_the_command_works_in_the_workspace_wherever_it_is(place: Lab) -> None:
    assert len(linked(place)) == 1 and linked(place) == []
    link = place.workspace / COMMAND
    assert not link.readlink().is_absolute() and link.resolve() == ROOT / COMMAND
    env = os.environ | {"ATELIER_ETAT": str(place.state), "ATELIER_TRAVAIL": str(place.workspace)}
    done = subprocess.run(
        ["./atelier", "catalogue"], cwd=place.workspace, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0 and "2.1" in done.stdout, done.stderr


def test_what_the_learner_has_under_that_name_stays(place: Lab, tmp_path: Path) -> None:
    mine = place.workspace / COMMAND
    mine.write_text("à moi")
    assert linked(place) == [] and mine.read_text() == "à moi"
    assert place.evidence().names("*") == [COMMAND], "a file of theirs is theirs"
    mine.unlink()
    mine.mkdir()
    assert linked(place) == [] and mine.is_dir()
    mine.rmdir()
    mine.symlink_to(tmp_path / "pas-encore-la")
    assert linked(place) == [] and mine.readlink() == tmp_path / "pas-encore-la"


def test_a_course_that_has_moved_is_found_again(place: Lab) -> None:
    (place.workspace / COMMAND).symlink_to("../cours-d-avant/atelier")
    assert len(linked(place)) == 1
    assert (place.workspace / COMMAND).resolve() == ROOT / COMMAND


def test_the_link_is_nobodys_work(place: Lab) -> None:
    evidence, before = place.evidence(), follow._snapshot(place)
    linked(place)
    assert evidence.names("*") == evidence.names("atelie?") == []
    assert COMMAND not in evidence.names("**/*")
    assert follow._snapshot(place) == before
    assert list(reset.files(place.workspace, "*")) == []
    (place.workspace / "a.tar").write_bytes(b"")
    (place.workspace / "lien.tar").symlink_to("a.tar")
    assert evidence.names("*") == ["a.tar", "lien.tar"], "links of the learner's are seen"
