"""Pictures of archives: true words, a drawing that stands in a page, and kindness without files."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checks.identity import Identity
from checks.material import phase3
from checks.material.making import legacy_archive, oci_archive
from workshop.pictures import dessiner_compressions, dessiner_couches, dessiner_tailles

ME = Identity("essai", "5ea0b0a7")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATELIER_TRAVAIL", str(tmp_path))
    image = phase3.brouillon(ME)
    (tmp_path / "a.tar").write_bytes(oci_archive(image, [image.name]))
    (tmp_path / "b.tar").write_bytes(phase3.crate(ME, "export"))
    nameless = phase3.bloc(ME)
    (tmp_path / "c.tar").write_bytes(legacy_archive(nameless, []))
    (tmp_path / "texte.txt").write_text("bonjour")
    return tmp_path


def test_hidden_bytes_are_told_and_hatched() -> None:
    picture = dessiner_couches("a.tar", "c.tar")
    assert "cours/brouillon:1 : 2 couches" in repr(picture).replace("\u00a0", " ")
    assert "900,0\u00a0ko qu’un conteneur ne voit plus" in repr(picture)
    assert "c.tar" in repr(picture)
    assert "<pattern" in picture.svg and "cachés" in picture.svg


def test_a_shared_layer_is_told(workspace: Path) -> None:
    image = phase3.brouillon(ME)
    (workspace / "d.tar").write_bytes(oci_archive(image, ["autre:1"]))
    picture = dessiner_couches("a.tar", "d.tar")
    assert "2 couches sont partagées" in repr(picture)
    assert picture.svg.count("partagée") == 4
    assert "partagée" not in dessiner_couches("a.tar", "c.tar").svg


def test_sizes_are_those_of_the_files(workspace: Path) -> None:
    picture = dessiner_tailles("a.tar", "b.tar")
    assert "dont 900,0\u00a0ko de fichiers cachés" in repr(picture)
    assert f"{(workspace / 'b.tar').stat().st_size / 1000:.1f}".replace(".", ",") in repr(picture)


def test_compressions_are_measured_here() -> None:
    picture = dessiner_compressions("b.tar")
    for name in ("gzip", "bzip2", "xz", "zstd"):
        assert f">{name}<" in picture.svg
    assert "ms" in repr(picture)


@pytest.mark.parametrize("draw", [dessiner_couches, dessiner_tailles, dessiner_compressions])
def test_a_drawing_stands_in_a_page_of_either_scheme(draw: object) -> None:
    svg = draw("a.tar").svg  # type: ignore[operator]
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg") and "currentColor" in svg
    assert "#010203" not in svg and "<script" not in svg
    hosts = re.findall(r'(?:href|src)="(https?:[^"]*)"', svg)
    assert hosts == []
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert used <= set(ids)


@pytest.mark.parametrize("draw", [dessiner_couches, dessiner_tailles, dessiner_compressions])
@pytest.mark.parametrize("name", ["rien.tar", "..", "", "dossier/", "a\nb"])
def test_without_the_file_it_says_so(draw: object, name: str) -> None:
    picture = draw(name)  # type: ignore[operator]
    assert repr(picture).startswith("Pas de dessin pour l’instant") and not picture.svg


def test_what_is_no_archive_of_images_has_no_layers() -> None:
    assert "n’est pas une archive d’images" in repr(dessiner_couches("b.tar"))
    assert "n’est pas une archive d’images" in repr(dessiner_couches("texte.txt"))
    assert "donnez au moins un nom" in repr(dessiner_tailles())
