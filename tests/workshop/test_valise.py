"""The course on a USB stick: packed here, installed where there is no network at all."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.archives import open_archive
from checks.outcome import EnvironmentProblem
from tests.conftest import quiet
from workshop import engine, prepare, valise
from workshop.lab import ROOT, Lab

OFFLINE = "ip link set lo up && ! ip route | grep -q . && ./atelier "
"""A network namespace of its own, with the loopback and no route."""


@pytest.fixture(scope="module")
def stick(workshop_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `./atelier emporter` writes, with the base images that this workshop has."""
    path = tmp_path_factory.mktemp("cle") / "cours.tar"
    lab = Lab(workshop_state, tmp_path_factory.mktemp("travail"))
    summary = valise.pack(lab, path, prepare.PROGRAMS | engine.PROGRAMS, quiet)
    assert summary["size"] == path.stat().st_size
    return path


@pytest.fixture
def unpacked(stick: Path, short_folder: Path) -> Iterator[Path]:
    subprocess.run(["sha256sum", "--check", "--quiet", f"{stick.name}.sha256"],
                   cwd=stick.parent, check=True)  # fmt: skip
    with tarfile.open(stick) as tar:
        tar.extractall(short_folder, filter="data")
    yield short_folder / valise.NAME


def offline(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ATELIER_", "PIP_", "PYTHON"))}
    return subprocess.run(
        ["unshare", "--net", "bash", "-c", OFFLINE + command],
        cwd=folder, env=env | {"ATELIER_MOTEUR": "embarque"}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip


def test_the_course_installs_itself_without_a_network(unpacked: Path) -> None:
    solve = "executer -- bash -e $PWD/solutions/2.1.sh"
    # One namespace: what `installer` starts must be there for what follows.
    done = offline(
        unpacked, f"installer && ./atelier {solve} && ./atelier verifier 2.1 --json > v.json; "
        "./atelier fermer",
    )  # fmt: skip
    assert "Valise vérifiée" in done.stderr and "Le cours est installé" in done.stdout, done.stderr
    verdict = json.loads((unpacked / "v.json").read_text())
    assert verdict["results"][0]["status"] == "passed", done.stdout + done.stderr


def test_the_stick_holds_what_it_says_and_nothing_of_the_packer(stick: Path) -> None:
    with tarfile.open(stick) as tar:
        names = [member.name.removeprefix(f"{valise.NAME}/") for member in tar.getmembers()]
        assert not any(member.uname or member.uid for member in tar.getmembers())
    tops = {name.split("/")[0] for name in names}
    assert {"atelier", "checks", "notebooks", "valise"} <= tops
    assert not tops & {".git", ".venv", ".atelier", "travail"}
    assert "valise/paquets/Packages" in names and "valise/images.tar.gz" in names


def test_a_teacher_s_own_files_stay_at_home() -> None:
    mine = ROOT / "rendus-d-essai.zip"
    mine.write_bytes(b"x")
    try:
        names = {path.name for path in valise._course()}
    finally:
        mine.unlink()
    assert mine.name not in names and "mkdocs.yml" in names


def test_the_images_travel_as_one_archive(unpacked: Path) -> None:
    archive = open_archive(unpacked / "valise" / "images.tar.gz")
    assert archive.kind == "docker-save" and archive.compression == ("gzip",)
    assert any(tag.startswith("busybox:") for image in archive.images for tag in image.tags)


def test_a_damaged_stick_is_refused_and_named(unpacked: Path) -> None:
    folder = unpacked / "valise"
    valise.verify(quiet, folder)
    images = folder / "images.tar.gz"
    with images.open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"x")
    with pytest.raises(EnvironmentProblem, match=r"images\.tar\.gz` est abîmé"):
        valise.verify(quiet, folder)
    images.unlink()
    with pytest.raises(EnvironmentProblem, match=r"images\.tar\.gz` manque"):
        valise.verify(quiet, folder)


def test_without_a_valise_installer_says_where_to_go() -> None:
    assert not (ROOT / "valise").exists()
    with pytest.raises(EnvironmentProblem, match="tar -xf"):
        valise.verify(quiet)
