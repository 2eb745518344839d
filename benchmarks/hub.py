"""Pushing and pulling a layer of 500 MiB through the hub, against the bare registry, in one run.

Targets: ≤ 1.3 × the bare registry, push and pull together; at most 64 MiB more of the hub's memory
after a layer of 1 GiB. The client hashes what it pulls, as every client does.
With `--clients N --seconds S`, N accounts push and pull images of 1 MiB at once for S seconds, each
push and each pull with a token asked for with the password, as docker does: no error may happen, no
push that was acknowledged may be lost, memory must stay flat (at most 32 MiB more than at a third
of the time). The exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from checks.evidence.registry import KEY_HEADER  # noqa: E402
from workshop import process  # noqa: E402
from workshop.debian import find_program  # noqa: E402
from workshop.hub import registry  # noqa: E402
from workshop.hub.store import open_store  # noqa: E402

MIB = 1 << 20
REPOSITORY = "mesure/banc"
PASSWORD = "Un-mot-de-passe-1"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
RATIO, GROWTH, FLAT = 1.3, 64, 32
"""The targets: times the bare registry; MiB of memory after a big layer, and with a crowd."""
LAYER = "application/vnd.oci.image.layer.v1.tar"


class Client:
    """Pushes and pulls in `repository` at `port`; `headers` are sent with everything."""

    def __init__(self, port: int, headers: dict[str, str], repository: str = REPOSITORY) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._base = f"/v2/{repository}"
        self._repository = repository
        self.headers = headers

    def sign_in(self, account: str, password: str, actions: str) -> None:
        """Ask for a token, and show it from now on."""
        basic = base64.b64encode(f"{account}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {basic}"}
        place = f"/auth/token?service=hub&scope=repository:{self._repository}:{actions}"
        _, told = self._send("GET", place, 200)
        self.headers = {"Authorization": f"Bearer {json.loads(told)['token']}"}

    def push(self, block: bytes, count: int) -> tuple[str, float]:
        """Push `count` times `block` as one blob; returns its digest, and the seconds it took."""
        hasher = hashlib.sha256()
        for _ in range(count):
            hasher.update(block)
        digest = "sha256:" + hasher.hexdigest()
        begun = time.perf_counter()
        place, _ = self._send("POST", f"{self._base}/blobs/uploads/", 202)
        size = {"Content-Length": str(count * len(block))}
        place, _ = self._send("PATCH", place, 202, (block for _ in range(count)), size)
        self._send("PUT", f"{place}&digest={digest}", 201, None, {"Content-Length": "0"})
        return digest, time.perf_counter() - begun

    def push_manifest(self, tag: str, config: str, layer: str, size: int) -> None:
        """Push under `tag` the image of that config (`{}`) and layer, named by their digests."""
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": config, "size": 2},
            "layers": [{"mediaType": LAYER, "digest": layer, "size": size}],
        }
        place, content = f"{self._base}/manifests/{tag}", json.dumps(document).encode()
        sent = {"Content-Type": MANIFEST, "Content-Length": str(len(content))}
        self._send("PUT", place, 201, iter([content]), sent)

    def layer_of(self, tag: str) -> str:
        """The digest of the one layer of the image `tag`."""
        place = f"{self._base}/manifests/{tag}"
        _, told = self._send("GET", place, 200, None, {"Accept": MANIFEST})
        return str(json.loads(told)["layers"][0]["digest"])

    def pull(self, digest: str) -> float:
        """Pull a blob, and check it; returns the seconds that it took."""
        hasher = hashlib.sha256()
        buffer = memoryview(bytearray(MIB))
        begun = time.perf_counter()
        self._connection.request("GET", f"{self._base}/blobs/{digest}", headers=self.headers)
        answer = self._connection.getresponse()
        while size := answer.readinto(buffer):
            hasher.update(buffer[:size])
        assert answer.status == 200 and digest == "sha256:" + hasher.hexdigest(), answer.status
        return time.perf_counter() - begun

    def _send(
        self,
        method: str,
        place: str,
        expected: int,
        body: Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[str, bytes]:
        """Where the answer leads, and its body."""
        parts = urlsplit(place)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self._connection.request(method, path, body, self.headers | (headers or {}))
        answer = self._connection.getresponse()
        told = answer.read()
        assert answer.status == expected, (method, path, answer.status, told)
        return answer.headers.get("Location", ""), told


@contextlib.contextmanager
def bare_registry(folder: Path) -> Iterator[int]:
    """The registry alone, without the hub nor tokens; yields its port."""
    port = registry.free_port()
    config = folder / "config.yml"
    config.write_text(
        "version: 0.1\nlog: {level: warn, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}}}\n"
    )
    process.start(
        [find_program("docker-registry") or "docker-registry", "serve", str(config)],
        pidfile=folder / "pid",
        log=folder / "log",
        ready=lambda: registry.answers(port, 200),
        timeout=20,
    )
    try:
        yield port
    finally:
        process.stop(folder / "pid")


def memory(state: Path) -> tuple[float, float]:
    """Memory of the hub now, and at most so far, in MiB (`VmRSS`, `VmHWM` of proc(5))."""
    pid = process.running(state / "hub" / "atelier.pid")
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    now, most = (int(told[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return now, most


def compare(bare: Client, hub: Client, rounds: int) -> float:
    """Time both, in turns; prints a table, returns the ratio of push and pull together."""
    times: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, client in (("registre seul", bare), ("par le hub", hub)):
            digest, pushed = client.push(os.urandom(MIB), 500)
            times.setdefault(name, {}).setdefault("push", []).append(pushed)
            times[name].setdefault("pull", []).append(client.pull(digest))
    print(f"{'500 MiB':<16}{'push (s)':>10}{'pull (s)':>10}{'ensemble':>10}   médianes")
    totals = []
    for name, row in times.items():
        push, pull = statistics.median(row["push"]), statistics.median(row["pull"])
        totals.append(push + pull)
        print(f"{name:<16}{push:>10.2f}{pull:>10.2f}{push + pull:>10.2f}")
    return totals[1] / totals[0]


def big_layer(client: Client, state: Path, size: int) -> float:
    """Push and pull a layer of `size` MiB; prints and returns the MiB that the hub's memory took
    at most beyond what it had taken so far."""
    _, before = memory(state)
    digest, _ = client.push(os.urandom(MIB), size)
    client.pull(digest)
    _, after = memory(state)
    print(f"mémoire du hub : {before:.0f} MiB ; après une couche de {size} MiB : {after:.0f} MiB")
    return after - before


def crowd(port: int, state: Path, clients: int, seconds: float) -> bool:
    """Accounts that push and pull at once; prints what happened, returns whether all was well."""
    accounts = [f"eleve{number}" for number in range(clients)]
    store = open_store(state)
    for account in accounts:
        store.create_account(account, PASSWORD)
    store.close()
    errors: list[BaseException] = []
    kept: list[tuple[str, str, str]] = []
    begun = time.monotonic()

    def work(account: str) -> None:
        try:
            client = Client(port, {}, f"{account}/app")
            turn = 0
            while time.monotonic() < begun + seconds:
                turn += 1
                client.sign_in(account, PASSWORD, "pull,push")
                config, _ = client.push(b"{}", 1)
                digest, _ = client.push(os.urandom(64 * 1024), 16)
                client.push_manifest(str(turn), config, digest, MIB)
                kept.append((account, str(turn), digest))
                client.sign_in(account, PASSWORD, "pull")
                client.pull(client.layer_of(str(turn)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 3)
    before, _ = memory(state)
    for thread in threads:
        thread.join()
    after, most = memory(state)
    lost = 0
    for account, tag, digest in kept:
        client = Client(port, {}, f"{account}/app")
        try:
            client.sign_in(account, PASSWORD, "pull")
            assert client.layer_of(tag) == digest
            client.pull(digest)
        except Exception as error:
            errors.append(error)
            lost += 1
    print(
        f"{clients} comptes, {seconds:g} s : {len(kept)} images de 1 MiB publiées et retirées, "
        f"{lost} perdue(s), {len(errors)} erreur(s) ; mémoire du hub {before:.0f} → {after:.0f} "
        f"MiB (au plus {most:.0f})"
    )
    for error in errors[:3]:
        print(f"  {error!r}")
    return bool(kept) and not errors and after - before <= FLAT


def main() -> int:
    """Run the comparison, or the crowd; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-") as name:
        folder = Path(name)
        (folder / "seul").mkdir()
        state = folder / "etat"
        address = registry.ensure(state, print)
        try:
            port = int(address.rpartition(":")[2])
            shown = {KEY_HEADER: (state / "hub" / "key").read_text()}
            if options.clients:
                return int(not crowd(port, state, options.clients, options.seconds))
            with bare_registry(folder / "seul") as alone:
                ratio = compare(Client(alone, {}), Client(port, shown), options.rounds)
            print(f"rapport : {ratio:.2f} (cible : {RATIO})")
            growth = big_layer(Client(port, shown), state, 1024)
            return int(ratio > RATIO or growth > GROWTH)
        finally:
            registry.stop(state)


if __name__ == "__main__":
    sys.exit(main())
