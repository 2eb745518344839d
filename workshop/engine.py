"""The engine: the learner's own when there is one, else a private `dockerd` of the workshop."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from checks.outcome import EnvironmentProblem, reason
from workshop import process
from workshop.debian import ensure_programs, find_program
from workshop.lab import write_atomically

Kind = Literal["system", "podman", "embedded"]
Store = Literal["graphdriver", "containerd"]
OLDEST = (20, 10)
START_LIMIT = 60.0
"""Seconds that an engine may take to answer."""
ANSWER_LIMIT = 3.0
"""Seconds that a question to an engine may take."""
START_LOCK = Path("/run/atelier-moteur.lock")
"""Held while an engine starts: dockerd empties and rebuilds iptables chains that all engines of
the machine share, and two at once make each other fail."""
SOCKET_LIMIT = 107
"""Characters of a socket's path that the kernel allows (unix(7))."""
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
    """An engine that answers. `store` is how it keeps images; `notes` are French remarks.

    `legacy_builder` tells that `docker build` only works with `DOCKER_BUILDKIT=0`.
    """

    kind: Kind
    address: str
    version: str
    api_version: str
    store: Store
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
    folder = state / "engine"
    own = address_of(folder)
    if not _forced():
        for address, origin in _system_addresses():
            if address == own:  # a command of the workshop, run inside the workshop
                continue
            if engine := ask(address, "system", (*notes, *_left_aside(folder))):
                return engine
            if origin:
                notes.append(f"{origin} désigne {address}, qui ne répond pas.")
        for address in _podman_addresses():
            if engine := ask(address, "podman", (*notes, *_left_aside(folder))):
                return engine
    if process.running(_pidfile(folder)) is None:
        return None
    return ask(own, "embedded", tuple(notes))


def ensure(state: Path, *, mirror: str | None, say: Callable[[str], None]) -> Engine:
    """The engine in use, started if need be. `mirror` (`host:port`) is tried before Docker Hub.

    Raises `EnvironmentProblem`.
    """
    folder = state / "engine"
    if engine := find(state):
        if engine.kind == "embedded" and mirror and mirror != _mirror(folder):
            reload_mirror(state, mirror)
        return engine
    ensure_programs(PROGRAMS, say)
    if os.geteuid() != 0:
        raise EnvironmentProblem(
            "Aucun moteur Docker ne répond, et en démarrer un demande les droits "
            "d'administrateur. Démarrez Docker (`sudo systemctl start docker`, ou Docker "
            "Desktop), ajoutez-vous au groupe `docker`, ou relancez avec `sudo -E`."
        )
    with process.lock(folder / "lock"):
        if engine := find(state):  # somebody else started it while we waited
            return engine
        say("Démarrage du moteur Docker de l'atelier…")
        try:
            stop_in(folder, timeout=5)  # what a crash left, or an engine that no longer answers
            configure(folder, mirror)
            start(folder)
        except BaseException:
            stop_in(folder)
            raise
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
    with process.lock(START_LOCK):
        settings |= _network(folder)
    if mirror:
        settings |= {"registry-mirrors": [f"http://{mirror}"], "insecure-registries": [mirror]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "daemon.json", json.dumps(settings).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place ou rendez "
            "ce dossier inscriptible."
        ) from error


def _network(folder: Path) -> dict[str, Any]:
    bridge = _bridge(folder)
    if not _has_bridge(bridge):
        taken = _ip("-o", "-4", "addr", "show").stdout
        start = int(bridge[-2:], 16)
        subnets = (f"172.{30 + n // 256 % 2}.{n % 256}" for n in range(start, start + 512))
        subnet = next((subnet for subnet in subnets if f" {subnet}." not in taken), None)
        made = subnet and not _ip("link", "add", bridge, "type", "bridge").returncode
        if not made:
            return {"bridge": "none", "iptables": False}
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
    alone = not any(answers(address) for address, _ in _system_addresses())
    return {"bridge": bridge, "iptables": alone}


def _bridge(folder: Path) -> str:
    return "atelier" + hashlib.sha256(str(folder).encode()).hexdigest()[:6]


def _has_bridge(name: str) -> bool:
    # Not `/sys/class/net`: it may show another network namespace than ours.
    return _ip("link", "show", "dev", name).returncode == 0


def _ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True)


def start(folder: Path, timeout: float = START_LIMIT) -> None:
    """Start `dockerd` with all it writes in `folder`, and wait until it answers."""
    address = address_of(folder)
    _runtime(folder).mkdir(parents=True, exist_ok=True)
    program = find_program("dockerd") or "dockerd"
    arguments = [
        program, "--host", address, "--config-file", str(folder / "daemon.json"),
        "--data-root", str(folder / "data"), "--exec-root", str(_runtime(folder) / "exec"),
        "--pidfile", str(folder / "dockerd.pid"),
    ]  # fmt: skip
    with process.lock(START_LOCK):
        process.start(
            arguments,
            pidfile=_pidfile(folder),
            log=folder / "dockerd.log",
            ready=lambda: answers(address),
            timeout=timeout,
            env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"},
        )


def stop(state: Path) -> bool:
    """Stop the embedded engine; returns whether it was running."""
    return stop_in(state / "engine")


def stop_in(folder: Path, timeout: float = 30) -> bool:
    """Stop the engine that keeps everything in `folder`, what it started and what it mounted.

    It has `timeout` seconds to stop its containers.
    """
    stopped = process.stop(_pidfile(folder), timeout)
    if strays := _strays(folder):
        process.end(strays, timeout=2)
    # dockerd trusts the pid files of a crash, even when somebody else has those numbers now.
    for left in (folder / "dockerd.pid", _runtime(folder) / "exec/containerd/containerd.pid"):
        left.unlink(missing_ok=True)
    _unmount_left(folder)
    if _runtime(folder) != folder:
        shutil.rmtree(_runtime(folder), ignore_errors=True)
    if _has_bridge(_bridge(folder)):
        _ip("link", "delete", _bridge(folder))
        _forget_rules(_bridge(folder))
    return stopped


def _forget_rules(bridge: str) -> None:
    """Delete the firewall rules of `bridge`: dockerd leaves its rules behind when it stops."""
    with contextlib.suppress(OSError):  # no iptables: dockerd had none either
        for table in ("filter", "nat"):
            iptables = [find_program("iptables") or "iptables", "--wait", "--table", table]
            listed = subprocess.run([*iptables, "-S"], capture_output=True, text=True).stdout
            for rule in listed.splitlines():
                action, *rest = shlex.split(rule)
                if action == "-A" and bridge in rest:
                    subprocess.run([*iptables, "-D", *rest], capture_output=True)


def _strays(folder: Path) -> list[int]:
    """What a killed engine of `folder` left running: containerd, its shims, its containers."""
    places = (f"{folder}/", f"{_runtime(folder)}/")
    with contextlib.suppress(OSError):
        containers = [entry.name for entry in (folder / "data" / "containers").iterdir()]
        return [
            pid
            for pid, command in process.commands()
            if (
                Path(command[0]).name.startswith(("dockerd", "containerd"))
                and any(argument.startswith(places) for argument in command[1:])
            )
            or _in_containers(pid, containers)
        ]
    return []


def _in_containers(pid: int, containers: list[str]) -> bool:
    """Whether the process belongs to one of the containers: its control group names it."""
    if not containers:
        return False
    with contextlib.suppress(OSError):
        groups = Path(f"/proc/{pid}/cgroup").read_text()
        return any(container in groups for container in containers)
    return False


def reload_mirror(state: Path, mirror: str) -> None:
    """Tell the embedded engine, if it runs, that the mirror moved (dockerd reloads on SIGHUP)."""
    pid = process.running(_pidfile(state / "engine"))
    if pid is not None:
        configure(state / "engine", mirror)
        os.kill(pid, signal.SIGHUP)


def answers(address: str) -> bool:
    """Whether an engine answers at `address`."""
    return _questions(address, "/version") is not None


def _forced() -> bool:
    return os.environ.get("ATELIER_MOTEUR") == "embarque"


def _pidfile(folder: Path) -> Path:
    return folder / "atelier.pid"


def address_of(folder: Path) -> str:
    """Where the engine that keeps everything in `folder` answers."""
    return f"unix://{_runtime(folder)}/docker.sock"


def _runtime(folder: Path) -> Path:
    """Where its sockets are: `folder`, unless that makes their paths too long for the kernel."""
    if len(str(folder / "exec" / "containerd" / "containerd.sock.ttrpc")) <= SOCKET_LIMIT:
        return folder
    return Path("/run", "atelier-" + hashlib.sha256(str(folder).encode()).hexdigest()[:12])


def _mirror(folder: Path) -> str | None:
    try:
        mirrors = json.loads((folder / "daemon.json").read_text())["registry-mirrors"]
        return str(mirrors[0]).removeprefix("http://")
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _left_aside(folder: Path) -> tuple[str, ...]:
    """What to say when a machine's engine comes before an embedded one that has served."""
    if not _exists(folder / "data"):
        return ()
    return (
        "Un moteur de la machine répond : l'atelier l'emploie. Vos images du moteur de l'atelier "
        "sont toujours là ; `ATELIER_MOTEUR=embarque` le fait reprendre.",
    )


def _exists(path: Path) -> bool:
    """Whether `path` is there, as far as we may see."""
    try:
        return path.exists()
    except OSError:
        return False


def _system_addresses() -> list[tuple[str, str]]:
    """Addresses to try, and who names them (French), as the client chooses (docker/cli)."""
    if host := os.environ.get("DOCKER_HOST"):
        return [(host, "`DOCKER_HOST`"), *_context_addresses(), (_DEFAULT, "")]
    return [*_context_addresses(), (_DEFAULT, "")]


_DEFAULT = "unix:///var/run/docker.sock"


def _context_addresses() -> list[tuple[str, str]]:
    """The address of the current Docker context (`~/.docker/contexts/meta/<sha256>/meta.json`)."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        name = os.environ.get("DOCKER_CONTEXT") or json.loads(
            (folder / "config.json").read_text()
        ).get("currentContext")
        if not name or name == "default":
            return []
        digest = hashlib.sha256(name.encode()).hexdigest()
        meta = json.loads((folder / "contexts" / "meta" / digest / "meta.json").read_text())
        return [(str(meta["Endpoints"]["docker"]["Host"]), f"Le contexte Docker « {name} »")]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return []


def _podman_addresses() -> list[str]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folders = [runtime] if runtime else []
    return [f"unix://{folder}/podman/podman.sock" for folder in (*folders, "/run")]


def _questions(address: str, *paths: str) -> list[dict[str, Any]] | None:
    """What the engine answers to GET on each path; None when it does not."""
    path = address.removeprefix("unix://")
    if path == address:
        return _questions_afar(address)
    connection = http.client.HTTPConnection("localhost", timeout=ANSWER_LIMIT)
    connection.auto_open = 0  # never TCP
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(ANSWER_LIMIT)
        connection.sock.connect(path)
        answers = []
        for path in paths:
            connection.request("GET", path)
            answers.append(json.load(connection.getresponse()))
        return answers if all(isinstance(answer, dict) for answer in answers) else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _questions_afar(address: str) -> list[dict[str, Any]] | None:
    """The same over TCP or SSH: docker-py knows how, and is slow to import."""
    from docker import DockerClient
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        client = DockerClient(base_url=address, timeout=int(ANSWER_LIMIT), version="auto")
        with contextlib.closing(client):
            return [client.version(), client.info()]
    except (DockerException, RequestException, OSError, ValueError):
        return None


def ask(address: str, kind: Kind, notes: tuple[str, ...] = ()) -> Engine | None:
    """What the engine at `address` says of itself; None when nothing answers.

    Raises `EnvironmentProblem` when it is too old.
    """
    path = address.removeprefix("unix://")
    if path != address and not _exists(Path(path)):
        return None
    with _client_asked() as client:
        answered = _questions(address, "/version", "/info")
        client_version = _client_version(client) if answered else None
    if answered is None:
        return None
    version, info = answered
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
    containerd = snapshotter in (info.get("DriverStatus") or [])
    # Since Docker 23 the client builds through the buildx plugin, or refuses.
    modern = client_version is not None and int(client_version.split(".")[0]) >= 23
    legacy = modern and not _has_buildx()
    if legacy:
        notes += (
            "Le greffon buildx manque : `docker build` emploie l'ancien constructeur "
            "(`DOCKER_BUILDKIT=0`).",
        )
    return Engine(
        kind=kind, address=address, version=number, api_version=str(version.get("ApiVersion", "")),
        store="containerd" if containerd else "graphdriver", client_version=client_version,
        legacy_builder=legacy, notes=notes,
    )  # fmt: skip


@contextlib.contextmanager
def _client_asked() -> Iterator[subprocess.Popen[str] | None]:
    """`docker --version`, running while the engine is asked."""
    program = find_program("docker")
    if program is None:
        yield None
        return
    with subprocess.Popen([program, "--version"], stdout=subprocess.PIPE, text=True) as client:
        yield client


def _client_version(client: subprocess.Popen[str] | None) -> str | None:
    match = re.search(r"version (\d+[^,\s]*)", client.communicate()[0]) if client else None
    return match[1] if match else None


def _has_buildx() -> bool:
    """Whether the buildx plugin is where every client looks (docker/cli manager_unix.go).

    Not the user's own folder: commands of the workshop have a `DOCKER_CONFIG` of their own.
    """
    bases = ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
    return any(Path(base, "docker", "cli-plugins", "docker-buildx").exists() for base in bases)


def _unmount_left(folder: Path) -> None:
    """Unmount what a killed engine left mounted under `folder`, deepest first."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return
    points = [line.split()[1].replace(r"\040", " ") for line in lines]
    places = (f"{folder}/", f"{_runtime(folder)}/")
    ours = [point for point in points if point.startswith(places)]
    for point in sorted(ours, key=len, reverse=True):
        subprocess.run(["umount", "--lazy", point], capture_output=True)
