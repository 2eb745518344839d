"""Pushing and pulling a layer of 500 MiB through the hub, against the bare registry, in one run.

Target: ≤ 1.3 × the bare registry, push and pull together. The client hashes what it pulls, as every
client does. Also printed: the memory that the hub took at most, over layers of 500 MiB and 1 GiB.
With `--clients N --seconds S`, N clients push and pull at once for S seconds: no error may happen,
no push that was acknowledged may be lost, memory must stay flat.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
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

MIB = 1 << 20
REPOSITORY = "mesure/banc"


class Client:
    """Pushes and pulls blobs of `REPOSITORY` at `port`."""

    def __init__(self, port: int, key: str | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {KEY_HEADER: key} if key else {}

    def push(self, block: bytes, count: int) -> tuple[str, float]:
        """Push `count` times `block` as one blob; returns its digest, and the seconds it took."""
        hasher = hashlib.sha256()
        for _ in range(count):
            hasher.update(block)
        digest = "sha256:" + hasher.hexdigest()
        begun = time.perf_counter()
        place = self._send("POST", f"/v2/{REPOSITORY}/blobs/uploads/", 202)
        size = {"Content-Length": str(count * len(block))}
        place = self._send("PATCH", place, 202, (block for _ in range(count)), size)
        self._send("PUT", f"{place}&digest={digest}", 201, None, {"Content-Length": "0"})
        return digest, time.perf_counter() - begun

    def pull(self, digest: str) -> float:
        """Pull a blob, and check it; returns the seconds that it took."""
        hasher = hashlib.sha256()
        buffer = memoryview(bytearray(MIB))
        begun = time.perf_counter()
        self._connection.request("GET", f"/v2/{REPOSITORY}/blobs/{digest}", headers=self._headers)
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
    ) -> str:
        parts = urlsplit(place)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self._connection.request(method, path, body, self._headers | (headers or {}))
        answer = self._connection.getresponse()
        told = answer.read()
        assert answer.status == expected, (method, path, answer.status, told)
        return answer.headers.get("Location", "")


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


def crowd(port: int, key: str, state: Path, clients: int, seconds: float) -> int:
    """Clients that push and pull at once; prints what happened, returns the number of errors."""
    errors: list[BaseException] = []
    kept: list[str] = []
    end = time.monotonic() + seconds

    def work() -> None:
        try:
            client = Client(port, key)
            while time.monotonic() < end:
                digest, _ = client.push(os.urandom(64 * 1024), 16)
                client.pull(digest)
                kept.append(digest)
        except BaseException as error:
            errors.append(error)

    before, _ = memory(state)
    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after, most = memory(state)
    for digest in kept:
        Client(port, key).pull(digest)
    print(
        f"{clients} clients, {seconds:g} s : {len(kept)} allers-retours de 1 MiB, "
        f"{len(errors)} erreur(s), mémoire du hub {before:.0f} → {after:.0f} MiB "
        f"(au plus {most:.0f})"
    )
    for error in errors[:3]:
        print(f"  {error!r}")
    return len(errors)


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
            port, key = int(address.rpartition(":")[2]), (state / "hub" / "key").read_text()
            if options.clients:
                return int(crowd(port, key, state, options.clients, options.seconds) > 0)
            with bare_registry(folder / "seul") as alone:
                ratio = compare(Client(alone, None), Client(port, key), options.rounds)
            print(f"rapport : {ratio:.2f} (cible : 1.3)")
            _, before = memory(state)
            digest, _ = Client(port, key).push(os.urandom(MIB), 1024)
            Client(port, key).pull(digest)
            print(
                f"mémoire du hub : {before:.0f} MiB ; après une couche de 1 GiB : "
                f"{memory(state)[1]:.0f} MiB"
            )
            return int(ratio > 1.3)
        finally:
            registry.stop(state)


if __name__ == "__main__":
    sys.exit(main())
