"""Processes: started once, known again, stopped by pid and nothing else."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from checks.outcome import EnvironmentProblem
from workshop import process


def start(folder: Path, script: str, *, ready: str = "pret", timeout: float = 10) -> int:
    return process.start(
        ["bash", "-c", script], pidfile=folder / "pid", log=folder / "log",
        ready=(folder / ready).exists, timeout=timeout, cwd=folder,
    )  # fmt: skip


def test_a_process_is_started_found_and_stopped_with_its_children(tmp_path: Path) -> None:
    pid = start(tmp_path, "sleep 300 & echo $! > enfant; touch pret; wait")
    assert process.running(tmp_path / "pid") == pid
    child = int((tmp_path / "enfant").read_text())
    assert process.stop(tmp_path / "pid")
    assert process.running(tmp_path / "pid") is None
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text()
    assert not process.stop(tmp_path / "pid"), "twice is not an error"


def test_one_that_will_not_end_is_ended(tmp_path: Path) -> None:
    start(tmp_path, "trap '' TERM; touch pret; while :; do sleep 0.1; done")
    begun = time.monotonic()
    assert process.stop(tmp_path / "pid", timeout=1)
    assert time.monotonic() - begun < 10


def test_a_pid_given_to_somebody_else_is_not_ours(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    (tmp_path / "pid").write_text(f"{stranger.pid} 1\n")
    assert process.running(tmp_path / "pid") is None
    assert not process.stop(tmp_path / "pid")
    assert stranger.poll() is None, "a stranger must live"
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("content", ["", "abc", "1 2 3", "999999999 5"])
def test_a_stale_pid_file_is_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)
    assert process.running(tmp_path / "pid") is None


def test_a_start_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="ne démarre pas"):
        start(tmp_path, "sleep 300", timeout=0.5)
    assert process.running(tmp_path / "pid") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("mkdir: No space left on device", "plein"),
        ("listen tcp: bind: address already in use", "port"),
        ("Permission denied", "droits"),
        ("quelque chose", "quelque chose"),
    ],
)
def test_the_cause_is_told_in_french(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(EnvironmentProblem, match=said):
        start(tmp_path, f"echo '{words}' >&2; exit 1")


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="ne démarre pas"):
        process.start(
            ["/nexiste"], pidfile=tmp_path / "pid", log=tmp_path / "log", ready=bool, timeout=1
        )


def test_the_lock_lets_one_in_at_a_time_and_a_crash_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "verrou"
    code = (
        "import sys, time, pathlib; from workshop.process import lock\n"
        "with lock(pathlib.Path(sys.argv[1])): print('dedans', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "dedans\n"
    entered = threading.Event()

    def wait() -> None:
        with process.lock(path):
            entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not entered.wait(0.3)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert entered.wait(5)
    thread.join()
    holder.stdout.close()
