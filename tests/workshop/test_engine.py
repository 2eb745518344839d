"""The embedded engine: private, started once, stopped whole; the system's is never touched."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from checks.outcome import EnvironmentProblem
from tests.conftest import quiet
from tests.engines import engine as engine_of
from workshop import engine, process
from workshop.lab import ROOT


@pytest.fixture
def state(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
    yield short_folder / "etat"
    engine.stop(short_folder / "etat")


def ours(folder: Path) -> str:
    """The processes whose command line names `folder`."""
    return subprocess.run(["pgrep", "-af", str(folder)], capture_output=True, text=True).stdout


def test_started_once_reused_and_stopped_without_a_trace(state: Path) -> None:
    assert engine.find(state) is None
    first = engine.ensure(state, mirror=None, say=quiet)
    assert (first.kind, first.store) == ("embedded", "graphdriver")
    assert first.version and first.api_version and first.client_version
    pid = process.running(state / "engine" / "atelier.pid")
    assert engine.ensure(state, mirror=None, say=quiet).address == first.address
    assert process.running(state / "engine" / "atelier.pid") == pid
    assert engine.find(state) is not None
    assert engine.stop(state)
    assert ours(state) == ""
    assert str(state) not in Path("/proc/mounts").read_text()
    assert not engine.stop(state)


def test_two_starts_at_once_share_one_engine(state: Path) -> None:
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(engine.ensure(state, mirror=None, say=quiet).address)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and len(set(found)) == 1
    names = [line for line in ours(state).splitlines() if "dockerd --host" in line]
    assert len(names) == 1


def test_an_engine_that_was_killed_starts_again_and_keeps_its_images(state: Path) -> None:
    address = engine.ensure(state, mirror=None, say=quiet).address
    layer = subprocess.run(["tar", "-c", "-f", "-", "-C", "/etc", "hostname"], capture_output=True)
    client = DockerClient(base_url=address)
    client.api.import_image_from_data(layer.stdout, repository="garde", tag="1")
    client.close()
    pid = process.running(state / "engine" / "atelier.pid")
    subprocess.run(["kill", "-9", str(pid)], check=True)
    again = engine.ensure(state, mirror=None, say=quiet)
    client = DockerClient(base_url=again.address)
    assert client.images.get("garde:1")
    client.close()


def test_a_long_path_gets_a_short_socket(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
    state = short_folder / ("tres-long-" * 12) / "etat"
    try:
        assert engine.ensure(state, mirror=None, say=quiet).version
    finally:
        engine.stop(state)


def test_a_full_disk_is_said(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
    small = short_folder / "petit"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=True)
    try:
        with pytest.raises(EnvironmentProblem, match="plein|place"):
            (small / "remplissage").write_bytes(b"x" * 60_000)
            engine.ensure(small / "etat", mirror=None, say=quiet)
        assert ours(small) == ""
    finally:
        engine.stop(small / "etat")
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_the_system_engine_comes_first_and_stays_as_it_was(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign engine with an image, a container and a volume, before and after the workshop."""
    monkeypatch.delenv("ATELIER_MOTEUR", raising=False)
    with engine_of("docker-20.10", short_folder / "etranger", None) as foreign:
        client = DockerClient(base_url=foreign.address)
        layer = subprocess.run(
            ["tar", "-c", "-f", "-", "-C", "/etc", "hostname"], capture_output=True
        ).stdout
        client.api.import_image_from_data(layer, repository="a-moi", tag="1")
        client.api.create_container("a-moi:1", command=["/x"], name="mon-conteneur")
        client.volumes.create("mon-volume")

        def everything() -> tuple[list[str], ...]:
            return (
                sorted(str(image.id) for image in client.images.list(all=True)),
                sorted(str(c.id) for c in client.containers.list(all=True)),
                sorted(str(volume.id) for volume in client.volumes.list()),
            )

        before = everything()
        state = short_folder / "etat"
        monkeypatch.setenv("DOCKER_HOST", foreign.address)
        found = engine.ensure(state, mirror=None, say=quiet)
        assert (found.kind, found.address) == ("system", foreign.address)
        assert not engine.stop(state), "it is not ours to stop"
        monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
        embedded = engine.ensure(state, mirror=None, say=quiet)
        assert embedded.address != foreign.address
        assert engine.stop(state)
        assert engine.answers(foreign.address)
        assert everything() == before
        client.close()


def test_a_dead_docker_host_is_said_and_passed_over(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATELIER_MOTEUR")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nexiste.sock")
    found = engine.ensure(state, mirror=None, say=quiet)
    assert found.kind == "embedded"
    assert any("/nexiste.sock" in note for note in found.notes)


def test_the_current_context_is_followed(
    state: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    address = engine.ensure(state, mirror=None, say=quiet).address
    config = short_folder / "config"
    meta = config / "contexts" / "meta" / hashlib.sha256(b"ailleurs").hexdigest()
    meta.mkdir(parents=True)
    (config / "config.json").write_text('{"currentContext": "ailleurs"}')
    (meta / "meta.json").write_text(
        json.dumps({"Name": "ailleurs", "Endpoints": {"docker": {"Host": address}}})
    )
    monkeypatch.delenv("ATELIER_MOTEUR")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(config))
    found = engine.find(short_folder / "autre-etat")
    assert found is not None and (found.kind, found.address) == ("system", address)


def test_the_image_store_is_known(short_folder: Path) -> None:
    with engine_of("docker-26.1-containerd", short_folder / "moteur", None) as found:
        assert found.version.startswith("26.1")
        assert found.store == "containerd"


def test_not_root_and_no_engine_says_what_to_do(short_folder: Path) -> None:
    code = (
        "import os, pathlib, sys; from workshop import engine, debian\n"
        "import docker, docker.errors, requests, tqdm, encodings.idna\n"
        "from checks.outcome import EnvironmentProblem\n"
        "os.setuid(65534)\n"
        "try: engine.ensure(pathlib.Path(sys.argv[1]), mirror=None, say=print)\n"
        "except EnvironmentProblem as problem: print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(short_folder / "etat")],
        capture_output=True, text=True, cwd=ROOT, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip
    assert "groupe `docker`" in done.stdout, done.stderr
