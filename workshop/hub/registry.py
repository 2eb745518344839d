"""The hub as processes: the real distribution registry (Debian's `docker-registry`) on a loopback
port of its own, and in front of it, on `localhost:5000`, the hub (`workshop.hub.server`).

Pushing speaks the OCI distribution specification v1.1 over plain HTTP on the loopback.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import requests

from checks.evidence.registry import KEY_HEADER
from checks.material.making import compressed, digest, oci_manifest
from checks.outcome import EnvironmentProblem, reason
from workshop import process
from workshop.debian import ensure_programs, find_program
from workshop.lab import ROOT, Lab, write_atomically

FIRST_PORT, PORTS = 5000, 20


class Pushable(Protocol):
    """What an image must tell to be pushed: config bytes, uncompressed layers, processor."""

    @property
    def config_blob(self) -> bytes:
        """The config, as JSON bytes."""

    @property
    def all_layers(self) -> tuple[bytes, ...]:
        """The layers, base first."""

    @property
    def architecture(self) -> str:
        """`amd64`, `arm64`…"""


_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_ACCEPT = {
    "Accept": f"{_MANIFEST}, {_INDEX}, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
}
_CONFIG = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {data}}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: true, age: 24h, interval: 1h, dryrun: false}}}}
auth:
  token: {{realm: "/auth/token", service: {service}, issuer: {issuer}, rootcertbundle: {bundle}}}
http:
  addr: 127.0.0.1:{port}
  secret: {secret}
"""


def ensure(state: Path, say: Callable[[str], None]) -> str:
    """The address of the hub (`localhost:PORT`), started if need be.

    Raises `EnvironmentProblem` when it cannot start.
    """
    from workshop.hub import container

    if address := running(state):
        return address
    if container.wanted(state):
        with process.lock(state / "hub" / "lock"):
            if running(state) is None:
                stop(state)
                container.ensure(state, say)
        if address := running(state):
            return address
    ensure_programs({"docker-registry": "docker-registry"}, say)
    folder = state / "hub"
    with process.lock(folder / "lock"):
        if address := running(state):
            return address
        stop(state)  # one of the two may have died alone
        behind = start_behind(folder)
        for port in free_ports(folder, say):
            if _start_front(state, port, behind) and running(state):
                say(f"Le hub de l'atelier répond sur localhost:{port}.")
                return f"localhost:{port}"
    stop(state)
    raise EnvironmentProblem(
        f"Les ports {FIRST_PORT} à {FIRST_PORT + PORTS - 1} sont tous occupés : libérez-en un "
        "pour le hub de l'atelier."
    )


def start_behind(folder: Path) -> int:
    """Start the registry on a free loopback port, which is returned."""
    from workshop.hub.token import ISSUER, SERVICE, Signer

    with _writing(folder):
        certificate = Signer(folder).certificate
        secret = folder / "secret"  # kept: an upload may go on after a restart
        if not secret.exists():
            write_atomically(secret, secrets.token_hex(16).encode(), mode=0o600)
        config = {
            "data": str(folder / "data"), "service": SERVICE, "issuer": ISSUER,
            "bundle": str(certificate), "secret": secret.read_text().strip(),
        }  # fmt: skip
    program = find_program("docker-registry") or "docker-registry"
    log = folder / "registry.log"
    for last in (False, False, True):
        port = free_port()
        with _writing(folder):
            text = _CONFIG.format(port=port, **{k: json.dumps(v) for k, v in config.items()})
            write_atomically(folder / "registry.yml", text.encode(), mode=0o600)
        try:
            process.start(
                [program, "serve", str(folder / "registry.yml")],
                pidfile=folder / "registry.pid",
                log=log,
                ready=lambda port=port: answers(port, 401),  # type: ignore[misc]
                timeout=20,
                env={k: v for k, v in os.environ.items() if not k.startswith("REGISTRY_")},
            )
        except EnvironmentProblem:
            if last or "address already in use" not in log.read_text(errors="replace"):
                raise
        else:
            return port
    raise AssertionError


def _start_front(state: Path, port: int, behind: int) -> bool:
    """Start the hub on `port`; False when somebody took the port in between."""
    folder = state / "hub"
    # The mark tells our hub from another that would answer on the same port.
    mark = secrets.token_hex(8)
    with _writing(folder):
        settle_port(folder, port)
    arguments = [str(state), "--port", str(port), "--registry", str(behind), "--mark", mark]
    try:
        process.start(
            [sys.executable, "-m", "workshop.hub.server", *arguments],
            pidfile=folder / "atelier.pid",
            log=folder / "hub.log",
            ready=lambda: answering(port) == mark,
            timeout=30,
            cwd=ROOT,
        )
    except EnvironmentProblem:
        if "address already in use" in (folder / "hub.log").read_text(errors="replace"):
            return False
        raise
    return True


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place."
        ) from error


def running(state: Path) -> str | None:
    """The hub's address when it runs."""
    from workshop.hub import container

    folder = state / "hub"
    contained = container.address(state) if container.holds(state) else None
    if not contained and None in (
        process.running(folder / "atelier.pid"),
        process.running(folder / "registry.pid"),
    ):
        return None
    try:
        address = contained or f"localhost:{int((folder / 'port').read_text())}"
        _KEYS[address] = (folder / "key").read_text().strip()
    except (OSError, ValueError):
        return None
    return address


def stop(state: Path) -> bool:
    """Stop the hub; returns whether it was running."""
    from workshop.hub import container

    folder = state / "hub"
    contained = container.stop(state)
    front = process.stop(folder / "atelier.pid")
    behind = process.stop(folder / "registry.pid")
    return contained or front or behind


def has(address: str, name: str) -> bool:
    """Whether the hub holds `repository:tag`."""
    repository, tag = _split(name)
    url = f"http://{address}/v2/{repository}/manifests/{tag}"
    try:
        with opened(address) as session:
            return session.head(url, headers=_ACCEPT, timeout=5).ok
    except requests.RequestException:
        return False


def push(address: str, names: Sequence[str], variants: Sequence[Pushable]) -> None:
    """Push an image under every name of `names` (`repository:tag`); several variants make an
    index. Blobs that are there already are not sent. Raises `EnvironmentProblem`."""
    layers = [[(data, compressed(data)) for data in image.all_layers] for image in variants]
    try:
        with opened(address) as session:
            for name in names:
                repository, tag = _split(name)
                base = f"http://{address}/v2/{repository}"
                manifests = [
                    _push_variant(session, base, image.config_blob, stored)
                    for image, stored in zip(variants, layers, strict=True)
                ]
                if len(manifests) == 1:
                    _put_manifest(session, base, tag, manifests[0], _MANIFEST)
                    continue
                for manifest in manifests:
                    _put_manifest(session, base, digest(manifest), manifest, _MANIFEST)
                _put_manifest(session, base, tag, _index(variants, manifests), _INDEX)
    except requests.RequestException as error:
        raise _trouble(address, error) from error


def delete(address: str, name: str) -> bool:
    """Take `repository:tag`, or the whole `repository`, off the hub; returns whether it was there.

    Other tags of the same image stay. An emptied repository stays in the registry's catalogue:
    distribution never forgets a name. Raises `EnvironmentProblem`.
    """
    repository, tag = _split(name)
    base = f"http://{address}/v2/{repository}"
    try:
        with opened(address) as session:
            listed = session.get(f"{base}/tags/list", timeout=30)
            tags = (listed.json().get("tags") or []) if listed.ok else []
            found = {each: _digest_of(session, base, each) for each in tags}
            doomed = {tag} & set(tags) if tag else set(tags)
            for image in {found[each] for each in doomed} - {None}:
                # The protocol only deletes by digest, with all its tags: put the others back.
                kept = [each for each in tags if found[each] == image and each not in doomed]
                manifest = session.get(f"{base}/manifests/{image}", headers=_ACCEPT, timeout=30)
                session.delete(f"{base}/manifests/{image}", timeout=30).raise_for_status()
                for each in kept:
                    media_type = manifest.headers["Content-Type"]
                    _put_manifest(session, base, each, manifest.content, media_type)
    except requests.RequestException as error:
        raise _trouble(address, error) from error
    return bool(doomed)


def opened(address: str) -> requests.Session:
    """Requests to a registry, with the workshop's key if it is a hub of ours."""
    session = requests.Session()
    session.trust_env = False
    if key := _KEYS.get(address) or _current_key(address):
        session.headers[KEY_HEADER] = key
    return session


_KEYS: dict[str, str] = {}
"""Keys of the hubs that this process has started or found: address → key."""


def _current_key(address: str) -> str | None:
    lab = Lab.current()
    return lab.hub_key if lab.hub == address else None


def _split(name: str) -> tuple[str, str]:
    """`repository:tag` → (repository, tag); the tag is empty when there is none."""
    repository, _, tag = name.partition(":")
    return repository, tag


def _trouble(address: str, error: requests.RequestException) -> EnvironmentProblem:
    if error.response is None:
        return EnvironmentProblem(
            f"Le hub de l'atelier ({address}) ne répond pas. Lancez `./atelier preparer`."
        )
    return EnvironmentProblem(
        f"Le hub de l'atelier ({address}) a refusé : {error}. S'il manque de place sur le disque, "
        "libérez-en ; sinon, lancez `./atelier fermer`, puis `./atelier preparer`."
    )


def _digest_of(session: requests.Session, base: str, tag: str) -> str | None:
    answer = session.head(f"{base}/manifests/{tag}", headers=_ACCEPT, timeout=30)
    return answer.headers.get("Docker-Content-Digest") if answer.ok else None


def _index(variants: Sequence[Pushable], manifests: Sequence[bytes]) -> bytes:
    entries = [
        {
            "mediaType": _MANIFEST,
            "digest": digest(manifest),
            "size": len(manifest),
            "platform": {"os": "linux", "architecture": image.architecture},
        }
        for image, manifest in zip(variants, manifests, strict=True)
    ]
    return _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries})


def _push_variant(
    session: requests.Session, base: str, config: bytes, layers: Sequence[tuple[bytes, bytes]]
) -> bytes:
    """Push config and layers (plain, stored); returns the manifest, not yet pushed."""
    for blob in (config, *(stored for _, stored in layers)):
        name = digest(blob)
        if session.head(f"{base}/blobs/{name}", timeout=30).ok:
            continue
        upload = session.post(f"{base}/blobs/uploads/", timeout=30)
        upload.raise_for_status()
        place = urljoin(base, upload.headers["Location"])
        place += ("&" if "?" in place else "?") + f"digest={name}"
        headers = {"Content-Type": "application/octet-stream"}
        session.put(place, data=blob, headers=headers, timeout=300).raise_for_status()
    return _json(oci_manifest(config, list(layers)))


def _put_manifest(
    session: requests.Session, base: str, reference: str, data: bytes, media_type: str
) -> None:
    url, headers = f"{base}/manifests/{reference}", {"Content-Type": media_type}
    session.put(url, data=data, headers=headers, timeout=30).raise_for_status()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def answering(port: int) -> str | None:
    """The mark of the hub that answers on that port of this machine."""
    try:
        return requests.get(f"http://localhost:{port}/v2/", timeout=1).headers.get("X-Atelier")
    except requests.RequestException:
        return None


def free_ports(folder: Path, say: Callable[[str], None]) -> Iterator[int]:
    """The ports it has had, the first one first, else 5000, then the following ones; only those
    that look free."""
    for port in dict.fromkeys((*_ports(folder), *range(FIRST_PORT, FIRST_PORT + PORTS))):
        if taken(port):
            say(f"Le port {port} est occupé : le hub essaie le suivant.")
        else:
            yield port


def settle_port(folder: Path, port: int) -> None:
    """Keep the port, and those of before: images bear the names of that time."""
    ports = dict.fromkeys((*_ports(folder), port))
    write_atomically(folder / "ports", "\n".join(map(str, ports)).encode())
    write_atomically(folder / "port", str(port).encode())


def _ports(folder: Path) -> list[int]:
    for name in ("ports", "port"):
        with contextlib.suppress(OSError, ValueError):
            return [int(word) for word in (folder / name).read_text().split()]
    return []


def answers(port: int, status: int) -> bool:
    """Whether a registry answers `status` on that loopback port."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/v2/", timeout=1).status_code == status
    except requests.RequestException:
        return False


def free_port() -> int:
    """A loopback port that nobody listens on, for now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def taken(port: int) -> bool:
    """Whether somebody listens on `port`, on either address that `localhost` stands for."""
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
