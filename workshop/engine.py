"""The engine: the learner's own when there is one, else a private `dockerd` of the workshop."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.outcome import EnvironmentProblem
from workshop import process
from workshop.debian import ensure_programs, find_program
from workshop.lab import write_atomically

if TYPE_CHECKING:
    from docker import DockerClient

OLDEST = (20, 10)
START_LIMIT = 60.0
"""Seconds that an engine may take to answer."""
SOCKET_LIMIT = 100
"""Characters of a socket's path: the kernel allows 107 (unix(7))."""
PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
}


@dataclass(frozen=True)
class Engine:
    """An engine that answers. `kind` is `system`, `podman` or `embedded`; `store` is `graphdriver`
    or `containerd` (how it keeps images); `notes` are French remarks for the learner."""

    kind: str
    address: str
    version: str
    api_version: str
    store: str
    client_version: str | None
    legacy_builder: bool
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def find(state: Path) -> Engine | None:
    """The engine in use, without starting anything: the system's, Podman's, else the embedded one.

    `ATELIER_MOTEUR=embarque` leaves the first two alone. Raises `EnvironmentProblem` when the
    engine found is too old.
    """
    notes: list[str] = []
    own = _address(state)
    if not _forced():
        for address in _system_addresses():
            if address == own:  # a command of the workshop, run inside the workshop
                continue
            if engine := ask(address, "system", tuple(notes)):
                return engine
            if address == os.environ.get("DOCKER_HOST"):
                notes.append(f"`DOCKER_HOST` désigne {address}, qui ne répond pas.")
        for address in _podman_addresses():
            if engine := ask(address, "podman", tuple(notes)):
                return engine
    if process.running(_pidfile(state)) is None:
        return None
    return ask(own, "embedded", tuple(notes))


def ensure(state: Path, *, mirror: str | None, say: Callable[[str], None]) -> Engine:
    """The engine in use, started if need be. `mirror` (`host:port`) is tried before Docker Hub.

    Raises `EnvironmentProblem`.
    """
    if engine := find(state):
        return engine
    ensure_programs(PROGRAMS, say)
    if os.geteuid() != 0:
        raise EnvironmentProblem(
            "Aucun moteur Docker ne répond, et en démarrer un demande les droits "
            "d'administrateur. Démarrez Docker (`sudo systemctl start docker`, ou Docker "
            "Desktop), ajoutez-vous au groupe `docker`, ou relancez avec `sudo -E`."
        )
    folder = state / "engine"
    with process.lock(folder / "lock"):
        if engine := find(state):  # somebody else started it while we waited
            return engine
        say("Démarrage du moteur Docker de l'atelier…")
        configure(folder, mirror)
        start(folder, _address(state))
    engine = find(state)
    if engine is None:
        raise EnvironmentProblem(
            "Le moteur de l'atelier a démarré, puis s'est arrêté. Son journal : "
            f"{folder / 'dockerd.log'}"
        )
    return engine


def configure(folder: Path, mirror: str | None, **settings: Any) -> None:
    """Write the `daemon.json` of an engine kept in `folder`, with a bridge of its own.

    `docker0` belongs to the system's engine, and so do the iptables chains when one runs.
    """
    settings = _network(folder) | settings
    if mirror:
        settings |= {"registry-mirrors": [f"http://{mirror}"], "insecure-registries": [mirror]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "daemon.json", json.dumps(settings).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({error.strerror}). Libérez de la place ou rendez "
            "ce dossier inscriptible."
        ) from error


def _network(folder: Path) -> dict[str, Any]:
    bridge = _bridge(folder)
    if not Path("/sys/class/net", bridge).exists():
        taken = _ip("-o", "-4", "addr", "show").stdout
        start = int(bridge[-2:], 16)
        subnets = (f"172.{30 + n // 256 % 2}.{n % 256}" for n in range(start, start + 512))
        subnet = next((subnet for subnet in subnets if f" {subnet}." not in taken), None)
        made = subnet and not _ip("link", "add", bridge, "type", "bridge").returncode
        if not made:
            return {"bridge": "none", "iptables": False}
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
    alone = not any(answers(address) for address in _system_addresses())
    return {"bridge": bridge, "iptables": alone}


def _bridge(folder: Path) -> str:
    return "atelier" + hashlib.sha256(str(folder).encode()).hexdigest()[:6]


def _ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True)


def start(folder: Path, address: str) -> None:
    """Start `dockerd` on `address`, with all it writes in `folder`, and wait until it answers."""
    # What a crash left: an orphan containerd, and pid files that would mislead dockerd.
    exec_root = runtime(folder) / "exec"
    process.stop_naming(str(exec_root))
    for stale in (folder / "dockerd.pid", exec_root / "containerd" / "containerd.pid"):
        stale.unlink(missing_ok=True)
    program = find_program("dockerd") or "dockerd"
    process.start(
        [
            program, "--host", address, "--config-file", str(folder / "daemon.json"),
            "--data-root", str(folder / "data"), "--exec-root", str(exec_root),
            "--pidfile", str(folder / "dockerd.pid"),
        ],
        pidfile=folder / "atelier.pid",
        log=folder / "dockerd.log",
        ready=lambda: answers(address),
        timeout=START_LIMIT,
        env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"},
    )  # fmt: skip


def stop(state: Path) -> bool:
    """Stop the embedded engine; returns whether it was running."""
    return stop_in(state / "engine")


def stop_in(folder: Path) -> bool:
    """Stop the engine that keeps everything in `folder`, what it started and what it mounted."""
    stopped = process.stop(folder / "atelier.pid", timeout=30)
    process.stop_naming(f"{runtime(folder)}/exec")
    _unmount_left(folder)
    if runtime(folder) != folder:
        _unmount_left(runtime(folder))
        shutil.rmtree(runtime(folder), ignore_errors=True)
    if Path("/sys/class/net", _bridge(folder)).exists():
        _ip("link", "delete", _bridge(folder))
    return stopped


def reload_mirror(state: Path, mirror: str) -> None:
    """Tell the embedded engine, if it runs, that the mirror moved (dockerd reloads on SIGHUP)."""
    pid = process.running(_pidfile(state))
    if pid is not None:
        configure(state / "engine", mirror)
        os.kill(pid, signal.SIGHUP)


def answers(address: str) -> bool:
    """Whether an engine answers at `address` within a second."""
    return _version(address) is not None


def _forced() -> bool:
    return os.environ.get("ATELIER_MOTEUR") == "embarque"


def _pidfile(state: Path) -> Path:
    return state / "engine" / "atelier.pid"


def runtime(folder: Path) -> Path:
    """Where the engine kept in `folder` puts its sockets: there, or a short path instead."""
    if len(str(folder)) + len("/exec/containerd/containerd.sock.ttrpc") <= SOCKET_LIMIT:
        return folder
    return Path("/run/atelier-" + hashlib.sha256(str(folder).encode()).hexdigest()[:12])


def _address(state: Path) -> str:
    return f"unix://{runtime(state / 'engine')}/docker.sock"


def _system_addresses() -> list[str]:
    found = [os.environ["DOCKER_HOST"]] if os.environ.get("DOCKER_HOST") else []
    context = _context_address()
    return [*found, *([context] if context else []), "unix:///var/run/docker.sock"]


def _context_address() -> str | None:
    """The address of the current Docker context (`~/.docker/contexts/meta/<sha256>/meta.json`)."""
    folder = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"))
    try:
        name = os.environ.get("DOCKER_CONTEXT") or json.loads(
            (folder / "config.json").read_text()
        ).get("currentContext")
        if not name or name == "default":
            return None
        digest = hashlib.sha256(name.encode()).hexdigest()
        meta = json.loads((folder / "contexts" / "meta" / digest / "meta.json").read_text())
        return str(meta["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None


def _podman_addresses() -> list[str]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folders = [runtime] if runtime else []
    return [f"unix://{folder}/podman/podman.sock" for folder in (*folders, "/run")]


def _client(address: str) -> DockerClient | None:
    from docker import DockerClient
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    if address.startswith("unix://") and not Path(address.removeprefix("unix://")).exists():
        return None
    try:
        return DockerClient(base_url=address, timeout=3, version="auto")
    except (DockerException, RequestException, OSError, ValueError):
        return None


def _version(address: str) -> dict[str, Any] | None:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    client = _client(address)
    if client is None:
        return None
    try:
        return {"version": client.version(), "info": client.info()}
    except (DockerException, RequestException, OSError):
        return None
    finally:
        client.close()


def ask(address: str, kind: str, notes: tuple[str, ...] = ()) -> Engine | None:
    """What the engine at `address` says of itself; None when nothing answers.

    Raises `EnvironmentProblem` when it is too old.
    """
    answer = _version(address)
    if answer is None:
        return None
    version, info = answer["version"], answer["info"]
    components = version.get("Components") or [{}]
    if kind == "system" and components[0].get("Name") == "Podman Engine":
        kind = "podman"
    number = str(version.get("Version", ""))
    found = tuple(int(part) for part in re.findall(r"\d+", number)[:2])
    if kind != "podman" and found < OLDEST:
        raise EnvironmentProblem(
            f"Le moteur Docker de {address} est trop ancien (version {number}). Le cours demande "
            "Docker 20.10 ou plus récent ; `ATELIER_MOTEUR=embarque` emploie le moteur de "
            "l'atelier."
        )
    snapshotter = ["driver-type", "io.containerd.snapshotter.v1"]
    store = "containerd" if snapshotter in (info.get("DriverStatus") or []) else "graphdriver"
    client_version = _client_version()
    legacy = client_version is not None and not _has_buildx()
    if legacy and int((client_version or "0").split(".")[0]) >= 23:
        notes += (
            "Le greffon buildx manque : `docker build` emploie l'ancien constructeur "
            "(`DOCKER_BUILDKIT=0`).",
        )
    return Engine(
        kind=kind, address=address, version=number, api_version=str(version.get("ApiVersion", "")),
        store=store, client_version=client_version, legacy_builder=legacy, notes=notes,
    )  # fmt: skip


def _client_version() -> str | None:
    program = find_program("docker")
    if program is None:
        return None
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    match = re.search(r"version (\d+[^,\s]*)", done.stdout)
    return match[1] if match else None


def _has_buildx() -> bool:
    """Whether the buildx plugin stands in one of the places the client looks at."""
    folders = [
        Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker")) / "cli-plugins",
        *(Path(base) / "docker" / "cli-plugins" for base in (
            "/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec",
        )),
    ]  # fmt: skip
    return any((folder / "docker-buildx").exists() for folder in folders)


def _unmount_left(folder: Path) -> None:
    """Unmount what a killed engine left mounted under `folder`, deepest first."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return
    points = [line.split()[1] for line in lines]
    ours = [point for point in points if point.startswith(f"{folder}/")]
    for point in sorted(ours, key=len, reverse=True):
        subprocess.run(["umount", "--lazy", point], capture_output=True)
