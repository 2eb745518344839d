"""Base images under their true names: found in the engine, loaded from a bundle, pulled from
Docker Hub, or made from Debian packages; then given to the hub and to the engine."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.archives import ArchiveError, ImageEntry, open_archive
from checks.material.making import CREATED, digest, docker_archive
from checks.outcome import EnvironmentProblem, reason
from checks.references import normalise
from workshop.debian import ensure_programs, find_program
from workshop.hub import registry
from workshop.lab import VALISE

if TYPE_CHECKING:
    from docker import DockerClient

Say = Callable[[str], None]
PULL_LIMIT = 3
"""Seconds after which Docker Hub is held to be out of reach."""
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Spec:
    """A base image: `wanted` as on Docker Hub; `make` gives (tags, config, layer) offline."""

    repository: str
    wanted: str
    make: Callable[[Say], tuple[list[str], dict[str, Any], bytes]]


@dataclass(frozen=True)
class BaseImage:
    """A base image at hand: its names (`repository:tag`) and the archive that holds it."""

    names: tuple[str, ...]
    archive: Path


@dataclass(frozen=True)
class Packed:
    """An image ready to be pushed: config bytes and uncompressed layers."""

    config_blob: bytes
    all_layers: tuple[bytes, ...]
    architecture: str


def ensure(
    client: DockerClient, hub: str, state: Path, say: Say, *, only: tuple[str, ...] = ()
) -> list[BaseImage]:
    """Have the base images (or those named in `only`) on disk, in the hub and in the engine.

    What is there is left alone. Only busybox is indispensable: the others, where they cannot be
    had, are said and skipped. Raises `EnvironmentProblem`.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException
    from tqdm import tqdm

    found = []
    specs = [spec for spec in SPECS if not only or spec.repository in only]
    reachable = cache(_docker_hub_answers)  # asked once at most
    hidden = not sys.stderr.isatty()
    for spec in tqdm(specs, desc="Images de base", unit="image", disable=hidden, leave=False):
        path = state / "images" / f"{spec.repository}.tar"
        try:
            if not path.exists():
                _obtain(client, spec, path, state, reachable, say)
            found.append(_share(client, hub, path, say))
        except (DockerException, RequestException) as error:
            raise EnvironmentProblem(
                f"Le moteur ne répond plus ({error}). Lancez `./atelier preparer`."
            ) from error
        except EnvironmentProblem as problem:
            if spec is SPECS[0]:
                raise
            say(f"L'image {spec.wanted} manque encore : {problem}")
    return found


def busybox_layers(state: Path) -> list[bytes]:
    """The uncompressed layers of the busybox base that the course's images stand on."""
    return list(_packed(_first_image(state / "images" / "busybox.tar")).all_layers)


def _obtain(
    client: DockerClient,
    spec: Spec,
    path: Path,
    state: Path,
    reachable: Callable[[], bool],
    say: Say,
) -> None:
    """Write the archive of a base image, whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        reference = _in_engine(client, spec)
        bundled = None if reference else _bundled(spec, state, say)
        if not reference and not bundled and reachable():
            reference = _pulled(client, spec, say)
        if reference:
            with temporary.open("wb") as file:
                for chunk in client.images.get(reference).save(named=reference):
                    file.write(chunk)
        else:
            temporary.write_bytes(bundled or _made(spec, say))
        _verify(temporary, spec)
        temporary.replace(path)
    except OSError as error:
        if not isinstance(error.errno, int):  # requests' errors are of this kind too
            raise
        raise EnvironmentProblem(
            f"Impossible d'écrire {path} ({reason(error)}). Libérez de la place, puis recommencez."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _verify(path: Path, spec: Spec) -> None:
    image = _first_image(path)
    try:
        whole = [digest(layer) for layer in image.layer_bytes()] == list(image.diff_ids)
    except ArchiveError:
        whole = False
    if not whole:
        raise EnvironmentProblem(
            f"L'archive de {spec.wanted} est abîmée ou incomplète. Vérifiez la place sur le "
            "disque, puis recommencez."
        )


def _made(spec: Spec, say: Say) -> bytes:
    tags, config, layer = spec.make(say)
    document = {
        "architecture": _architecture(),
        "config": config,
        "created": CREATED,
        "history": [{"created": CREATED, "created_by": f"paquets Debian : {tags[0]}"}],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }
    return docker_archive(json.dumps(document).encode(), [layer], tags)


def _in_engine(client: DockerClient, spec: Spec) -> str | None:
    from docker.errors import ImageNotFound

    try:
        image = client.images.get(spec.wanted)
    except ImageNotFound:
        return None
    return spec.wanted if image.attrs.get("Architecture") == _architecture() else None


def _bundled(spec: Spec, state: Path, say: Say) -> bytes | None:
    """The image, under its own names, taken out of a `docker save` archive of several."""
    for bundle in _bundles(state):
        try:
            for image in open_archive(bundle).images:
                names = [name for name in map(normalise, image.tags) if _of(spec, name)]
                if names and image.architecture == _architecture():
                    say(f"Chargement de {names[0]} depuis {bundle}.")
                    return docker_archive(image.config_bytes, list(image.layer_bytes()), names)
        except ArchiveError as error:
            say(f"Le fichier {bundle} est laissé de côté : {error}")
    return None


def _bundles(state: Path) -> Iterator[Path]:
    if named := os.environ.get("ATELIER_BUNDLE"):
        yield Path(named)
    if (VALISE / "images.tar.gz").is_file():
        yield VALISE / "images.tar.gz"
    folder = state / "bundle"
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.is_file())


def _of(spec: Spec, name: str) -> bool:
    """Whether `name` is the image wanted, at whatever version is at hand."""
    return name.partition(":")[0] == spec.repository


def _pulled(client: DockerClient, spec: Spec, say: Say) -> str | None:
    from docker.errors import DockerException

    say(f"Téléchargement de {spec.wanted} depuis Docker Hub…")
    try:
        client.images.pull(*spec.wanted.split(":"))
    except DockerException as error:
        say(f"Docker Hub n'a pas donné {spec.wanted} ({error}).")
        return None
    return spec.wanted


def _docker_hub_answers() -> bool:
    import requests

    answered = []

    def ask() -> None:
        with contextlib.suppress(requests.RequestException):
            requests.get("https://registry-1.docker.io/v2/", timeout=PULL_LIMIT)
            answered.append(True)

    # In a thread: resolving a name knows no time-out.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PULL_LIMIT)
    return bool(answered)


def _share(client: DockerClient, hub: str, path: Path, say: Say) -> BaseImage:
    """Give the image to the hub, then let the engine pull it from there: layers that an engine
    with the containerd store meets compressed once stay compressed everywhere."""
    from docker.errors import DockerException, ImageNotFound

    image = _first_image(path)
    names = tuple(normalise(tag) for tag in image.tags)
    if not all(registry.has(hub, f"library/{name}") for name in names):
        say(f"Le hub reçoit {names[0]}.")
        registry.push(hub, [f"library/{name}" for name in names], [_packed(image)])
    for name in names:
        try:
            client.images.get(name)
        except ImageNotFound:
            repository, _, tag = name.rpartition(":")
            through_hub = f"{hub}/library/{repository}"
            try:
                client.images.pull(through_hub, tag=tag).tag(repository, tag)
            except DockerException as error:
                raise EnvironmentProblem(
                    f"Le moteur n'a pas pu prendre {name} sur le hub ({error})."
                ) from error
            finally:
                with contextlib.suppress(ImageNotFound):
                    client.images.remove(f"{through_hub}:{tag}")
    return BaseImage(names, path)


def _first_image(path: Path) -> ImageEntry:
    try:
        return open_archive(path).images[0]
    except (ArchiveError, LookupError) as error:
        raise EnvironmentProblem(
            f"{path} ne contient aucune image lisible : supprimez ce fichier, puis lancez "
            "`./atelier preparer`."
        ) from error


def _packed(image: ImageEntry) -> Packed:
    return Packed(image.config_bytes, tuple(image.layer_bytes()), image.architecture)


# --- making them from Debian packages -------------------------------------------------------


def _busybox(say: Say) -> tuple[list[str], dict[str, Any], bytes]:
    ensure_programs({"busybox": "busybox-static"}, say)
    program = find_program("busybox") or "busybox"
    banner = subprocess.run([program], capture_output=True, text=True).stdout
    match = re.search(r"BusyBox v(\d+\.\d+)", banner)
    binary = Path(program).read_bytes()
    if match is None or b"/ld-linux" in binary[:4096]:
        raise EnvironmentProblem(
            "Le programme busybox de cette machine n'est pas lié statiquement : installez le "
            "paquet busybox-static."
        )
    say(f"Fabrication de busybox:{match[1]} à partir du paquet busybox-static.")
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    names = [name for name in applets.stdout.split() if name != "busybox"]
    config = {"Env": [_PATH], "Cmd": ["sh"]}
    return [f"busybox:{match[1]}", "busybox:latest"], config, _busybox_layer(binary, names)


def _busybox_layer(binary: bytes, applets: list[str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder, mode in (
            ("bin", 0o755), ("dev", 0o755), ("etc", 0o755), ("home", 0o755), ("proc", 0o555),
            ("root", 0o700), ("sys", 0o555), ("tmp", 0o1777), ("usr", 0o755), ("usr/bin", 0o755),
            ("var", 0o755),
        ):  # fmt: skip
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, mode
            tar.addfile(info)
        files = {
            "bin/busybox": (binary, 0o755),
            "etc/passwd": (
                b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", 0o644
            ),
            "etc/group": (b"root:x:0:\nnogroup:x:65534:\n", 0o644),
        }  # fmt: skip
        for name, (data, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
        for name in sorted(applets):
            info = tarfile.TarInfo(f"bin/{name}")
            info.type, info.linkname, info.mode = tarfile.LNKTYPE, "bin/busybox", 0o755
            tar.addfile(info)
    return buffer.getvalue()


_SLIM = [
    "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*", "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright",
]  # fmt: skip


def _debootstrapped(packages: list[str], say: Say, what: str, *hooks: str) -> bytes:
    """A bookworm root file system with `packages`, without documentation, as a tar.

    `hooks` are shell commands run at the end, where `$1` is the root.
    """
    ensure_programs({"mmdebstrap": "mmdebstrap"}, say)
    if os.geteuid() != 0:
        raise EnvironmentProblem(
            "sans Docker Hub, la fabriquer demande les droits d'administrateur."
        )
    say(f"Fabrication de {what} à partir des paquets Debian (une demi-minute)…")
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        Path(folder).chmod(0o755)  # apt downloads as a user of its own
        target = Path(folder) / "rootfs.tar"
        mmdebstrap(
            [*(f"--dpkgopt={option}" for option in _SLIM),
             *([f"--include={','.join(packages)}"] if packages else []),
             *(f"--customize-hook={hook}" for hook in hooks), "bookworm", str(target)],
            folder,
        )  # fmt: skip
        return target.read_bytes()


def mmdebstrap(arguments: Sequence[str], folder: str) -> None:
    """Run mmdebstrap, which works in `folder`; interrupted, it first tidies up.

    In a session of its own: when it fails it hangs up its whole process group, us included.
    Raises `EnvironmentProblem`.
    """
    command = ["mmdebstrap", "--quiet", "--variant=minbase", *arguments]
    env = {**os.environ, "TMPDIR": folder}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            _, errors = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # alone, it would wait for its children
            process.communicate()
            raise
    if process.returncode:
        lines = [line for line in errors.splitlines() if line.startswith("E:")] or [""]
        raise EnvironmentProblem(f"mmdebstrap a échoué. {lines[0]}")


def _debian(say: Say) -> tuple[list[str], dict[str, Any], bytes]:
    layer = _debootstrapped([], say, "debian:12-slim")
    return ["debian:12-slim", "debian:bookworm-slim"], {"Env": [_PATH], "Cmd": ["bash"]}, layer


def _nginx(say: Say) -> tuple[list[str], dict[str, Any], bytes]:
    logs = (
        'ln -sf /dev/stdout "$1/var/log/nginx/access.log"',
        'ln -sf /dev/stderr "$1/var/log/nginx/error.log"',
    )
    layer = _debootstrapped(["nginx"], say, "nginx", *logs)
    version = next(_installed_versions(layer, "nginx"), "")
    match = re.match(r"(\d+\.\d+)[\d.]*", version)
    if match is None:
        raise EnvironmentProblem("la version de nginx est introuvable dans l'image fabriquée.")
    config = {
        "Env": [_PATH, f"NGINX_VERSION={match[0]}"],
        "Cmd": ["nginx", "-g", "daemon off;"],
        "ExposedPorts": {"80/tcp": {}},
        "StopSignal": "SIGQUIT",
    }
    return [f"nginx:{match[1]}", "nginx:latest"], config, layer


def _installed_versions(layer: bytes, package: str) -> Iterator[str]:
    """The version of an installed package, from dpkg's own records."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        status = tar.extractfile("./var/lib/dpkg/status")
        text = status.read().decode() if status else ""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(f"Package: {package}\n"):
            yield from re.findall(r"^Version: (\S+)", paragraph, re.MULTILINE)


def _architecture() -> str:
    import platform

    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


SPECS = (
    Spec("busybox", "busybox:1.36", _busybox),
    Spec("debian", "debian:12-slim", _debian),
    Spec("nginx", "nginx:latest", _nginx),
)
