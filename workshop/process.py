"""Long-lived processes of ours: started once, found again, stopped by pid and nothing else."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from checks.outcome import EnvironmentProblem, reason

POLL = 0.05
"""Seconds between two looks at a process that starts or stops."""


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, waiting for whoever has it; freed even by a crash.

    Raises `EnvironmentProblem` when the lock cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w")
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {path.parent} ({reason(error)}). Libérez de la place ou "
            "rendez ce dossier inscriptible."
        ) from error
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def start(
    argv: Sequence[str],
    *,
    pidfile: Path,
    log: Path,
    ready: Callable[[], bool],
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> int:
    """Start `argv` in a session of its own and wait until `ready()`; returns its pid.

    `pidfile` gets the pid and the process's start time, so that a pid that the system gave to
    somebody else since is never taken for ours. `timeout` is in seconds. Raises
    `EnvironmentProblem`, with what the log tells, when the process dies or is never ready; then,
    as after any interruption, nothing of it is left.
    """
    process = None
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env=dict(env) if env is not None else None, cwd=cwd,
            )  # fmt: skip
        pidfile.write_text(f"{process.pid} {_start_time(process.pid)}\n")
        deadline = time.monotonic() + timeout
        while not ready():
            if process.poll() is not None:
                raise EnvironmentProblem(_explain(argv[0], "il s'est arrêté aussitôt", log))
            if time.monotonic() > deadline:
                late = f"il ne répond toujours pas après {timeout:g} s"
                raise EnvironmentProblem(_explain(argv[0], late, log))
            time.sleep(POLL)
    except BaseException as error:
        if process is not None:
            end([process.pid, *_descendants(process.pid)], timeout=10)
        with contextlib.suppress(OSError):
            pidfile.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = _explain(argv[0], "le système l'a refusé", log, str(error))
            raise EnvironmentProblem(reason) from error
        raise
    return process.pid


def running(pidfile: Path) -> int | None:
    """The pid in `pidfile` when that very process is alive."""
    try:
        pid, started = pidfile.read_text().split()
        return int(pid) if _start_time(int(pid)) == started != "" else None
    except (OSError, ValueError):
        return None


def stop(pidfile: Path, timeout: float = 15) -> bool:
    """Ask the process of `pidfile` to end, then insist; returns whether it was running.

    Whatever it started and left behind is ended too. Raises `EnvironmentProblem` when it belongs
    to somebody else.
    """
    pid = running(pidfile)
    if pid is not None:
        family = {child: _start_time(child) for child in _descendants(pid)}
        end([pid], timeout)
        end([child for child, started in family.items() if _start_time(child) == started], 5)
    pidfile.unlink(missing_ok=True)
    return pid is not None


def end(pids: Iterable[int], timeout: float) -> None:
    """Ask the processes to end (TERM), then, after `timeout` seconds, end them (KILL).

    Raises `EnvironmentProblem` when one belongs to somebody else.
    """
    left = {pid: _start_time(pid) for pid in pids}
    for number, limit in ((signal.SIGTERM, timeout), (signal.SIGKILL, 5.0)):
        for pid in left:
            _signal(pid, number)
        deadline = time.monotonic() + limit
        while left and time.monotonic() < deadline:
            left = {pid: started for pid, started in left.items() if _alive(pid, started)}
            if left:
                time.sleep(POLL)


def commands() -> Iterator[tuple[int, list[str]]]:
    """Every process of the machine and its command line, as Linux tells them."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            yield int(entry.name), line.rstrip("\0").split("\0")


def _alive(pid: int, started: str) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return _start_time(pid) == started != ""


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise EnvironmentProblem(
            f"Le processus {pid} a été démarré par un autre utilisateur : relancez la même "
            "commande avec `sudo -E`."
        ) from error


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/<pid>/stat` after the name (proc(5)): state, parent, …"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _start_time(pid: int) -> str:
    """The process's start time in clock ticks since boot; "" when it is gone or a zombie."""
    fields = _stat(pid)
    if fields:
        return "" if fields[0] == "Z" else fields[19]
    if not Path("/proc/self/stat").exists():  # macOS: ps(1) tells the date
        done = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True
        )
        return done.stdout.strip().replace(" ", "_")
    return ""


def _descendants(pid: int) -> list[int]:
    """Children of `pid`, theirs too."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields:
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    todo = [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


_CAUSES = (
    ("no space left on device", "Le disque est plein : libérez de la place, puis recommencez."),
    ("permission denied", "Les droits manquent : lancez l'atelier en administrateur (root)."),
    ("operation not permitted", "Les droits manquent : lancez l'atelier en administrateur (root)."),
    ("address already in use", "Son port est déjà occupé par un autre programme."),
    ("read-only file system", "Le disque est en lecture seule : rendez-le inscriptible."),
    ("no such file or directory", "Un fichier nécessaire manque."),
)
_ROUTINE = re.compile(r"level=(debug|info|warning)\b")
_MESSAGE = re.compile(r'\bmsg="((?:[^"\\]|\\.)*)"')


def _explain(program: str, what: str, log: Path, error: str = "") -> str:
    """One French sentence on what happened, its likely cause, and the program's last words."""
    output = error or _tail(log)
    cause = next((text for words, text in _CAUSES if words in output.lower()), "")
    if not cause and _full(log.parent):
        cause = _CAUSES[0][1]
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if not _ROUTINE.search(line) and not line.startswith("(")]
    last = told[-1] if told else ""
    if message := _MESSAGE.search(last):
        last = message[1].replace('\\"', '"')
    words = f"Ses derniers mots : {last[-300:]}" if last else f"Son journal : {log}"
    return " ".join(
        filter(None, (f"`{Path(program).name}` ne démarre pas : {what}.", cause, words))
    )


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 64 * 1024
    except OSError:
        return False
