"""The hub as a container of the learner's own engine.

It is for engines that cannot reach this machine's loopback (Docker Desktop) and for machines that
Debian's registry cannot be installed on. What the hub keeps is in a volume of the engine;
`hub/container.json` tells which, and that it is there.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import os
import platform
import secrets
import subprocess
import sys
import tarfile
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from checks.outcome import EnvironmentProblem, reason
from workshop.debian import find_program
from workshop.lab import ROOT, write_atomically

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

Say = Callable[[str], None]

SETTING = "ATELIER_HUB"
"""`conteneur` or `processus`, to choose; otherwise the workshop does."""
PORT = 5000
"""Where the hub listens inside the container."""
PACKAGES = ("aiohttp", "argon2-cffi", "cryptography", "jinja2", "mistune", "pyjwt", "requests")
"""What the hub imports; versions are those installed here."""
_PYTHON, _USER = "3.11", 5000  # Debian 12's; see the Dockerfile
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_START_LIMIT = 60.0


def wanted(state: Path) -> bool:
    """Whether the hub of `state` is, or has to be, a container. Raises `EnvironmentProblem`."""
    choice = os.environ.get(SETTING, "")
    if choice not in ("", "conteneur", "processus"):
        raise EnvironmentProblem(
            f"`{SETTING}` vaut « {choice} » : écrivez `conteneur` ou `processus`, ou retirez-le."
        )
    if choice:
        return choice == "conteneur"
    if _told(state):
        return True
    from workshop import engine

    found = engine.find(state)
    if found is None or found.kind == "embedded":
        return False
    may_install = find_program("apt-get") and os.geteuid() == 0
    beyond = sys.platform != "linux" or _on_desktop(found.address)
    return beyond or not (find_program("docker-registry") or may_install)


def _on_desktop(address: str) -> bool:
    """Whether the engine is Docker Desktop's, in a virtual machine with a loopback of its own."""
    with _connected(address) as client:
        return "Docker Desktop" in str(client.info().get("OperatingSystem"))


def ensure(state: Path, say: Say) -> str:
    """The address of the hub (`localhost:PORT`), its image built and its container started.

    Raises `EnvironmentProblem`.
    """
    from docker.errors import DockerException

    from workshop import engine
    from workshop.hub.registry import answering, free_ports, settle_port
    from workshop.hub.server import key

    found = engine.ensure(state, mirror=None, say=say)
    folder = state / "hub"
    try:
        key(folder)
        with _connected(found.address) as client:
            image = _image(client, say)
            name = _name(state)
            for port in free_ports(folder, say):
                mark = secrets.token_hex(8)
                _remove(client, name)
                container = client.containers.create(
                    image, ["--mark", mark], name=name, init=True,
                    ports={f"{PORT}/tcp": ("127.0.0.1", port)},
                    volumes={name: {"bind": "/etat", "mode": "rw"}},
                )  # fmt: skip
                container.put_archive("/etat", _settings(folder, port))
                told = {"engine": found.address, "name": name, "mark": mark}
                settle_port(folder, port)
                write_atomically(folder / "container.json", json.dumps(told).encode())
                if _start(container):
                    _wait(container, lambda port=port, mark=mark: answering(port) == mark)  # type: ignore[misc]
                    say(f"Le hub de l'atelier répond sur localhost:{port}, dans un conteneur.")
                    return f"localhost:{port}"
    except (DockerException, requests.RequestException) as error:
        raise EnvironmentProblem(
            f"Le moteur n'a pas pu tenir le hub : {error}. Lancez `./atelier etat`, puis "
            "recommencez."
        ) from error
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place."
        ) from error
    raise EnvironmentProblem("Aucun port n'est libre pour le hub de l'atelier : libérez-en un.")


def address(state: Path) -> str | None:
    """The hub's address when it runs in a container."""
    from workshop.hub.registry import answering

    if not (told := _told(state)):
        return None
    try:
        port = int((state / "hub" / "port").read_text())
    except (OSError, ValueError):
        return None
    return f"localhost:{port}" if answering(port) == told["mark"] else None


def stop(state: Path) -> bool:
    """Stop the container, if there is one; returns whether it was running. Its volume stays."""
    from docker.errors import DockerException

    told = _told(state)
    if not told:
        return False
    with suppress(DockerException, requests.RequestException), _connected(told["engine"]) as client:
        return _remove(client, told["name"])
    return False  # the engine is gone, and the container with it


def holds(state: Path) -> bool:
    """Whether the hub's accounts are in a container, out of reach of this machine's files."""
    return bool(_told(state)) and os.environ.get(SETTING) != "processus"


def execute(state: Path, options: Namespace) -> int:
    """Do in the container what `./atelier hub` was asked for; returns the exit code."""
    told = _told(state)
    if address(state) is None:
        raise EnvironmentProblem("Le hub ne répond pas : lancez `./atelier preparer`.")
    if options.thing not in ("compte", "jeton", "organisation", "equipe", "depot", "journal",
                             "regler"):  # fmt: skip
        raise EnvironmentProblem(
            f"Dans un conteneur, le hub n'a pas `{options.thing}`. Ce qu'il contient est dans le "
            f"volume « {told['name']} » du moteur."
        )
    terminal = ["--tty"] if sys.stdin.isatty() else []
    return subprocess.run(
        ["docker", "exec", "--interactive", *terminal, told["name"], "python3", "-m",
         "workshop.hub.inside", "/etat", "--do", json.dumps(vars(options))],
        env=os.environ | {"DOCKER_HOST": told["engine"]},
    ).returncode  # fmt: skip


def _told(state: Path) -> dict[str, str]:
    try:
        told = json.loads((state / "hub" / "container.json").read_text())
        return {key: str(told[key]) for key in ("engine", "name", "mark")}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _name(state: Path) -> str:
    return "atelier-hub-" + hashlib.sha256(str(state).encode()).hexdigest()[:8]


def _connected(address: str) -> closing[DockerClient]:
    from docker import DockerClient

    return closing(DockerClient(base_url=address, timeout=300))


def _remove(client: DockerClient, name: str) -> bool:
    """Remove the container of that name; returns whether it was running."""
    from docker.errors import NotFound

    try:
        container = client.containers.get(name)
        running = bool(container.status == "running")
        container.stop(timeout=10)
        container.remove(force=True)
    except NotFound:
        return False
    return running


def _start(container: Container) -> bool:
    """Start it; False when somebody took the port in between."""
    from docker.errors import APIError

    try:
        container.start()
    except APIError as error:
        if "already" in str(error) and ("port" in str(error) or "address" in str(error)):
            return False
        raise
    return True


def _wait(container: Container, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while not ready():
        container.reload()
        if container.status == "exited" or time.monotonic() > deadline:
            words = container.logs(tail=5).decode(errors="replace").strip()
            raise EnvironmentProblem(f"Le conteneur du hub ne démarre pas. Il dit : {words}")
        time.sleep(0.2)


def _settings(folder: Path, port: int) -> bytes:
    """What the container is told of this machine: the workshop's key, and the hub's address."""
    hub = {"engine": "", "hub": f"localhost:{port}", "legacy_builder": False}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        directory = tarfile.TarInfo("hub")
        directory.type, directory.mode = tarfile.DIRTYPE, 0o700
        directory.uid = directory.gid = _USER
        tar.addfile(directory)
        for name, content in (
            ("hub/key", (folder / "key").read_bytes()),
            ("lab.json", json.dumps(hub).encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o600, _USER, _USER
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


# The image.


def _image(client: DockerClient, say: Say) -> str:
    """The name of the hub's image, built unless this very one is there."""
    from docker.errors import ImageNotFound

    machine = _machine(client)
    needs = sorted(requirements(PACKAGES, machine))
    sources = dict(_sources())
    mark = hashlib.sha256(repr((needs, machine, sorted(sources.items()))).encode()).hexdigest()
    tag = f"atelier-hub:{mark[:12]}"
    try:
        client.images.get(tag)
    except ImageNotFound:
        say("Construction de l'image du hub, deux minutes environ…")
        with tempfile.TemporaryDirectory() as folder:
            _install(needs, machine, Path(folder) / "site")
            _build(client, tag, _context(Path(folder) / "site", sources))
    return tag


def _machine(client: DockerClient) -> str:
    told = str(client.info().get("Architecture") or platform.machine())
    if told not in _MACHINES:
        raise EnvironmentProblem(f"Le hub n'a pas de quoi fonctionner sur un processeur {told}.")
    return _MACHINES[told]


def requirements(roots: Iterable[str], machine: str) -> set[str]:
    """`roots` and all that they need in the container, pinned to the versions installed here."""
    from packaging.requirements import Requirement

    there = {
        "python_version": _PYTHON, "python_full_version": _PYTHON + ".2", "os_name": "posix",
        "sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine,
        "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip
    found: dict[str, str] = {}
    todo = list(roots)
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name in found:
            continue
        found[name] = name
        with suppress(importlib.metadata.PackageNotFoundError):
            here = importlib.metadata.distribution(name)
            found[name] = f"{name}=={here.version}"
            for line in here.requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate(there):
                    todo.append(needed.name)
    return set(found.values())


def _install(needs: list[str], machine: str, target: Path) -> None:
    """Put Python packages for the container's machine in the folder `target`."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in (17, 24, 26, 27, 28, 31, 34)]
    options = [f"--platform={each}" for each in (f"manylinux2014_{machine}", *platforms)]
    options += ["--abi=cp311", "--abi=abi3", "--abi=none", "--implementation=cp"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile",
         "--only-binary=:all:", f"--python-version={_PYTHON}", f"--target={target}", *options,
         *needs],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise EnvironmentProblem(
            "Les paquets Python du hub ne viennent pas : "
            f"{(lines or ['pip ne dit pas pourquoi'])[-1]}. Vérifiez le réseau, puis recommencez."
        )


def _sources() -> Iterator[tuple[str, bytes]]:
    """The Dockerfile, and the files of the course that it copies."""
    yield "Dockerfile", Path(__file__).with_name("Dockerfile").read_bytes()
    for package in ("checks", "workshop"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_bytes()
    assets = ROOT / "publish" / "theme" / "assets"
    for path in (assets / "logo.svg", *sorted((assets / "polices").iterdir())):
        yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def _context(site: Path, sources: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in sources.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
        tar.add(site, "site", filter=_plain)
    out.seek(0)
    return out


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _build(client: DockerClient, tag: str, context: io.BytesIO) -> None:
    last: dict[str, Any] = {}
    for last in client.api.build(
        fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True, decode=True,
        network_mode="host",
    ):  # fmt: skip
        if "error" in last:
            raise EnvironmentProblem(
                f"L'image du hub ne se construit pas : {last['error'].strip()}. Vérifiez le "
                "réseau du moteur, puis recommencez."
            )
