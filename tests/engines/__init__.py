"""The engines that exercises are proven on, started for a test and stopped after it.

`docker-20.10` is Debian 12's, started as the workshop does. `docker-26.1` and
`docker-26.1-containerd` are Debian 13's, from a root file system made once by mmdebstrap, entered
by `unshare --mount` and `pivot_root`; they share the host's network, so `localhost` is the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from checks.outcome import EnvironmentProblem
from workshop import engine as workshop_engine
from workshop import process
from workshop.debian import ensure_programs

NAMES = ("docker-20.10", "docker-26.1", "docker-26.1-containerd")
_PACKAGES = "docker.io,docker-cli,xz-utils,ca-certificates"
_ENTER = Path(__file__).with_name("enter.sh")


@contextlib.contextmanager
def engine(name: str, folder: Path, mirror: str | None) -> Iterator[workshop_engine.Engine]:
    """An engine that keeps everything in `folder`; stopped, with what it mounted, at the end.

    Raises `EnvironmentProblem` for an unknown name or an engine that cannot be had here.
    """
    if name not in NAMES:
        raise EnvironmentProblem(f"Moteur inconnu : {name}. Choix : {', '.join(NAMES)}.")
    ensure_programs(workshop_engine.PROGRAMS, print)
    workshop_engine.stop_in(folder)  # what a killed run left
    folder.mkdir(parents=True, exist_ok=True)
    address = workshop_engine.address_of(folder)
    try:
        if name == "docker-20.10":
            workshop_engine.configure(folder, mirror)
            workshop_engine.start(folder)
        else:
            features = {"containerd-snapshotter": name.endswith("-containerd")}
            workshop_engine.configure(folder, mirror, features=features)
            _start_in_root(folder, address)
        found = workshop_engine.ask(address, "embedded")
        if found is None:
            raise EnvironmentProblem(f"Le moteur {name} ne répond pas.")
        yield found
    finally:
        workshop_engine.stop_in(folder)


def _start_in_root(folder: Path, address: str) -> None:
    arguments = ["unshare", "--mount", "bash", str(_ENTER), str(_root()), str(folder)]
    with process.lock(workshop_engine.START_LOCK):
        process.start(
            arguments,
            pidfile=folder / "atelier.pid",
            log=folder / "dockerd.log",
            ready=lambda: workshop_engine.answers(address),
            timeout=60,
        )


def _root() -> Path:
    """The Debian 13 root file system, made once (20 s) and kept in the cache."""
    cache = Path(os.environ.get("ATELIER_CACHE", Path.home() / ".cache" / "atelier"))
    root = cache / "debian-13-docker"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            ensure_programs({"mmdebstrap": "mmdebstrap", "unshare": "util-linux"}, print)
            unfinished = cache / "debian-13-docker.part"
            shutil.rmtree(unfinished, ignore_errors=True)
            done = subprocess.run(
                ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", "trixie",
                 str(unfinished)],
                capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise EnvironmentProblem(f"mmdebstrap a échoué : {done.stderr[-300:]}")
            unfinished.rename(root)
    return root
