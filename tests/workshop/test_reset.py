"""Undoing exercises that leave volumes and imported images."""

from __future__ import annotations

import tarfile

from checks.exercise import catalogue
from tests.conftest import run_script
from workshop.lab import ROOT, Lab
from workshop.reset import plan


def test_a_volume_of_the_course_goes_and_its_content_is_kept(lab: Lab) -> None:
    code, output = run_script(lab, ROOT / "solutions" / "3.6.sh")
    assert code == 0, output
    todo = plan(lab, [catalogue()["3.6"]])
    assert sorted(todo.volumes) == ["donnees2", "releves"]
    folder = todo.carry_out()
    assert folder is not None
    with tarfile.open(folder / "volume-donnees2.tar") as tar:
        assert "releves/mesures.csv" in tar.getnames()
    client = lab.connect()
    assert not client.volumes.list() and not client.containers.list(all=True)
    assert plan(lab, [catalogue()["3.6"]]).empty


def test_a_volume_that_somebody_else_uses_stays(lab: Lab) -> None:
    run_script(lab, ROOT / "solutions" / "3.6.sh")
    run_script(lab, "docker create --name a-moi -v donnees2:/d busybox")
    todo = plan(lab, [catalogue()["3.6"]])
    assert list(todo.volumes) == ["releves"]
    assert any("donnees2" in line and "d'autres conteneurs" in line for line in todo.kept)


def test_a_volume_that_nobody_shows_stays(lab: Lab) -> None:
    run_script(lab, "docker volume create releves")
    todo = plan(lab, [catalogue()["3.5"]])
    assert not todo.volumes and "releves" in " ".join(todo.kept)


def test_an_imported_image_is_known_by_its_archive(lab: Lab) -> None:
    for id in ("3.1", "3.2"):
        code, output = run_script(lab, ROOT / "solutions" / f"{id}.sh")
        assert code == 0, output
    assert plan(lab, [catalogue()["3.2"]]).images == ["instantane:1"]
    # The same name on an image that the exercise did not make.
    run_script(lab, "tar -c fournitures/jeton.txt | docker import - instantane:1")
    todo = plan(lab, [catalogue()["3.2"]])
    assert not todo.images and any("instantane:1" in line for line in todo.kept)


def test_an_image_imported_from_a_folder_is_known_too(lab: Lab) -> None:
    code, output = run_script(lab, ROOT / "solutions" / "3.12.sh")
    assert code == 0, output
    todo = plan(lab, [catalogue()["3.12"]])
    assert todo.images == ["bouteille:1"]
    assert [path.name for path in todo.files] == ["bouteille.tar"]
