"""The embedded engine under bad conditions: frozen, killed, full disk, far folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.outcome import EnvironmentProblem
from tests import engines
from workshop import engine, process

ROOT = Path(__file__).resolve().parents[2]


def quiet(line: str) -> None:
    """A `say` that says nothing."""


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder of a workshop whose engine is stopped at the end."""
    monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder
    engine.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def docker(address: str, *arguments: str) -> str:
    env = os.environ | {"DOCKER_HOST": address, "DOCKER_CONFIG": "/nexiste"}
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def give_busybox(address: str, folder: Path) -> None:
    root = folder / "racine"
    (root / "bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    subprocess.run(["tar", "-cf", str(folder / "racine.tar"), "-C", str(root), "."], check=True)
    docker(address, "import", str(folder / "racine.tar"), "essai:1")


def rules(folder: Path) -> list[str]:
    """The firewall rules that name the bridge of the engine of `folder`."""
    bridge = json.loads((folder / "engine" / "daemon.json").read_text())["bridge"]
    listed = [
        subprocess.run(["iptables", "-t", table, "-S"], capture_output=True, text=True, check=True)
        for table in ("filter", "nat")
    ]
    return [line for done in listed for line in done.stdout.splitlines() if bridge in line]


def traces(folder: Path) -> list[str]:
    """What is left of the engine of `folder`: processes (not ours), mounts, firewall rules."""
    found = [" ".join(line) for pid, line in process.commands() if pid != os.getpid()]
    found += Path("/proc/mounts").read_text().splitlines()
    left = [line for line in found if str(folder) in line]
    return left + (rules(folder) if (folder / "engine" / "daemon.json").exists() else [])


def test_finding_it_is_quick_and_loads_no_library(state: Path) -> None:
    engine.ensure(state, mirror=None, say=quiet)
    code = (
        "import pathlib, sys, time; from workshop import engine\n"
        "times = []\n"
        "for _ in range(5):\n"
        "    begun = time.perf_counter(); found = engine.find(pathlib.Path(sys.argv[1]))\n"
        "    times.append(time.perf_counter() - begun)\n"
        "assert found and 'docker' not in sys.modules and 'requests' not in sys.modules\n"
        "print(min(times))"
    )
    command = [sys.executable, "-c", code, str(state)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert float(done.stdout) < 0.06


def test_a_frozen_engine_is_replaced(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.ensure(state, mirror=None, say=quiet)
    monkeypatch.setattr(engine, "ANSWER_LIMIT", 1)
    frozen = process.running(state / "engine" / "atelier.pid")
    assert frozen is not None
    os.kill(frozen, signal.SIGSTOP)
    assert engine.ensure(state, mirror=None, say=quiet).version
    assert process.running(state / "engine" / "atelier.pid") not in (None, frozen)
    assert not Path(f"/proc/{frozen}").exists()


def test_a_start_that_never_answers_leaves_nothing(state: Path) -> None:
    folder = state / "engine"
    engine.configure(folder, None)
    with pytest.raises(EnvironmentProblem, match="ne répond toujours pas"):
        engine.start(folder, timeout=0)
    engine.stop_in(folder)
    assert traces(state) == []


def test_an_interrupted_start_leaves_nothing_and_the_next_succeeds(state: Path) -> None:
    code = (
        "import pathlib, sys; from workshop import engine\n"
        "engine.ensure(pathlib.Path(sys.argv[1]), mirror=None, say=print)"
    )
    for delay in (0.1, 0.25, 0.4):
        starter = subprocess.Popen(
            [sys.executable, "-c", code, str(state)], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert starter.stdout is not None and "Démarrage" in starter.stdout.readline()
        time.sleep(delay)
        starter.send_signal(signal.SIGINT)
        if starter.wait(30) != 0:
            assert traces(state) == []
        starter.stdout.close()
    assert engine.ensure(state, mirror=None, say=quiet).version


def test_what_a_killed_engine_ran_is_stopped_too(state: Path) -> None:
    address = engine.ensure(state, mirror=None, say=quiet).address
    assert rules(state), "it has a network"
    give_busybox(address, state)
    docker(address, "run", "--detach", "essai:1", "/bin/busybox", "sleep", "54321")
    pid = process.running(state / "engine" / "atelier.pid")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    engine.stop(state)
    assert traces(state) == []
    assert not [line for _, line in process.commands() if line[-2:] == ["sleep", "54321"]]
    again = engine.ensure(state, mirror=None, say=quiet)
    assert docker(again.address, "images", "--quiet", "essai:1"), "nothing is lost"


def test_others_are_never_stopped(state: Path) -> None:
    """Neither a program that reads our folder, nor another engine, even killed."""
    other = state / "autre"
    with engines.engine("docker-20.10", other, None) as foreign:
        engine.ensure(state, mirror=None, say=quiet)
        reader = subprocess.Popen(["tail", "-f", str(state / "engine" / "dockerd.log")])
        try:
            pid = process.running(state / "engine" / "atelier.pid")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            engine.stop(state)
            assert reader.poll() is None
            assert engine.answers(foreign.address)
        finally:
            reader.kill()
            reader.wait()


def test_a_mirror_that_moved_is_followed_without_a_restart(state: Path) -> None:
    address = engine.ensure(state, mirror="localhost:5000", say=quiet).address
    pid = process.running(state / "engine" / "atelier.pid")
    engine.ensure(state, mirror="localhost:5999", say=quiet)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        mirrors = docker(address, "info", "--format", "{{.RegistryConfig.Mirrors}}")
        if "5999" in mirrors:
            break
        time.sleep(0.05)
    assert "localhost:5999" in mirrors and "5000" not in mirrors
    assert process.running(state / "engine" / "atelier.pid") == pid


def test_a_far_folder_runs_containers(state: Path) -> None:
    far = state / ("tres-loin-" * 14)
    address = engine.ensure(far, mirror=None, say=quiet).address
    try:
        assert len(address) < 60
        give_busybox(address, state)
        assert docker(address, "run", "--rm", "essai:1", "/bin/busybox", "echo", "ici") == "ici"
    finally:
        assert engine.stop(far)
    assert traces(far) == []
    assert not Path(address.removeprefix("unix://")).parent.exists()


@pytest.mark.parametrize("size", ["64k", "1m"])
def test_a_full_disk_is_told_at_every_stage(state: Path, size: str) -> None:
    small = state / "petit"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(small)], check=True)
    if size == "64k":
        with pytest.raises(OSError, match="No space left"):
            (small / "remplissage").write_bytes(b"x" * 100_000)
    else:
        (small / "remplissage").write_bytes(b"x" * 980_000)
    try:
        with pytest.raises(EnvironmentProblem, match=r"plein|place"):
            engine.ensure(small / "etat", mirror=None, say=quiet)
        assert traces(small / "etat") == []
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_engines_that_start_together_do_not_disturb_each_other(state: Path) -> None:
    found: list[str] = []

    def start(number: int) -> None:
        with engines.engine("docker-20.10", state / str(number), None) as started:
            found.append(started.address)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 3


def test_a_killed_run_of_the_test_engines_can_be_run_again(state: Path) -> None:
    code = (
        "import os, pathlib, sys; from tests import engines\n"
        "with engines.engine(sys.argv[2], pathlib.Path(sys.argv[1]), None): os.kill(os.getpid(), 9)"
    )
    name = "docker-26.1-containerd"
    command = [sys.executable, "-c", code, str(state / "moteur"), name]
    assert subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
    with engines.engine(name, state / "moteur", None) as again:
        assert again.store == "containerd"
    assert traces(state) == []
