"""The hub as a container of the engine: chosen where it must be, and the same hub to its clients.

Building its image takes two minutes: `ATELIER_LENT=1` does.
"""

import ast
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from docker import DockerClient

from checks.material import making
from checks.outcome import EnvironmentProblem
from tests.workshop.hub.people import PASSWORD, quiet
from tests.workshop.hub.test_clients import Client
from tests.workshop.hub.test_commands import tool
from workshop import engine, images
from workshop.debian import ensure_programs
from workshop.hub import container, registry
from workshop.lab import ROOT

BUSYBOX = making.layer({"bin/busybox": Path("/bin/busybox").read_bytes()}, mode=0o755)
IMAGE = making.CourseImage(
    name="cours/essai",
    config={"Cmd": ["/bin/busybox", "echo", "bonjour"]},
    layers=(BUSYBOX, making.layer({"gros": os.urandom(3 << 20)})),
)


def found(kind: str, address: str = "unix:///var/run/docker.sock") -> engine.Engine:
    return engine.Engine(kind, address, "29.0", "1.52", "containerd", "29.0", False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "desktop", "registry_here", "root", "platform", "expected"),
    [
        (None, False, True, True, "linux", False),
        ("embedded", False, False, True, "linux", False),
        ("system", False, True, False, "linux", False),
        ("system", False, False, True, "linux", False),
        ("system", False, False, False, "linux", True),
        ("podman", False, False, False, "linux", True),
        ("system", True, True, True, "linux", True),
        ("system", False, True, True, "darwin", True),
    ],
)  # fmt: skip
def test_a_container_is_chosen_where_it_must_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str | None, desktop: bool,
    registry_here: bool, root: bool, platform: str, expected: bool,
) -> None:  # fmt: skip
    programs = {"apt-get"} | ({"docker-registry"} if registry_here else set())
    monkeypatch.delenv(container.SETTING, raising=False)
    monkeypatch.setattr(engine, "find", lambda state: found(kind) if kind else None)
    monkeypatch.setattr(container, "_on_desktop", lambda address: desktop)
    monkeypatch.setattr(container, "find_program", lambda name: name in programs)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(sys, "platform", platform)
    assert container.wanted(tmp_path) is expected
    for choice, chosen in (("conteneur", True), ("processus", False)):
        monkeypatch.setenv(container.SETTING, choice)
        assert container.wanted(tmp_path) is chosen
    monkeypatch.setenv(container.SETTING, "docker")
    with pytest.raises(EnvironmentProblem, match="`conteneur` ou `processus`"):
        container.wanted(tmp_path)


def test_a_hub_that_was_a_container_stays_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(container.SETTING, raising=False)
    monkeypatch.setattr(engine, "find", lambda state: found("embedded"))
    assert not container.wanted(tmp_path) and not container.holds(tmp_path)
    (tmp_path / "hub").mkdir()
    told = {"engine": "unix:///absent.sock", "name": "atelier-hub-0", "mark": "m"}
    (tmp_path / "hub" / "container.json").write_text(json.dumps(told))
    assert container.wanted(tmp_path) and container.holds(tmp_path)
    assert registry.running(tmp_path) is None and not registry.stop(tmp_path)


def test_what_it_needs_is_pinned_and_whole() -> None:
    pinned = container.requirements(container.PACKAGES, "x86_64")
    names = {line.partition("==")[0] for line in pinned}
    assert {"aiohttp", "yarl", "multidict", "argon2-cffi-bindings", "cffi", "urllib3"} <= names
    assert {"typing-extensions"} <= names, "Python 3.11 needs it, whatever runs here"
    assert all("==" in line for line in pinned - {"typing-extensions"}), pinned
    assert not {"jupyter", "async-timeout"} & names


def test_the_page_has_its_logo_and_its_fonts() -> None:
    there = dict(container._sources())
    from workshop.hub.web import pages

    for path in (pages.LOGO, *pages.FONTS.glob("*.woff2")):
        assert there[path.relative_to(ROOT).as_posix()] == path.read_bytes()
    copied = [line.split()[1] for line in there["Dockerfile"].decode().splitlines()
              if line.startswith("COPY ")]  # fmt: skip
    assert {path.partition("/")[0] for path in there} - {"Dockerfile"} <= set(copied)


def test_nothing_that_the_hub_imports_is_left_behind() -> None:
    pinned = container.requirements(container.PACKAGES, "x86_64")
    there = {line.partition("==")[0] for line in pinned}
    providers = importlib.metadata.packages_distributions()
    for path in (ROOT / "workshop" / "hub").rglob("*.py"):
        if path.name == "container.py":  # it stays on the learner's machine
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for module in {name.partition(".")[0] for name in names}:
                given = {name.lower().replace("_", "-") for name in providers.get(module, [])}
                assert not given or given & there, f"{path.name}: {module}"


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A workshop whose engine has a Debian base, and whose hub has to be a container."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ATELIER_MOTEUR", "embarque")
    patch.setenv(container.SETTING, "conteneur")
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    ensure_programs({"mmdebstrap": "mmdebstrap"}, quiet)
    try:
        images.mmdebstrap(["bookworm", str(state / "debian.tar")], str(state))
        address = engine.ensure(state, mirror=None, say=quiet).address
        with closing(DockerClient(base_url=address, timeout=300)) as client:
            client.api.import_image_from_file(
                str(state / "debian.tar"), repository="debian", tag="12-slim"
            )
        yield state
    finally:
        registry.stop(state)
        engine.stop(state)
        patch.undo()
        shutil.rmtree(state, ignore_errors=True)


@pytest.mark.skipif(not os.environ.get("ATELIER_LENT"), reason="long: ATELIER_LENT=1")
def test_it_is_the_same_hub(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    hub = registry.ensure(state, said.append)
    assert "dans un conteneur" in said[-1] and registry.running(state) == hub
    registry.push(hub, ["cours/essai:1"], [IMAGE])
    environment = os.environ | {"ATELIER_ETAT": str(state)}

    def atelier(*arguments: str, given: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "workshop.cli", "hub", *arguments],
            input=given, capture_output=True, text=True, env=environment, timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    for account in ("lea", "karim"):
        code, told = atelier("compte", "creer", account, given=PASSWORD)
        assert code == 0 and f"créé sur {hub}" in told, told
    code, told = atelier("compte", "creer", "lea", given=PASSWORD)
    assert code == 1 and "déjà pris" in told
    found = engine.ensure(state, mirror=hub, say=quiet)
    docker, other = Client(found, hub, state), Client(found, hub, state)
    docker.ok("pull", f"{hub}/cours/essai:1")
    docker.ok("tag", f"{hub}/cours/essai:1", f"{hub}/lea/app:1")
    docker.refused("push", f"{hub}/lea/app:1")
    docker.login("lea")
    docker.ok("push", f"{hub}/lea/app:1")
    other.login("karim")
    assert "denied: requested access" in other.refused("push", f"{hub}/lea/app:1")
    assert "lea/app" in other.ok("search", f"{hub}/app")
    assert atelier("depot", "visibilite", "lea/app", "prive")[0] == 0
    docker.ok("rmi", f"{hub}/lea/app:1", f"{hub}/cours/essai:1")
    other.refused("pull", f"{hub}/lea/app:1")
    docker.ok("pull", f"{hub}/lea/app:1")
    assert "bonjour" in docker.ok("run", "--rm", f"{hub}/lea/app:1")
    # It comes back with all it had, at the same address; half-dead, it is not taken for alive.
    assert registry.stop(state) and registry.running(state) is None
    assert registry.ensure(state, quiet) == hub
    docker.ok("rmi", f"{hub}/lea/app:1")
    docker.ok("pull", f"{hub}/lea/app:1")
    name = json.loads((state / "hub" / "container.json").read_text())["name"]
    kill = "import os; os.kill(int(open('/etat/hub/registry.pid').read().split()[0]), 9)"
    docker.ok("exec", name, "python3", "-c", kill)
    assert docker.ok("wait", name)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{hub}/v2/", timeout=5)
    assert registry.ensure(state, quiet) == hub
    docker.ok("pull", f"{hub}/lea/app:1")
    code, _, err = tool(state, monkeypatch, capsys)("ouvrir-au-reseau")
    assert code == 3 and "Dans un conteneur" in err
