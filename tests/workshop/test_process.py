"""Processes under bad conditions: interrupted, on a full disk, outlived by what they started."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.outcome import EnvironmentProblem
from workshop import process

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import pathlib, sys
from workshop import process
folder = pathlib.Path(sys.argv[1])
process.start(
    ["bash", "-c", "sleep 300 & touch commence; wait"], pidfile=folder / "pid", log=folder / "log",
    ready=(folder / sys.argv[2]).exists, timeout=60, cwd=folder,
)
"""


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system where files can be created and nothing can be written."""
    folder = tmp_path / "plein"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    with pytest.raises(OSError, match="No space left"):
        (folder / "remplissage").write_bytes(b"x" * 100_000)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def alive(folder: Path) -> list[str]:
    """The processes that work in `folder`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return [command for command in found if command]


def test_what_is_started_outlives_the_starter(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path), "commence"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert process.running(tmp_path / "pid")
    assert len(alive(tmp_path)) == 2
    assert process.stop(tmp_path / "pid")
    assert alive(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_an_interrupted_start_leaves_nothing(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path), "jamais"]
    starter = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while not (tmp_path / "commence").exists():
        time.sleep(0.02)
    starter.send_signal(number)
    assert starter.wait(10) != 0
    assert alive(tmp_path) == []
    assert not (tmp_path / "pid").exists()


def test_a_full_disk_leaves_no_process_behind(full_disk: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="disque est plein"):
        process.start(
            ["sleep", "300"], pidfile=full_disk / "pid", log=full_disk / "log", ready=bool,
            timeout=5, cwd=full_disk,
        )  # fmt: skip
    assert alive(full_disk) == []
    assert not (full_disk / "pid").exists()


def test_a_full_disk_is_told_when_the_log_could_not_be_written(full_disk: Path) -> None:
    elsewhere = full_disk.parent / "pid"
    with pytest.raises(EnvironmentProblem, match="disque est plein"):
        process.start(
            ["bash", "-c", "echo mot; exit 1"], pidfile=elsewhere, log=full_disk / "log",
            ready=bool, timeout=5,
        )  # fmt: skip


def test_the_last_useful_words_are_told(tmp_path: Path) -> None:
    words = (
        'level=info msg="Starting up"\\nlevel=error msg="mot \\\\"utile\\\\""\\nlevel=info msg=fin'
    )
    with pytest.raises(EnvironmentProblem, match='mots : mot "utile"'):
        process.start(
            ["printf", words], pidfile=tmp_path / "pid", log=tmp_path / "log", ready=bool,
            timeout=5,
        )  # fmt: skip


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    with (
        pytest.raises(EnvironmentProblem, match="Impossible d'écrire"),
        process.lock(tmp_path / "fichier" / "verrou"),
    ):
        pass
