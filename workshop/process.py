"""Long-lived processes of ours: started once, found again, stopped by pid and nothing else."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from checks.outcome import EnvironmentProblem

POLL = 0.05
"""Seconds between two looks at a process that starts or stops."""


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, waiting for whoever has it; freed even by a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
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
    `EnvironmentProblem`, with what the log tells, when the process dies or is never ready.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env=dict(env) if env is not None else None, cwd=cwd,
            )  # fmt: skip
    except OSError as error:
        raise EnvironmentProblem(_explain(argv[0], str(error))) from error
    try:
        pidfile.write_text(f"{process.pid} {_start_time(process.pid)}\n")
    except OSError as error:
        process.kill()
        process.wait()
        raise EnvironmentProblem(_explain(argv[0], str(error))) from error
    deadline = time.monotonic() + timeout
    try:
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise EnvironmentProblem(_explain(argv[0], _tail(log)))
            time.sleep(POLL)
    except BaseException:
        stop(pidfile, timeout=10)
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

    Whatever it started and left behind is ended too.
    """
    pid = running(pidfile)
    if pid is None:
        pidfile.unlink(missing_ok=True)
        return False
    family = _descendants(pid)
    _signal([pid], signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while running(pidfile) is not None and time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(POLL)
    left = [p for p, started in family.items() if _start_time(p) == started]
    if running(pidfile) is not None:
        left.append(pid)
    _signal(left, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    _await_end(left, 5)
    pidfile.unlink(missing_ok=True)
    return True


def stop_naming(folder: str) -> None:
    """End the processes whose command line names something in `folder`, which is ours alone:
    what a killed engine left behind (containerd and its shims)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
            if any(f"{folder}/".encode() in argument for argument in arguments[1:]):
                found.append(int(entry.name))
    _signal(found, signal.SIGTERM)
    left = _await_end(found, 5)
    _signal(left, signal.SIGKILL)
    _await_end(left, 5)


def _await_end(pids: list[int], timeout: float) -> list[int]:
    """Wait for processes to be gone, `timeout` seconds at most; returns those that are not."""
    deadline = time.monotonic() + timeout
    left = [pid for pid in pids if _start_time(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL)
        left = [pid for pid in left if _start_time(pid)]
    return left


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


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


def _descendants(pid: int) -> dict[int, str]:
    """Children of `pid`, theirs too: pid → start time."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields:
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: dict[int, str] = {}
    todo = [pid]
    while todo:
        for child in parents.get(todo.pop(), []):
            found[child] = _start_time(child)
            todo.append(child)
    return found


_CAUSES = (
    ("no space left on device", "Le disque est plein : libérez de la place, puis recommencez."),
    ("permission denied", "Les droits manquent : lancez l'atelier en administrateur (root)."),
    ("operation not permitted", "Les droits manquent : lancez l'atelier en administrateur (root)."),
    ("address already in use", "Son port est déjà occupé par un autre programme."),
    ("read-only file system", "Le disque est en lecture seule."),
    ("no such file or directory", "Un fichier nécessaire manque."),
)


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _explain(program: str, output: str) -> str:
    name = Path(program).name
    lowered = output.lower()
    cause = next((text for words, text in _CAUSES if words in lowered), "")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if "level=info" not in line), "")
    said = f" Ses derniers mots : {last[-300:]}" if last else " Il n'a rien dit."
    return f"`{name}` ne démarre pas. {cause or 'La cause est inconnue.'}{said}"
