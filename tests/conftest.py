"""Fixtures: real engines, real hubs, in folders of their own; everything started is stopped."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from checks.identity import Identity
from publish.screenshot import ARGUMENTS
from workshop import engine, images, jupyter, prepare
from workshop.hub import registry, snapshot
from workshop.lab import ROOT, Lab

LEARNER = Identity("essai", "5ea0b0a7")

# Started behind an `&`, Python and its children would never hear of an interruption.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: side by side, the others are done before it ends."""
    items.sort(key=lambda item: item.path.name != "test_prove.py")


def quiet(line: str) -> None:
    """A `say` that says nothing."""


def settle_in(lab: Lab) -> None:
    """Give a workspace the tests' learner."""
    lab.private.mkdir(parents=True, exist_ok=True)
    data = {"pseudonyme": LEARNER.pseudonym, "id": LEARNER.id}
    (lab.private / "identite.json").write_text(json.dumps(data))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one for all tests, for Playwright cannot be started twice."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def workshop_state() -> Iterator[Path]:
    """The state folder of a workshop with an embedded engine, a hub and busybox, all running."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ATELIER_MOTEUR", "embarque")
    patch.setenv("PATH", f"{ROOT / '.venv' / 'bin'}:/usr/sbin:/sbin", prepend=":")
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    lab = Lab(folder / "etat", folder / "travail")
    settle_in(lab)
    try:
        prepare.prepare(lab, quiet, only=("busybox",))
        snapshot.take(lab.state / "hub", lab.state / "hub-seme")
        yield lab.state
    finally:
        engine.stop(lab.state)
        registry.stop(lab.state)
        patch.undo()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lab(workshop_state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A prepared workshop with a fresh workspace, on the session's engine, cleaned afterwards."""
    lab = Lab(workshop_state, tmp_path / "travail")
    settle_in(lab)
    monkeypatch.setenv("ATELIER_MOTEUR", "embarque")
    monkeypatch.setenv("ATELIER_ETAT", str(lab.state))
    monkeypatch.setenv("ATELIER_TRAVAIL", str(lab.workspace))
    prepare.give_supplies(lab, images.busybox_layers(lab.state), quiet)
    jupyter.copy_notebooks(lab, quiet)
    yield lab
    client = lab.connect()
    for container in client.containers.list(all=True):
        container.remove(force=True)
    for volume in client.volumes.list():
        volume.remove()
    for image in client.images.list():
        for name in [tag for tag in image.tags if not tag.startswith("busybox:")]:
            client.images.remove(name)
        if not image.tags:
            client.images.remove(image.id, force=True)
    client.close()
    shutil.rmtree(lab.state / "docker-config", ignore_errors=True)  # nobody is signed in
    snapshot.restore(lab.state / "hub", lab.state / "hub-seme")


def run_script(lab: Lab, script: Path | str) -> tuple[int, str]:
    """Type a script, or commands, in the workspace; returns exit code and output."""
    import subprocess

    command = ["bash", str(script)] if isinstance(script, Path) else ["bash", "-c", script]
    env = lab.environment() | {"SOLUTIONS": str(ROOT / "solutions")}
    done = subprocess.run(
        command, cwd=lab.workspace, env=env, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr
