"""The journal keeps what happened, and survives what happens to it."""

import multiprocessing
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.exercise import catalogue
from checks.outcome import EnvironmentProblem, Result, Status
from workshop.journal import MIGRATIONS, Journal, next_hint

FAILED = Result("2.1", "Titre", Status.FAILED, 0, 2, mistake="sans-nom", message="…")
PASSED = replace(FAILED, status=Status.PASSED, points=2, mistake=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "espace é?#" / "journal.sqlite"


def test_progress_is_the_best_ever(path: Path) -> None:
    journal = Journal(path)
    assert journal.progress(list(catalogue().values()))["points"] == 0
    assert not path.exists(), "reading makes nothing"
    journal.record([PASSED])
    journal.record([FAILED])
    assert journal.passed() == {"2.1": 2}
    assert journal.attempts("2.1") == 2
    progress = journal.progress(list(catalogue().values()))
    assert (progress["points"], progress["passed"]) == (2, 1)
    (entry,) = (each for each in progress["exercises"] if each["id"] == "2.1")
    assert entry | {"title": ""} == {
        "id": "2.1", "title": "", "phase": 2, "passed": True, "points": 2, "max_points": 2,
        "attempts": 2, "hints": 0, "solution_shown": False,
    }  # fmt: skip


def test_the_last_mistake_is_forgotten_by_a_success(path: Path) -> None:
    journal = Journal(path)
    assert journal.last_mistake("2.1") is None
    journal.record([FAILED])
    journal.record([replace(FAILED, status=Status.ENVIRONMENT, mistake=None)])
    assert journal.last_mistake("2.1") == "sans-nom"
    journal.record([PASSED])
    assert journal.last_mistake("2.1") is None


def test_only_judgements_are_attempts(path: Path) -> None:
    others = (Status.ENVIRONMENT, Status.BLOCKED, Status.ERROR)
    Journal(path).record([replace(FAILED, status=status, mistake=None) for status in others])
    assert Journal(path).attempts("2.1") == 0


def test_hints_advance_and_the_first_fits_the_mistake(path: Path) -> None:
    journal, exercise = Journal(path), catalogue()["2.1"]
    journal.record([FAILED])
    given = [next_hint(journal, exercise) for _ in range(4)]
    assert [level for level, _ in given] == [1, 2, 3, 3]
    assert given[0][1] == exercise.mistakes["sans-nom"].hint
    assert given[1][1] == exercise.hints[1]
    journal.solution_shown("2.1")
    journal.solution_shown("2.1")
    row = journal.progress([exercise])["exercises"][0]
    assert row["hints"] == 3 and row["solution_shown"]


def test_another_mistake_starts_again_with_its_own_hint(path: Path) -> None:
    journal, exercise = Journal(path), catalogue()["2.1"]
    journal.record([FAILED])
    assert [next_hint(journal, exercise)[0] for _ in range(2)] == [1, 2]
    journal.record([replace(FAILED, mistake="mauvais-nom")])
    assert next_hint(journal, exercise) == (1, exercise.mistakes["mauvais-nom"].hint)
    assert next_hint(journal, exercise) == (2, exercise.hints[1])


def write_many(path: str) -> None:
    for _ in range(20):
        Journal(Path(path)).record([FAILED])


def test_processes_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(path),)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert Journal(path).attempts("2.1") == 60


DAMAGES = {
    "text": lambda data: b"ceci n'est pas une base" * 400,
    "zeros": lambda data: bytes(4096),
    "cut": lambda data: data[:4096],
    "scrambled": lambda data: data[:100] + b"\xff" * (len(data) - 100),
    "another base": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("first", ["read", "write"])
def test_a_damaged_file_is_kept_aside(path: Path, damage: str, first: str) -> None:
    Journal(path).record([PASSED])
    if scramble := DAMAGES[damage]:
        path.write_bytes(scramble(path.read_bytes()))
    else:
        path.unlink()
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE attempts (a)")
            database.execute("PRAGMA user_version = 1")
    damaged = path.read_bytes()
    journal = Journal(path)
    if first == "read":
        assert journal.passed() == {}
    else:
        journal.record([FAILED])
    assert "abîmé" in journal.notice
    kept = list(path.parent.glob("journal.sqlite.abime-*"))
    assert [file.read_bytes() for file in kept] == [damaged]
    journal.record([PASSED])
    assert Journal(path).passed() == {"2.1": 2} and not Journal(path).notice


def break_and_write(path: str) -> None:
    Journal(Path(path)).record([FAILED])


def test_two_processes_that_find_the_damage_keep_one_copy(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x" * 9000)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=break_and_write, args=(str(path),)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(list(path.parent.glob("journal.sqlite.abime-*"))) == 1
    assert Journal(path).attempts("2.1") == 4


def test_a_later_version_of_the_course_is_left_as_it_is(path: Path) -> None:
    Journal(path).record([PASSED])
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE attempts ADD COLUMN later TEXT")
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    journal = Journal(path)
    assert journal.passed() == {"2.1": 2} and not journal.notice
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 1


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, full but for a few bytes."""
    folder = tmp_path / "plein"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_reading_goes_on(full_disk: Path) -> None:
    path = full_disk / "journal.sqlite"
    Journal(path).record([PASSED])
    with (full_disk / "rempli").open("wb", buffering=0) as stream, pytest.raises(OSError):
        while True:
            stream.write(bytes(4096))
    with pytest.raises(EnvironmentProblem, match="disque plein"):
        Journal(path).record([FAILED] * 200)
    assert Journal(path).passed() == {"2.1": 2}
    (full_disk / "rempli").unlink()
    Journal(path).record([FAILED])
    assert Journal(path).attempts("2.1") == 2


def test_a_read_only_disk_is_said_and_reading_goes_on(full_disk: Path) -> None:
    path = full_disk / "journal.sqlite"
    Journal(path).record([PASSED])
    subprocess.run(["mount", "-o", "remount,ro", str(full_disk)], check=True)
    journal = Journal(path)
    with pytest.raises(EnvironmentProblem, match=r"journal\.sqlite"):
        journal.record([FAILED])
    assert journal.passed() == {"2.1": 2}
    with pytest.raises(EnvironmentProblem):
        Journal(full_disk / "neuf" / "journal.sqlite").record([FAILED])
    assert Journal(full_disk / "neuf" / "journal.sqlite").passed() == {}


def test_a_damaged_file_on_a_read_only_disk_is_an_empty_journal(full_disk: Path) -> None:
    path = full_disk / "journal.sqlite"
    path.write_bytes(b"x" * 5000)
    subprocess.run(["mount", "-o", "remount,ro", str(full_disk)], check=True)
    journal = Journal(path)
    assert journal.passed() == {} and journal.notice
    with pytest.raises(EnvironmentProblem):
        journal.record([FAILED])
