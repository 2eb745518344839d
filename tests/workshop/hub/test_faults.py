"""Bad days: kills, a full disk, a clock that jumps, bodies cut or too big. Nothing is corrupted."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from checks.evidence.registry import KEY_HEADER
from checks.material import making
from checks.outcome import EnvironmentProblem
from tests.workshop.hub.people import IMAGE, MANIFEST, PASSWORD, Hub, quiet
from tests.workshop.hub.test_access import hidden
from tests.workshop.hub.test_commands import tool
from workshop import process
from workshop.hub import backup, registry
from workshop.hub.server import _Doors
from workshop.hub.store import open_store
from workshop.hub.token import LIFETIME, Access, Signer

STORED = making.compressed(IMAGE.all_layers[0])
PULLED = {"headers": {"Accept": MANIFEST}}


@pytest.fixture
def state() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    registry.stop(path)
    shutil.rmtree(path, ignore_errors=True)


def manifest(mark: str) -> bytes:
    """An image like no other."""
    document = making.oci_manifest(IMAGE.config_blob, [(IMAGE.all_layers[0], STORED)])
    return json.dumps(document | {"annotations": {"fr.atelier": mark}}).encode()


class Pusher(threading.Thread):
    """Pushes a layer and a manifest, again and again, until the hub is gone or `stop` is set."""

    def __init__(self, hub: Hub, number: str, stop: threading.Event) -> None:
        super().__init__()
        self.hub, self.number, self.stop = hub, number, stop
        self.acknowledged: dict[str, tuple[str, str]] = {}
        """Tag → digests of the manifest and of a blob pushed with it."""

    def run(self) -> None:
        repository = f"lea/foule-{self.number}"
        with contextlib.suppress(requests.RequestException, KeyError):
            token = self.hub.token(f"repository:{repository}:pull,push", "lea")
            for blob in (IMAGE.config_blob, STORED):
                if self.hub.upload(repository, token, blob).status_code != 201:
                    return
            for turn in range(1000):
                if self.stop.is_set():
                    return
                layer = f"{self.number} {turn} ".encode() * 3000
                if self.hub.upload(repository, token, layer).status_code != 201:
                    return
                document, headers = manifest(f"{self.number} {turn}"), {"Content-Type": MANIFEST}
                place = f"{repository}/manifests/{turn}"
                done = self.hub.ask("PUT", place, token, data=document, headers=headers)
                if done.status_code == 201:
                    self.acknowledged[str(turn)] = (
                        making.digest(document), making.digest(layer),
                    )  # fmt: skip


def test_no_kill_loses_a_push_that_was_acknowledged(state: Path) -> None:
    acknowledged: dict[str, dict[str, tuple[str, str]]] = {}
    for turn, victims in enumerate((("atelier",), ("registry",), ("atelier", "registry"))):
        hub, stop = Hub(state), threading.Event()
        pushers = [Pusher(hub, f"{turn}-{n}", stop) for n in range(6)]
        for pusher in pushers:
            pusher.start()
        while sum(len(pusher.acknowledged) for pusher in pushers) < 20:
            assert any(pusher.is_alive() for pusher in pushers)
            time.sleep(0.02)
        for victim in victims:
            pid = process.running(state / "hub" / f"{victim}.pid")
            assert pid is not None
            os.kill(pid, 9)
        stop.set()
        for pusher in pushers:
            pusher.join()
            acknowledged[f"lea/foule-{pusher.number}"] = pusher.acknowledged
    hub = Hub(state)
    told = requests.get(f"{hub.url}/atelier/events", headers={KEY_HEADER: hub.key}).json()
    events = {(e["repository"], e["tag"], e["digest"]) for e in told if e["action"] == "push"}
    for repository, tags in acknowledged.items():
        token = hub.token(f"repository:{repository}:pull")  # public: anybody's
        for tag, (digest, layer) in tags.items():
            answer = hub.ask("GET", f"{repository}/manifests/{tag}", token, **PULLED)
            assert answer.status_code == 200 and making.digest(answer.content) == digest
            blob = hub.ask("GET", f"{repository}/blobs/{layer}", token).content
            assert making.digest(blob) == layer
            assert (repository, tag, digest) in events


@pytest.fixture
def small_disk(state: Path) -> Iterator[Path]:
    """A state folder on a disk of 6 MiB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(state)], check=True)
    yield state
    registry.stop(state)
    subprocess.run(["umount", "--lazy", str(state)], check=True)


def fill(path: Path) -> None:
    """Take all the room that is left, to the last byte."""
    with path.open("wb", buffering=0) as stream:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    stream.write(b"x" * size)


def test_a_full_disk_is_told_and_nothing_is_corrupted(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    hub, state = Hub(small_disk), small_disk
    registry.push(hub.address, ["cours/public:1", "lea/app:1"], [IMAGE])
    whole = tmp_path / "hub.tar"
    backup.save(state, whole)
    token = hub.token("repository:lea/app:pull,push", "lea")

    def unknown(answer: requests.Response) -> None:
        assert answer.status_code == 500, answer.text
        assert answer.json()["errors"][0]["code"] == "UNKNOWN"

    unknown(hub.upload("lea/app", token, os.urandom(8 << 20)))
    deadline = time.monotonic() + 10
    while shutil.disk_usage(state).free < 4 << 20:  # what had come of it does not stay
        assert time.monotonic() < deadline
        time.sleep(0.02)
    fill(state / "plein")
    # On the wire: the registry's own words for a push; the rest goes on.
    unknown(hub.ask("POST", "lea/app/blobs/uploads/", token))
    headers = {"Content-Type": MANIFEST}
    unknown(hub.ask("PUT", "lea/app/manifests/2", token, data=manifest("2"), headers=headers))
    with pytest.raises(EnvironmentProblem, match="manque de place"):
        registry.push(hub.address, ["cours/public:2"], [IMAGE])
    assert hub.ask("GET", "lea/app/manifests/1", token, **PULLED).status_code == 200
    login = requests.get(f"{hub.url}/auth/token", {"offline_token": "1"}, auth=("lea", PASSWORD))
    assert login.status_code == 200
    stranger = hub.token("repository:lea/app:pull,push", "karim")
    assert hub.ask("POST", "lea/app/blobs/uploads/", stranger).status_code == 401
    found = requests.get(f"{hub.url}/v1/search", {"q": "app"}).json()["results"]
    assert [each["name"] for each in found] == ["lea/app"]
    # On the page: French.
    with requests.Session() as visit:
        form = {"formulaire": hidden(visit.get(f"{hub.url}/connexion")), "compte": "lea"}
        opened = visit.post(f"{hub.url}/connexion", form | {"mot-de-passe": PASSWORD}, timeout=30)
        assert opened.status_code == 200, "one may look"
        form = {"formulaire": hidden(opened), "nom": "ci", "portee": "read", "jours": ""}
        refused = visit.post(f"{hub.url}/compte/jetons", form, timeout=30)
        assert refused.status_code == 503 and "le disque est plein" in refused.text
    # In the shell: French, and nothing half-written.
    atelier = tool(state, monkeypatch, capsys)
    for arguments, words in (
        (("compte", "creer", "aya"), "le disque est plein"),
        (("depot", "creer", "lea/neuf"), "le disque est plein"),
        (("regler", "--limite", "3"), "plus de place"),
        (("sauvegarder", str(state / "hub.tar")), "rien n’en reste"),
        (("restaurer", str(whole), "--remplacer"), "Le hub garde ce qu’il avait"),
    ):
        code, out, err = atelier(*arguments, given=PASSWORD)
        assert (code, out) == (3, "") and words in err, err
        assert len(err.splitlines()) == 1, err
    assert not (state / "hub.tar").exists()
    # With room again, all is as it was, and writing starts again; after a restart too.
    (state / "plein").unlink()
    for restarted in (False, True):
        if restarted:
            registry.stop(state)
            hub = Hub(state)
        answer = hub.ask("GET", "lea/app/manifests/1", token, **PULLED)
        assert answer.status_code == 200
        assert hub.ask("GET", "lea/app/manifests/2", token).status_code == 404
        blob = hub.ask("GET", f"lea/app/blobs/{making.digest(STORED)}", token)
        assert blob.content == STORED
    code, _, err = atelier("compte", "creer", "aya", given=PASSWORD)
    assert code == 0, err
    put = hub.ask("PUT", "lea/app/manifests/2", token, data=manifest("2"), headers=headers)
    assert put.status_code == 201
    assert [event["tag"] for event in hub.events("push", "lea/app")] == ["2"]


def test_a_hub_that_cannot_start_says_why(state: Path) -> None:
    (state / "hub").mkdir()
    (state / "hub" / "hub.db").write_bytes(b"rubbish " * 1000)
    with pytest.raises(EnvironmentProblem, match="ce fichier est abîmé"):
        registry.ensure(state, quiet)
    assert registry.running(state) is None


def test_two_hubs_never_share_a_folder(hub: Hub) -> None:
    port = str(registry.free_port())
    done = subprocess.run(
        [sys.executable, "-m", "workshop.hub.server", str(hub.state),
         "--port", port, "--registry", "1"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1 and "Un autre hub" in done.stderr
    assert hub.ask("GET", "").status_code == 401, "the first goes on"


# A clock that jumps: the registry checks tokens by its own.


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [(-LIFETIME - 120, False), (-LIFETIME + 30, True), (-30, True), (30, True), (90, True),
     (300, False)],
)  # fmt: skip
def test_clocks_may_differ_a_little(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, seconds: int, accepted: bool
) -> None:
    """The token service's clock is `seconds` ahead of the registry's, as in a virtual machine."""
    real = time.time
    signer = Signer(hub.state / "hub")
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + seconds)
        token = signer.issue("lea", [Access("repository", "lea/app", ("pull", "push"))])["token"]
    answer = hub.ask("POST", "lea/app/blobs/uploads/", token)
    assert answer.status_code == (202 if accepted else 401)
    if not accepted:  # the client is sent to ask for another, which is right
        assert "/auth/token" in answer.headers["WWW-Authenticate"]
        fresh = hub.token("repository:lea/app:pull,push", "lea")
        assert hub.ask("POST", "lea/app/blobs/uploads/", fresh).status_code == 202


@pytest.mark.parametrize("jump", [3600, -3600, 8 * 3600])
def test_the_workshop_s_own_token_is_right_after_a_jump(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    """A laptop that slept, or whose clock was put right: no push of the workshop fails for it."""
    doors = _Doors(open_store(hub.state), Signer(hub.state / "hub"), hub.key)
    before = doors.own_token("lea/app")
    assert doors.own_token("lea/app") == before, "kept a while"
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    told = doors.claims(f"Bearer {doors.own_token('lea/app')}")
    assert told["nbf"] < time.time() < told["exp"]


# Bodies.


def raw(hub: Hub, method: str, path: str, token: str, head: str, body: bytes) -> bytes:
    """Send a request byte by byte as told, close for writing, and read what comes."""
    with socket.create_connection(("127.0.0.1", int(hub.address.rpartition(":")[2]))) as wire:
        wire.settimeout(20)
        lines = f"{method} {path} HTTP/1.1\r\nHost: {hub.address}\r\nAuthorization: Bearer {token}"
        with contextlib.suppress(ConnectionError):
            wire.sendall(f"{lines}\r\nContent-Type: {MANIFEST}\r\n{head}\r\n\r\n".encode() + body)
            wire.shutdown(socket.SHUT_WR)
            return wire.recv(1 << 16)
    return b""


CUTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a length that lies": ("Content-Length: {size}", lambda whole: whole[: len(whole) // 2]),
    "chunks without an end": (
        "Transfer-Encoding: chunked",
        lambda whole: f"{len(whole) // 2:x}\r\n".encode() + whole[: len(whole) // 2] + b"\r\n",
    ),
    "a chunk cut": (
        "Transfer-Encoding: chunked", lambda whole: f"{len(whole):x}\r\n".encode() + whole[:20],
    ),
    "nothing": ("Content-Length: {size}", lambda whole: b""),
}  # fmt: skip


@pytest.mark.parametrize("cut", CUTS)
def test_a_manifest_cut_half_way_leaves_the_tag_as_it_was(hub: Hub, cut: str) -> None:
    registry.push(hub.address, ["lea/coupe:1"], [IMAGE])
    token = hub.token("repository:lea/coupe:pull,push", "lea")
    before = hub.ask("GET", "lea/coupe/manifests/1", token, **PULLED).content
    whole = manifest("coupe")
    head, part = CUTS[cut]
    head = head.format(size=len(whole))
    for tag in ("1", "2"):
        answer = raw(hub, "PUT", f"/v2/lea/coupe/manifests/{tag}", token, head, part(whole))
        assert b" 201 " not in answer
    assert hub.ask("GET", "lea/coupe/manifests/1", token, **PULLED).content == before
    assert hub.ask("GET", "lea/coupe/manifests/2", token, **PULLED).status_code == 404
    assert hub.events("push", "lea/coupe") == []


def test_what_is_too_big_is_refused_without_being_kept(hub: Hub) -> None:
    token = hub.token("repository:lea/gros:pull,push", "lea")
    headers, path = {"Content-Type": MANIFEST}, "lea/gros/manifests/1"
    big = b'{"schemaVersion": 2, "x": "' + b"x" * (5 << 20) + b'"}'
    for body in (big, (big[i : i + 65536] for i in range(0, len(big), 65536))):
        answer = hub.ask("PUT", path, token, data=body, headers=headers)
        assert answer.status_code in (400, 413) and answer.json()["errors"][0]["code"]
    assert hub.ask("GET", path, token).status_code == 404
    form = {"grant_type": "password", "username": "lea", "password": "x" * (2 << 20)}
    assert requests.post(f"{hub.url}/auth/token", data=form, timeout=30).status_code == 413
    assert hub.ask("GET", "").status_code == 401, "it still answers"
