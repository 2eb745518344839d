"""Real clients drive the hub: docker and docker-py on two engines, skopeo, podman.

They log in, push, pull by tag and by digest, search, log out and are refused; a private repository
is seen by its owner, a member of a team and a stranger; expired and revoked tokens are turned away.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from checks.evidence.registry import Reader
from checks.material import making
from tests import engines
from tests.workshop.hub.people import PASSWORD, SHOP, TEAM, populate, revoke, token_of
from workshop.debian import ensure_programs
from workshop.engine import Engine
from workshop.hub import registry

ENGINES = ("docker-20.10", "docker-26.1-containerd")
BUSYBOX = making.layer({"bin/busybox": Path("/bin/busybox").read_bytes()}, mode=0o755)
IMAGE = making.CourseImage(
    name="cours/essai",
    config={"Cmd": ["/bin/busybox", "echo", "bonjour"]},
    layers=(BUSYBOX, making.layer({"essai": b"contenu"})),
)


def quiet(line: str) -> None:
    """A `say` that says nothing."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[str]:
    address = registry.ensure(folder, quiet)
    populate(folder)
    registry.push(address, ["cours/essai:1", "library/busybox:1.36"], [IMAGE])
    yield address
    registry.stop(folder)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, hub: str, folder: Path) -> Iterator[Engine]:
    with engines.engine(request.param, folder / request.param[-5:], hub) as found:
        yield found


class Client:
    """A docker command line with settings of its own."""

    def __init__(self, engine: Engine, hub: str, folder: Path) -> None:
        self.engine, self.hub = engine, hub
        self.config = Path(tempfile.mkdtemp(dir=folder))

    def __call__(self, *arguments: str, given: str | None = None) -> tuple[int, str]:
        done = subprocess.run(
            ["docker", *arguments], input=given, capture_output=True, text=True, timeout=90,
            env=os.environ
            | {"DOCKER_HOST": self.engine.address, "DOCKER_CONFIG": str(self.config)},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def ok(self, *arguments: str, given: str | None = None) -> str:
        code, output = self(*arguments, given=given)
        assert code == 0, output
        return output

    def refused(self, *arguments: str, given: str | None = None) -> str:
        code, output = self(*arguments, given=given)
        assert code != 0, output
        return output

    def login(self, account: str, secret: str = PASSWORD) -> str:
        return self.ok("login", "-u", account, "--password-stdin", self.hub, given=secret)


def test_log_in_push_pull_log_out(engine: Engine, hub: str, folder: Path) -> None:
    docker = Client(engine, hub, folder)
    docker.ok("pull", f"{hub}/cours/essai:1")
    docker.ok("tag", f"{hub}/cours/essai:1", f"{hub}/lea/app:1")
    wrong = docker.refused("login", "-u", "lea", "--password-stdin", hub, given="faux")
    assert "unauthorized: incorrect username or password" in wrong
    docker.refused("push", f"{hub}/lea/app:1")
    assert "Login Succeeded" in docker.login("lea")
    docker.ok("push", f"{hub}/lea/app:1")
    image = Reader(hub, _key(folder)).image(f"{hub}/lea/app:1", "amd64")
    assert image and image.diff_ids == tuple(map(making.digest, IMAGE.layers))
    docker.ok("rmi", f"{hub}/lea/app:1")
    docker.ok("pull", f"{hub}/lea/app@{image.digest}")
    docker.ok("pull", f"{hub}/lea/app:1")
    assert "bonjour" in docker.ok("run", "--rm", f"{hub}/lea/app:1")
    docker.ok("logout", hub)
    docker.ok("tag", f"{hub}/lea/app:1", f"{hub}/lea/app:2")
    docker.refused("push", f"{hub}/lea/app:2")
    docker.ok("pull", f"{hub}/lea/app:1")
    events = [(e["action"], e["account"]) for e in _events(hub, folder, "lea/app")]
    assert ("push", "lea") in events and ("pull", "lea") in events


def test_pushing_to_somebody_else_is_denied(engine: Engine, hub: str, folder: Path) -> None:
    docker = Client(engine, hub, folder)
    docker.login("karim")
    docker.ok("pull", f"{hub}/cours/essai:1")
    for name in ("lea/vol", "library/busybox", "cours/essai", "inconnue/app"):
        docker.ok("tag", f"{hub}/cours/essai:1", f"{hub}/{name}:2")
        told = docker.refused("push", f"{hub}/{name}:2")
        if engine.store == "containerd":
            assert "insufficient_scope: authorization failed" in told
        else:
            assert "denied: requested access to the resource is denied" in told
        events = _events(hub, folder, name)
        denied = [(e["account"], e["detail"]["tried"]) for e in events if e["action"] == "denied"]
        assert ("karim", "push") in denied


def test_a_private_repository_is_seen_by_those_it_is_shared_with(
    engine: Engine, hub: str, folder: Path
) -> None:
    registry.push(hub, [f"{SHOP}:1"], [IMAGE])
    seen = {}
    for account in ("lea", *TEAM, "karim", None):
        docker = Client(engine, hub, folder)
        if account:
            docker.login(account)
        docker("rmi", f"{hub}/{SHOP}:1")
        pulled, told = docker("pull", f"{hub}/{SHOP}:1")
        found = SHOP in docker.ok("search", f"{hub}/boutique")
        docker.ok("pull", f"{hub}/cours/essai:1")
        docker.ok("tag", f"{hub}/cours/essai:1", f"{hub}/{SHOP}:{account or 'personne'}")
        pushed, _ = docker("push", f"{hub}/{SHOP}:{account or 'personne'}")
        seen[account] = (pulled == 0, found, pushed == 0)
        if pulled != 0:
            assert "repository does not exist or may require 'docker login'" in told
    owner, reader, writer = "lea", *TEAM
    assert seen == {
        owner: (True, True, True),
        reader: (True, True, False),
        writer: (True, True, True),
        "karim": (False, False, False),
        None: (False, False, False),
    }


def test_search_as_people_type_it(engine: Engine, hub: str, folder: Path) -> None:
    docker = Client(engine, hub, folder)
    official = docker.ok("search", "--filter", "is-official=true", f"{hub}/busybox")
    assert "[OK]" in official and official.splitlines()[1].startswith("busybox ")
    rows = docker.ok("search", "--limit", "1", "--format", "{{.Name}}", f"{hub}/cours")
    assert rows.split() == ["cours/essai"]
    assert docker.ok("search", "--format", "{{.Name}}", f"{hub}/introuvable").split() == []


def test_a_plain_name_comes_through_the_mirror(engine: Engine, hub: str, folder: Path) -> None:
    docker = Client(engine, hub, folder)
    docker("rmi", "busybox:1.36")
    docker.ok("pull", "busybox:1.36")
    assert "busybox:1.36" in docker.ok(
        "images", "--format", "{{.Repository}}:{{.Tag}}", "busybox:1.36"
    )


def test_tokens_open_what_they_say_until_revoked(engine: Engine, hub: str, folder: Path) -> None:
    docker = Client(engine, hub, folder)
    docker.ok("pull", f"{hub}/cours/essai:1")
    docker.ok("tag", f"{hub}/cours/essai:1", f"{hub}/lea/jetons:1")
    expired = token_of(folder, "lea", "read-write", days=-1)
    told = docker.refused("login", "-u", "lea", "--password-stdin", hub, given=expired)
    assert "unauthorized: personal access token is expired" in told
    read = token_of(folder, "lea", "read")
    docker.login("lea", read)
    told = docker.refused("push", f"{hub}/lea/jetons:1")
    if engine.store != "containerd":
        assert "unauthorized: access token has insufficient scopes" in told
    write = token_of(folder, "lea", "read-write")
    docker.login("lea", write)
    docker.ok("push", f"{hub}/lea/jetons:1")
    revoke(folder, "lea", write)
    docker.refused("push", f"{hub}/lea/jetons:1")
    told = docker.refused("login", "-u", "lea", "--password-stdin", hub, given=write)
    assert "unauthorized: incorrect username or password" in told


def test_the_pull_limit_reaches_the_learner(engine: Engine, hub: str, folder: Path) -> None:
    from workshop.hub import switches

    docker = Client(engine, hub, folder)
    fresh = making.CourseImage("neuve", (making.layer({"neuf": engine.store.encode()}),), {})
    registry.push(hub, [f"cours/{engine.store}:1"], [fresh])
    switches.save(folder, switches.Switches(pull_limit=0))
    try:
        told = docker.refused("pull", f"{hub}/cours/{engine.store}:1")
        assert "You have reached your unauthenticated pull rate limit" in told
    finally:
        switches.save(folder, switches.Switches())


def test_docker_py_does_the_same(engine: Engine, hub: str, folder: Path) -> None:
    from docker import DockerClient
    from docker.errors import APIError, NotFound

    client = DockerClient(base_url=engine.address)
    try:
        with pytest.raises(APIError, match="incorrect username or password"):
            client.login("lea", "faux", registry=hub, reauth=True)
        client.login("lea", PASSWORD, registry=hub, reauth=True)
        image = client.images.pull(f"{hub}/cours/essai", "1")
        image.tag(f"{hub}/lea/py", "1")
        lines = list(client.images.push(f"{hub}/lea/py", "1", stream=True, decode=True))
        assert not [line for line in lines if "error" in line], lines
        image.tag(f"{hub}/cours/essai", "2")
        refused = client.images.push(f"{hub}/cours/essai", "2", stream=True, decode=True)
        assert [line for line in refused if "error" in line]
        assert client.images.pull(f"{hub}/lea/py", "1").tags
        with pytest.raises((NotFound, APIError)):
            client.images.pull(f"{hub}/karim/absent", "1")
        assert client.api.search(f"{hub}/lea/py")[0]["name"] == "lea/py"
    finally:
        client.close()


def test_skopeo(hub: str, folder: Path) -> None:
    ensure_programs({"skopeo": "skopeo"}, quiet)

    def skopeo(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    mine, theirs = f"docker://{hub}/lea/skopeo:1", f"docker://{hub}/karim/vol:1"
    creds, source = f"--dest-creds=lea:{PASSWORD}", f"docker://{hub}/cours/essai:1"
    plain = ("--src-tls-verify=false", "--dest-tls-verify=false")
    code, told = skopeo("copy", *plain, creds, source, mine)
    assert code == 0, told
    code, told = skopeo("copy", *plain, creds, source, theirs)
    assert code != 0 and "denied: requested access to the resource is denied" in told
    code, told = skopeo("copy", *plain, f"--dest-creds=lea:{PASSWORD}x", source, mine)
    assert code != 0 and "incorrect username or password" in told
    code, told = skopeo("inspect", "--tls-verify=false", f"--creds=lea:{PASSWORD}", mine)
    assert code == 0 and json.loads(told)["RepoTags"] == ["1"]
    code, told = skopeo("list-tags", "--tls-verify=false", f"docker://{hub}/cours/essai")
    assert code == 0 and json.loads(told)["Tags"] == ["1"]
    delete = ("delete", "--tls-verify=false", f"--creds=lea:{PASSWORD}", mine)
    assert skopeo(*delete)[0] == 0 and skopeo(*delete)[0] != 0


def test_podman(hub: str, folder: Path) -> None:
    ensure_programs({"podman": "podman"}, quiet)
    home = folder / "podman"
    run = [
        "podman", f"--root={home}/root", f"--runroot={home}/run", "--storage-driver=vfs",
        "--cgroup-manager=cgroupfs", "--events-backend=file",
    ]  # fmt: skip

    def podman(*arguments: str, given: str | None = None) -> tuple[int, str]:
        done = subprocess.run(
            [*run, *arguments], input=given, capture_output=True, text=True, timeout=90,
            env=os.environ | {"REGISTRY_AUTH_FILE": str(home / "auth.json")},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    home.mkdir()
    (home / "auth.json").write_text("{}")
    plain, name = "--tls-verify=false", f"{hub}/lea/podman:1"
    code, told = podman("pull", plain, f"{hub}/cours/essai:1")
    assert code == 0, told
    login = ("login", plain, "-u", "lea", "--password-stdin", hub)
    assert podman(*login, given="faux")[0] != 0
    assert "Login Succeeded" in podman(*login, given=PASSWORD)[1]
    assert podman("tag", f"{hub}/cours/essai:1", name)[0] == 0
    code, told = podman("push", plain, name)
    assert code == 0, told
    assert podman("push", plain, name, f"{hub}/karim/vol:1")[0] != 0
    assert podman("rmi", name)[0] == 0 and podman("pull", plain, name)[0] == 0
    code, told = podman("search", plain, f"{hub}/podman")
    assert code == 0 and "lea/podman" in told, told
    assert podman("logout", hub)[0] == 0
    assert podman("push", plain, name)[0] != 0


def _key(folder: Path) -> str:
    return (folder / "hub" / "key").read_text()


def _events(hub: str, folder: Path, repository: str) -> list[dict[str, str]]:
    headers = {"Atelier-Key": _key(folder)}
    told = requests.get(f"http://{hub}/atelier/events", headers=headers, timeout=10).json()
    return [event for event in told if event.get("repository") == repository]
