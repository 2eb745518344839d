"""The journal keeps what happened, and survives what happens to it."""

import sqlite3
import threading
from pathlib import Path

from checks.exercise import catalogue
from checks.outcome import Result, Status
from workshop.journal import MIGRATIONS, Journal, next_hint


def attempt(exercise: str, mistake: str | None) -> Result:
    status = Status.FAILED if mistake else Status.PASSED
    points = 0 if mistake else 2
    return Result(exercise, "Titre", status, points, 2, mistake=mistake)


def test_progress_is_the_best_ever(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.progress(list(catalogue().values()))["points"] == 0
    journal.record([attempt("2.1", None)])
    journal.record([attempt("2.1", "sans-nom")])
    assert journal.passed() == {"2.1": 2}
    assert journal.attempts("2.1") == 2
    assert journal.last_mistake("2.1") == "sans-nom"
    assert journal.progress(list(catalogue().values()))["points"] == 2


def test_the_environment_is_no_attempt(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.record([Result("2.1", "Titre", Status.ENVIRONMENT, 0, 2)])
    assert journal.attempts("2.1") == 0


def test_hints_advance_and_stay_at_the_last(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    levels = [next_hint(journal, catalogue()["2.1"])[0] for _ in range(5)]
    assert levels == [1, 2, 3, 3, 3]


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    def write() -> None:
        for _ in range(10):
            Journal(tmp_path / "j.sqlite").record([attempt("2.1", "sans-nom")])

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Journal(tmp_path / "j.sqlite").attempts("2.1") == 60


def test_the_schema_has_a_version(tmp_path: Path) -> None:
    Journal(tmp_path / "j.sqlite").record([attempt("2.1", None)])
    with sqlite3.connect(tmp_path / "j.sqlite") as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_a_damaged_file_is_set_aside_on_reading_too(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"abime" * 1000)
    journal = Journal(path)
    assert journal.passed() == {}
    assert "mis de côté" in journal.notice
    journal.record([attempt("2.1", None)])
    assert Journal(path).passed() == {"2.1": 2}
