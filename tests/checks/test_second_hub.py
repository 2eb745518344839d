"""Phase 4 against another registry than the workshop's: another host name, another port, TLS with
an authority of its own, real authentication. As on Docker Hub, the checks only have the session of
the learner's client."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.outcome import Status
from checks.runner import run_one
from classroom.grade import grade
from classroom.submit import submit
from tests.conftest import quiet, run_script
from tests.workshop.test_cli import atelier
from workshop.hub import network, registry
from workshop.hub.store import open_store
from workshop.lab import ROOT, Lab

HOST = "registre.salle.lan"
HOSTS = Path("/etc/hosts")


@dataclass(frozen=True)
class Second:
    """A hub elsewhere; `token` is pytheas's there."""

    state: Path
    address: str
    token: str


@contextlib.contextmanager
def named() -> Iterator[None]:
    """`HOST` is this machine, for a while."""
    try:
        socket.getaddrinfo(HOST, 443)
        yield
        return
    except OSError:
        before = HOSTS.read_text()
    line = f"127.0.0.1 {HOST}\n"
    HOSTS.write_text(f"{before.rstrip()}\n{line}")
    try:
        yield
    finally:
        HOSTS.write_text(HOSTS.read_text().replace(line, ""))


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    trusted = None
    try:
        with named():
            opened = network.open_to_network(state, quiet, host=HOST, port=registry.free_port())
            trusted = Path("/etc/docker/certs.d") / opened.address
            trusted.mkdir(parents=True)
            shutil.copy(state / "hub" / "authority.crt", trusted / "ca.crt")
            store = open_store(state)
            store.create_account("pytheas", "Un-mot-de-passe-1")
            store.create_repository("pytheas/journal-interne", private=True)
            _, token = store.create_token("pytheas", "publication", "read-write", days=1)
            store.close()
            yield Second(state, opened.address, token)
    finally:
        registry.stop(state)
        shutil.rmtree(state, ignore_errors=True)
        if trusted:
            shutil.rmtree(trusted, ignore_errors=True)


def solution(id: str) -> str:
    """The reference answer, typed for the second hub: `$CIBLE`, in place of what it sends to."""
    kept = [
        line
        for line in (ROOT / "solutions" / f"{id}.sh").read_text().splitlines()
        if not line.startswith(("openssl", "atelier hub", "umask"))
    ]
    text = "\n".join(kept)
    for own in ("moi", "pytheas", "armateur"):
        text = text.replace(f"$HUB/{own}", "$CIBLE/" + own.replace("moi", "pytheas"))
    return text.replace('--password-stdin "$HUB"', '--password-stdin "$CIBLE"')


def verdict(lab: Lab, id: str, folder: Path) -> tuple[str, str]:
    """What live evidence says, and what a submission says: they must agree."""
    live = run_one(id, lab.evidence())
    path = folder / "rendu.zip"
    submit(lab.evidence(), path, ids=[id])
    (handed,) = [result for result in grade(path).results if result.exercise == id]
    assert (live.status, live.mistake) == (handed.status, handed.mistake)
    return str(live.mistake or live.status), live.message


def test_published_elsewhere_over_tls_is_proven_elsewhere(
    lab: Lab, second: Second, tmp_path: Path
) -> None:
    (lab.workspace / ".jeton").write_text(second.token)
    lab.publish_in(f"{second.address}/pytheas")
    assert lab.environment()["ESPACE"] == f"{second.address}/pytheas"
    prefix = f"export CIBLE={second.address}\nset -e\n"
    assert verdict(lab, "4.1", tmp_path)[0] == "pas-publiee"
    for id in ("4.3", "4.1", "4.6", "4.8", "4.14", "4.5"):  # 4.3 opens the session
        code, log = run_script(lab, prefix + solution(id))
        assert code == 0, f"{id}: {log}"
        assert verdict(lab, id, tmp_path)[0] == "passed", f"{id}: {verdict(lab, id, tmp_path)[1]}"
    names = lab.evidence().tags(f"{lab.hub}/moi/vigie-veille")
    assert names == [], "nothing went to the workshop's hub"

    store = open_store(second.state)
    store.set_private("pytheas/journal-interne", False)
    store.close()
    assert verdict(lab, "4.3", tmp_path)[0] == "depot-public"
    run_script(lab, prefix + "docker tag busybox:1.35 $CIBLE/pytheas/vigie:1.0.0\n"
               "docker push $CIBLE/pytheas/vigie:1.0.0")  # fmt: skip
    assert verdict(lab, "4.1", tmp_path)[0] == "autre-image"

    store = open_store(second.state)
    store.set_private("pytheas/journal-interne", True)
    (token,) = store.tokens("pytheas")
    store.revoke_token("pytheas", token["id"])
    store.close()
    result = run_one("4.3", lab.evidence())
    assert result.status is Status.ENVIRONMENT, "an expired session hides the work, it undoes none"
    assert "refuse la session" in result.message and "pytheas" in result.message


def test_a_registry_that_is_gone_is_nobody_s_mistake(lab: Lab) -> None:
    lab.publish_in(f"localhost:{registry.free_port()}/pytheas")
    result = run_one("4.1", lab.evidence())
    assert result.status is Status.ENVIRONMENT and "ne répond pas" in result.message


def test_the_space_in_use_is_told_and_changed(lab: Lab) -> None:
    assert atelier("espace").stdout.startswith(f"Vous publiez dans {lab.hub}/moi")
    assert "Docker Hub" in atelier("espace", "docker.io/lea").stdout
    assert "docker.io/lea (Docker Hub)" in atelier("etat").stdout.replace("\xa0", " ")
    assert atelier("espace", "lea").returncode == 2
    assert lab.space == "docker.io/lea", "a refused space changes nothing"
    assert atelier("espace", "atelier").returncode == 0
    assert lab.space == f"{lab.hub}/moi"
    (lab.workspace / "reponses" / "4.1.json").write_text("{")
    assert lab.space == f"{lab.hub}/moi", "an answer that cannot be read is as none"
