"""The hub: a real registry, ours alone, that real engines pull from."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from checks import material
from checks.identity import Identity
from checks.material import making, phase2
from checks.outcome import EnvironmentProblem
from tests import engines
from workshop import process
from workshop.hub import registry
from workshop.lab import Lab

LEARNER = Identity("essai", "5ea0b0a7")
INDEX = "application/vnd.oci.image.index.v1+json"
BUSYBOX = [making.layer({"bin/busybox": Path("/bin/busybox").read_bytes()}, mode=0o755)]


def quiet(line: str) -> None:
    """A `say` that says nothing."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def hub(folder: Path) -> Iterator[str]:
    yield registry.ensure(folder, quiet)
    registry.stop(folder)


def push_course(hub: str) -> None:
    aliases = {target: alias for alias, target in material.ALIASES.items()}
    for variants in material.registry_images(LEARNER):
        name = variants[0].name
        names = [name, aliases[name]] if name in aliases else [name]
        registry.push(hub, names, [image.built(BUSYBOX) for image in variants])


def manifest(hub: str, name: str) -> requests.Response:
    repository, _, tag = name.partition(":")
    url = f"http://{hub}/v2/{repository}/manifests/{tag}"
    accepted = f"{INDEX}, application/vnd.oci.image.manifest.v1+json"
    with registry.opened(hub) as session:
        return session.get(url, headers={"Accept": accepted}, timeout=5)


def test_the_whole_course_is_pushed_quickly_and_is_the_same_every_time(hub: str) -> None:
    begun = time.monotonic()
    push_course(hub)
    assert time.monotonic() - begun < 20, "2 s on a quiet machine"
    names = [variants[0].name for variants in material.registry_images(LEARNER)]
    first = {name: manifest(hub, name).headers["Docker-Content-Digest"] for name in names}
    push_course(hub)
    assert first == {name: manifest(hub, name).headers["Docker-Content-Digest"] for name in names}


def test_several_variants_make_an_index(hub: str) -> None:
    push_course(hub)
    index = manifest(hub, "cours/sonde:1").json()
    assert index["mediaType"] == INDEX
    found = {entry["platform"]["architecture"]: entry["digest"] for entry in index["manifests"]}
    assert set(found) == {"amd64", "arm64"}
    for architecture, digest in found.items():
        described = manifest(hub, f"cours/sonde:{digest}").json()
        config = f"http://{hub}/v2/cours/sonde/blobs/{described['config']['digest']}"
        with registry.opened(hub) as session:
            assert session.get(config, timeout=5).json()["architecture"] == architecture


def test_deleting_a_tag_keeps_the_others_of_the_same_image(hub: str) -> None:
    push_course(hub)
    assert registry.has(hub, "cours/outil:latest")
    assert registry.delete(hub, "cours/outil:latest")
    assert not registry.has(hub, "cours/outil:latest")
    assert registry.has(hub, "cours/outil:1.3") and registry.has(hub, "cours/outil:1.2")
    assert not registry.delete(hub, "cours/outil:latest"), "it is gone already"
    assert registry.delete(hub, "cours/outil")
    assert not registry.has(hub, "cours/outil:1.3")
    push_course(hub)
    assert registry.has(hub, "cours/outil:latest"), "what was deleted can come back"


def test_a_hub_that_does_not_answer_is_told() -> None:
    image = phase2.atlas(LEARNER)
    with pytest.raises(EnvironmentProblem, match="ne répond pas"):
        registry.push("localhost:1", [image.name], [image])
    assert not registry.has("localhost:1", image.name)


def test_what_it_holds_survives_a_stop(folder: Path) -> None:
    image = phase2.atlas(LEARNER)
    address = registry.ensure(folder, quiet)
    try:
        registry.push(address, [image.name], [image])
        assert registry.stop(folder)
        assert registry.running(folder) is None
        assert registry.ensure(folder, quiet) == address, "the port is remembered"
        assert registry.has(address, image.name)
    finally:
        registry.stop(folder)


def test_it_comes_back_to_its_first_port_and_remembers_the_others(folder: Path) -> None:
    lab = Lab(folder, folder / "travail")
    first = registry.ensure(folder, quiet)
    registry.stop(folder)
    try:
        with socket.create_server(("127.0.0.1", int(first.partition(":")[2]))):
            second = registry.ensure(folder, quiet)
            assert second != first
            lab.settle(engine="", hub=second, legacy_builder=False)
            assert lab.former_hubs == [first]
        registry.stop(folder)
        assert registry.ensure(folder, quiet) == first
        lab.settle(engine="", hub=first, legacy_builder=False)
        assert lab.former_hubs == [second]
    finally:
        registry.stop(folder)


def test_two_starts_at_once_share_one_hub(folder: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(registry.ensure(folder, quiet)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert len(found) == 4 and len(set(found)) == 1
    finally:
        assert registry.stop(folder)


def test_the_registry_of_somebody_else_is_left_alone(folder: Path) -> None:
    foreign, ours = folder / "etranger", folder / "atelier"
    address = registry.ensure(foreign, quiet)
    try:
        (ours / "hub").mkdir(parents=True)
        (ours / "hub" / "port").write_text(address.partition(":")[2])
        said: list[str] = []
        try:
            assert registry.ensure(ours, said.append) != address
            assert "occupé" in said[0]
        finally:
            registry.stop(ours)
        assert registry.running(foreign) == address
    finally:
        registry.stop(foreign)


def test_a_port_taken_on_ipv6_alone_is_taken(folder: Path) -> None:
    if "::1" not in {found[4][0] for found in socket.getaddrinfo("localhost", 80)}:
        pytest.skip("localhost has no IPv6 address here")
    with socket.socket(socket.AF_INET6) as squatter:
        squatter.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        squatter.bind(("::1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        (folder / "hub").mkdir()
        (folder / "hub" / "port").write_text(str(port))
        try:
            assert registry.ensure(folder, quiet) != f"localhost:{port}"
        finally:
            registry.stop(folder)


def test_a_folder_with_an_awkward_name_works(folder: Path) -> None:
    state = folder / "l'état : {été} #1"
    try:
        address = registry.ensure(state, quiet)
        image = phase2.atlas(LEARNER)
        registry.push(address, [image.name], [image])
        assert (state / "hub" / "data").is_dir()
    finally:
        assert registry.stop(state)


def test_a_killed_hub_starts_again(folder: Path) -> None:
    registry.ensure(folder, quiet)
    pid = process.running(folder / "hub" / "atelier.pid")
    assert pid is not None
    os.kill(pid, 9)
    while process.running(folder / "hub" / "atelier.pid"):
        time.sleep(0.02)
    assert registry.running(folder) is None
    try:
        assert registry.ensure(folder, quiet)
    finally:
        assert registry.stop(folder)


@pytest.mark.parametrize("name", ["docker-20.10", "docker-26.1-containerd"])
def test_real_engines_pull_and_run(name: str, hub: str, folder: Path) -> None:
    push_course(hub)
    with engines.engine(name, folder / "moteur", hub) as engine:

        def docker(*arguments: str) -> str:
            done = subprocess.run(
                ["docker", *arguments], capture_output=True, text=True, timeout=60,
                env=os.environ | {"DOCKER_HOST": engine.address, "DOCKER_CONFIG": str(folder)},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return done.stdout

        for architecture in ("amd64", "arm64"):
            probe = f"{hub}/cours/sonde:1"
            docker("pull", "--platform", f"linux/{architecture}", probe)
            found = docker("image", "inspect", "-f", "{{.Os}}/{{.Architecture}}", probe)
            assert found.strip() == f"linux/{architecture}" or engine.store == "containerd"
        docker("pull", f"{hub}/cours/atlas:1")
        layers = docker("image", "inspect", "-f", "{{json .RootFS.Layers}}", f"{hub}/cours/atlas:1")
        for diff_id in phase2.atlas(LEARNER).own_diff_ids:
            assert diff_id in layers
        command = ("--entrypoint", "/bin/busybox", f"{hub}/cours/outil:1.2")
        output = docker("run", "--name", "essai", *command, "sh", "/usr/bin/outil")
        assert LEARNER.seal("outil 1.2") in output
    assert str(folder) not in Path("/proc/mounts").read_text()
