"""Base images: true names, nothing half-made, nothing done twice; and the hub that holds them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from docker import DockerClient

from checks.archives import open_archive
from tests.conftest import LEARNER, quiet, run_script, settle_in
from workshop import images, prepare
from workshop.hub import registry
from workshop.lab import ROOT, Lab


def test_busybox_has_its_true_name_and_runs(lab: Lab) -> None:
    (image,) = images.ensure(lab.connect(), lab.hub, lab.state, quiet, only=("busybox",))
    name = image.names[0]
    code, output = run_script(lab, f"docker run --rm {name} busybox | head -n 1")
    assert code == 0, output
    assert name.split(":")[1] in output, "the tag is the version of the program"
    assert open_archive(image.archive).valid


def test_the_second_time_nothing_is_done(lab: Lab) -> None:
    said: list[str] = []
    images.ensure(lab.connect(), lab.hub, lab.state, said.append, only=("busybox",))
    prepare.seed_hub(lab, LEARNER, images.busybox_layers(lab.state), said.append)
    assert said == []


def test_the_hub_is_a_mirror_so_that_plain_names_work_offline(lab: Lab) -> None:
    code, output = run_script(lab, "docker rmi -f busybox:latest; docker pull busybox")
    assert code == 0, output
    assert "Downloaded" in output or "up to date" in output


def test_the_hub_gives_what_was_pushed(lab: Lab) -> None:
    code, output = run_script(
        lab, 'docker run --rm "$HUB/cours/outil:1.2" && docker run --rm "$HUB/cours/outil"'
    )
    assert code == 0, output
    assert LEARNER.seal("outil 1.2") in output and LEARNER.seal("outil 1.3") in output
    code, output = run_script(lab, 'docker manifest inspect --insecure "$HUB/cours/sonde:1"')
    assert "arm64" in output and "amd64" in output


def test_a_hub_whose_port_is_taken_takes_the_next(short_folder: Path) -> None:
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = registry.FIRST_PORT + 12
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        state = short_folder / "etat"
        (state / "hub").mkdir(parents=True)
        (state / "hub" / "port").write_text(str(port))
        said: list[str] = []
        try:
            address = registry.ensure(state, said.append)
            assert address != f"localhost:{port}"
            assert any(str(port) in line for line in said)
            assert registry.running(state) == address
            assert registry.ensure(state, said.append) == address
        finally:
            assert registry.stop(state)
        assert registry.running(state) is None


def test_an_interrupted_preparation_leaves_nothing_half_made(lab: Lab, short_folder: Path) -> None:
    """Ctrl-C at every stage, then a run that ends well."""
    other = Lab(short_folder / "etat", short_folder / "travail")
    settle_in(other)
    env = os.environ | {
        "ATELIER_ETAT": str(other.state),
        "ATELIER_TRAVAIL": str(other.workspace),
        "PYTHONPATH": str(ROOT),
    }
    code = (
        "from workshop.lab import Lab; from workshop.prepare import prepare\n"
        "prepare(Lab.current(), print, only=('busybox',))"
    )
    try:
        for delay in (0.15, 0.5, 0.9, 1.3):
            process = subprocess.Popen(
                [sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            process.wait(30)
            assert not list((other.state / "images").glob("*.part"))
            for path in (other.state / "images").glob("*.tar"):
                assert open_archive(path).valid
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        for supply in (other.workspace / "fournitures").glob("*.tar"):
            assert open_archive(supply).valid
    finally:
        from workshop import engine

        engine.stop(other.state)
        registry.stop(other.state)


def test_an_image_comes_from_a_bundle(
    lab: Lab, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that has no busybox takes it from the archive that ATELIER_BUNDLE names."""
    from tests.engines import engine as engine_of

    monkeypatch.setenv("ATELIER_BUNDLE", str(lab.state / "images" / "busybox.tar"))
    state = short_folder / "etat"
    said: list[str] = []
    try:
        hub = registry.ensure(state, quiet)
        with engine_of("docker-20.10", short_folder / "moteur", hub) as found:
            client = DockerClient(base_url=found.address)
            (image,) = images.ensure(client, hub, state, said.append, only=("busybox",))
            assert client.images.get(image.names[0])
            client.close()
        assert any("Chargement" in line for line in said)
    finally:
        registry.stop(state)
