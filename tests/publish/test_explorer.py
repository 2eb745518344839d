"""The archive explorer, in Chromium: it says what `inspecter` says, and nothing kills it."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request

from checks.archives import BytesSource, open_archive
from checks.report import inspection
from tests.archives.box import NAMES, Box, golden, gz, image
from tests.archives.faults import FAULTS
from tests.publish.test_site import Built
from workshop.lab import ROOT

FAULTY = ("docker-26.1g-save", "buildx-26.1c-oci")
HUGE = 5 * 10**9
"""Bytes of the file that must not kill the tab."""
HEAP = 60 << 20
"""Bytes of JavaScript that reading it may take."""


@pytest.fixture(scope="module")
def page(browser: Browser, built: Built) -> Iterator[Page]:
    """The explorer's page, opened from a file, once for all tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    requests: list[Request] = []
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto((built[0] / "explorateur.html").as_uri())
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<input id=essai type=file multiple>')"
    )
    page.on("request", lambda request: requests.append(request))
    yield page
    asked = [request.url for request in requests]
    context.close()
    assert not errors
    assert not asked, "reading an archive asks nothing of anybody"


def read(page: Page, files: dict[str, bytes], folder: Path, verify: bool) -> dict[str, Any]:
    """What the page's reader says of each file, as the JSON of `inspecter`."""
    paths = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    page.set_input_files("#essai", paths)
    found = page.evaluate(
        "async (verify) => { const all = {};"
        "for (const file of document.getElementById('essai').files)"
        "  all[file.name] = (await atelierArchives.explore(file, {verify})).json();"
        "return all; }",
        verify,
    )
    assert sorted(found) == sorted(files)
    return dict(found)


def inspected(name: str, data: bytes, verify: bool) -> dict[str, Any]:
    """The object of `inspecter --json`."""
    archive = open_archive(BytesSource(data), name=name)
    problems = archive.problems if verify else archive.structure_problems
    told = inspection.to_json(archive, problems, file=name, integrity=verify)
    return dict(json.loads(json.dumps(told)))


def agree(page: Page, files: dict[str, bytes], folder: Path, verify: bool) -> None:
    for name, found in read(page, files, folder, verify).items():
        wanted = inspected(name, files[name], verify)
        for one, other in zip(found["images"], wanted["images"], strict=True):
            if one["size"] is None:  # a layer is damaged, or compressed by zstd: nothing is claimed
                other["size"] = None
        assert found == wanted, name


# --- the same as `inspecter` ----------------------------------------------------------------


@pytest.mark.parametrize("verify", [True, False])
def test_golden_archives_are_told_as_inspecter_does(
    page: Page, tmp_path: Path, verify: bool
) -> None:
    plain = {f"{name}.tar": golden(name) for name in NAMES}
    packed = {f"{name}.tar.gz": gz(golden(name)) for name in NAMES}
    agree(page, plain | packed, tmp_path, verify)
    sizes = [one["size"] for found in read(page, plain, tmp_path, verify).values()
             for one in found["images"]]  # fmt: skip
    assert sizes.count(None) == (1 if verify else 0)  # zstd


@pytest.mark.parametrize("name", FAULTY)
def test_damaged_archives_are_told_as_inspecter_does(page: Page, tmp_path: Path, name: str) -> None:
    damaged = {fault.name: fault.apply(golden(name)) for fault in FAULTS}
    files = {fault: data for fault, data in damaged.items() if data is not None}
    packed = {f"{fault}.gz": gz(data) for fault, data in files.items() if "gzip" not in fault}
    agree(page, files | packed, tmp_path, True)


# --- what is seen ---------------------------------------------------------------------------


def choose(page: Page, *paths: Path) -> Locator:
    """Give files to the page as a reader does; the result, once it is there."""
    page.set_input_files("#explorateur-fichier", list(paths))
    said = page.locator(".explorateur-etat")
    page.wait_for_function(
        "!['', 'Lecture en cours.'].includes(document.querySelector('.explorateur-etat').innerText)"
    )
    assert said.get_attribute("aria-live") == "polite"
    return page.locator(".explorateur-resultat")


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_what_was_deleted_is_shown(page: Page, tmp_path: Path) -> None:
    for name in NAMES:
        data = golden(name)
        result = choose(page, written(tmp_path, f"{name}.tar", data))
        archive = open_archive(BytesSource(data))
        assert result.locator("h2").inner_text().startswith(f"{name}.tar")
        assert result.locator(".explorateur-image > h3").count() == max(1, len(archive.images))
        for number, one in enumerate(archive.images):
            card = result.locator(".explorateur-image").nth(number)
            assert (", ".join(one.tags) or "sans nom") in card.locator("h3").inner_text()
            assert one.config_digest in card.inner_text()
            assert card.get_by_text("Couche ", exact=False).count() >= len(one.layer_members)
            gone = {hidden.file.path for hidden in one.files.hidden
                    if hidden.file.member.type == "file"}  # fmt: skip
            if any(layer.compression == "zstd" for layer in one.layers):
                assert "n’est pas vérifié" in result.inner_text()
                continue
            shown = card.locator(".explorateur-restes td:first-child code").all_inner_texts()
            assert {text.strip() for text in shown} == gone


def test_the_words_are_those_of_inspecter(page: Page, tmp_path: Path) -> None:
    data = golden("docker-26.1g-save")
    result = choose(page, written(tmp_path, "save.tar", data))
    archive = open_archive(BytesSource(data), name="save.tar")
    told = inspection.render(archive, archive.structure_problems, integrity=False)
    seen = " ".join(result.inner_text().split())
    for words in (
        "dans la disposition OCI (Docker 25 et plus)",
        "Structure correcte ; les empreintes n’ont pas été vérifiées.",
        "Effacés par une couche, toujours dans l’archive",
        "l’historique (7 lignes) et la séparation en 3 couches",
    ):
        assert words in " ".join(told.split()).replace("`", "").replace("\xa0", " ")
        assert words in seen.replace("\xa0", " ")
    page.get_by_role("button", name="Recalculer toutes les empreintes").click()
    page.get_by_text("Complète et intacte : toutes les empreintes ont été recalculées.").wait_for()
    assert page.evaluate("document.activeElement.id") == "explorateur-titre"


def test_a_deleted_file_is_read(page: Page, tmp_path: Path) -> None:
    result = choose(page, written(tmp_path, "save.tar", golden("docker-20.10-save")))
    result.get_by_role("button", name="Lire data/secret.txt").click()
    result.get_by_text("le secret est encore la").wait_for()
    result.get_by_text("Ses fichiers").first.click()
    assert "etc/issue" in result.locator("details[open] table").inner_text()


def test_the_example_is_the_one_to_download(page: Page, built: Built) -> None:
    page.get_by_role("button", name="Essayer avec l’exemple").click()
    page.locator(".explorateur-nom", has_text="escale:1").wait_for()
    page.get_by_role("button", name="Lire bord/coffre.txt").click()
    page.get_by_text("code du coffre : 4-8-15-16").wait_for()
    data = (built[0] / "assets" / "escale.tar.gz").read_bytes()
    assert base64.b64encode(data).decode() == page.inner_text("#explorateur-exemple-donnees")
    assert open_archive(BytesSource(data)).valid


def test_the_keyboard_is_enough(page: Page, tmp_path: Path) -> None:
    page.locator("#explorateur-fichier").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".explorateur-image").wait_for()
    page.wait_for_function("document.activeElement.id === 'explorateur-titre'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Recalculer toutes les empreintes"


def test_a_file_can_be_dropped_anywhere(page: Page) -> None:
    data = base64.b64encode(golden("podman-save")).decode()
    stopped = page.evaluate(
        "(data) => { const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));"
        "const carried = new DataTransfer(); carried.items.add(new File([bytes], 'depose.tar'));"
        "const event = new DragEvent('drop',"
        "  {dataTransfer: carried, bubbles: true, cancelable: true});"
        "document.querySelector('h1').dispatchEvent(event); return event.defaultPrevented; }",
        data,
    )
    assert stopped
    page.locator(".explorateur-resultat h2", has_text="depose.tar").wait_for()


def test_a_part_alone_is_told_what_to_do_here(page: Page, tmp_path: Path) -> None:
    result = choose(page, written(tmp_path, "atlas.tar.aa", golden("docker-20.10-save")[:9000]))
    told = result.inner_text()
    assert "une partie d’un fichier découpé" in told and "Choisissez ou déposez" in told
    assert "commande" not in told


def test_nothing_of_an_archive_is_read_as_html(page: Page, tmp_path: Path) -> None:
    trap = "<img src=x onerror=document.title='piege'>"
    box = Box(golden("docker-20.10-save"))
    box.edit("manifest.json", lambda entries: entries[0].update(RepoTags=[f"{trap}\u202e:1"]))
    box.edit(box.config, lambda config: config["history"][0].update(created_by=trap))
    result = choose(page, written(tmp_path, f"{trap.replace('/', '')}.tar", box.bytes()))
    assert result.locator("img").count() == 0
    assert "\\u202e" in result.locator("h3").inner_text()
    assert page.title() != "piege"


def test_the_phone_is_not_scrolled_sideways(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    result = choose(page, written(tmp_path, "save.tar", golden("docker-20.10-deux-images")))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    button = result.get_by_role("button", name="Lire").first
    box = button.bounding_box()
    assert box is not None and box["x"] + box["width"] <= 375, "it can be seen without scrolling"
    button.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.set_viewport_size({"width": 1280, "height": 900})


def test_without_javascript_the_page_says_what_to_do(built: Built, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built[0] / "explorateur.html").as_uri())
    assert page.locator(".explorateur-sans", has_text="demande JavaScript").is_visible()
    assert not page.locator("#explorateur").is_visible()
    context.close()


# --- what is no archive, and what is too much -----------------------------------------------

SAVED = golden("docker-26.1g-save")
PLAIN = "Ce n’est pas une archive d’images"


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("vide.tar", b"", "ce fichier est vide"),
        ("zeros.tar", bytes(4096), "il ne contient que des zéros"),
        ("notes.tar", b"Une liste de courses\n", "c’est du texte"),
        ("page.tar", b"<!doctype html><title>404</title>", "c’est une page web"),
        ("paquet.tar", b"PK\x03\x04" + bytes(600), "c’est une archive ZIP"),
        ("hasard.tar", bytes(range(256)) * 8, "ses octets ne sont ceux d’aucun format connu"),
        ("rien.tar.gz", gz(b""), "il n’y a rien sous la compression"),
        ("save.tar.xz", lzma.compress(SAVED), "xz -dk save.tar.xz"),
        ("save.tar.bz2", bz2.compress(SAVED), "bzip2 -dk save.tar.bz2"),
        ("coupee.tar", SAVED[: len(SAVED) // 2], "L’archive s’interrompt à l’octet"),
        ("coupee.tar.gz", gz(SAVED)[:1500], "Le fichier compressé s’interrompt avant sa fin."),
        ("abimee.tar.gz", gz(SAVED)[:-5] + b"\0" * 5, "La compression est abîmée"),
        ("message.gpg", b"-----BEGIN PGP MESSAGE-----\n\n" + base64.b64encode(
            b"\x8c\x0d\x04" + bytes(60)) + b"\n", "Message chiffré par OpenPGP"),
        ("save.tar.aa", SAVED[:9000], "toutes les parties en même temps"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_kindly(
    page: Page, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    result = choose(page, written(tmp_path, name, data))
    assert words in result.inner_text()
    assert "undefined" not in result.inner_text()


def test_parts_are_put_together(page: Page, tmp_path: Path) -> None:
    parts = [
        written(tmp_path, f"save.tar.{suffix}", SAVED[start : start + 15_000])
        for suffix, start in (("ac", 30_000), ("aa", 0), ("ab", 15_000))
    ]
    result = choose(page, *parts)
    assert "golden/app:1" in result.inner_text()
    assert "Structure correcte" in result.inner_text()


def test_files_of_two_names_are_not_mixed(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Essayer avec l’exemple").click()
    page.locator(".explorateur-nom", has_text="escale:1").wait_for()
    files = [written(tmp_path, "a.tar", SAVED), written(tmp_path, "b.tar", SAVED)]
    page.set_input_files("#explorateur-fichier", files)
    page.get_by_text("Un fichier à la fois").wait_for()


def huge(path: Path) -> Path:
    """A `docker save` of one layer of 5 GB, of which a few kilobytes are on the disk."""
    inner = tarfile.TarInfo("donnees/vide.bin")
    inner.size = HUGE
    box = Box(image([b"-"]))
    layer = tarfile.TarInfo(box.layers[0])
    layer.size = 512 + -(-HUGE // 512) * 512 + 1024
    others = io.BytesIO()
    with tarfile.open(fileobj=others, mode="w") as tar:
        for item in box.items:
            if item.name != layer.name:
                info = tarfile.TarInfo(item.name)
                info.size = len(item.data)
                tar.addfile(info, io.BytesIO(item.data))
    with path.open("wb") as file:
        file.write(layer.tobuf() + inner.tobuf())
        file.truncate(512 + layer.size)
        file.seek(0, 2)
        file.write(others.getvalue())
    assert path.stat().st_size > HUGE
    assert path.stat().st_blocks * 512 < 1 << 20
    return path


def test_five_gigabytes_leave_the_tab_alive(page: Page, tmp_path: Path) -> None:
    result = choose(page, huge(tmp_path / "enorme.tar"))
    assert "5,0\xa0Go" in result.inner_text()
    assert "Structure correcte" in result.inner_text()
    page.get_by_role("button", name="Recalculer toutes les empreintes").click()
    bar = page.locator(".explorateur-avancement progress")
    page.wait_for_function(
        "document.querySelector('.explorateur-avancement progress').value > 40e6", timeout=60_000
    )
    assert bar.is_visible()
    assert "Calcul des empreintes" in page.locator(".explorateur-avancement").inner_text()
    assert heap(page) < HEAP
    page.get_by_role("button", name="Annuler la lecture").click()
    page.get_by_text("Lecture annulée.").wait_for()
    assert not bar.is_visible()
    assert not result.is_visible()


def test_a_compressed_file_of_zeros_does_not_fill_memory(page: Page, tmp_path: Path) -> None:
    result = choose(page, written(tmp_path, "zeros.tar.gz", gzip.compress(bytes(128 << 20), 1)))
    assert "il ne contient que des zéros" in result.inner_text()
    assert heap(page) < HEAP


def heap(page: Page) -> int:
    """Bytes that the page's JavaScript holds, buffers included, after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = session.send("Runtime.getHeapUsage")
    session.detach()
    return int(usage["usedSize"] + usage.get("backingStorageSize", 0))


def test_the_words_of_problems_are_written_once(page: Page) -> None:
    """Meanings are those of `inspecter`, but where a browser is not a terminal."""
    source = (ROOT / "publish/theme/assets/javascripts/explorateur.js").read_text()
    own: Sequence[str] = ("compression-abimee", "partie-seule")
    for code, meaning in inspection._MEANINGS.items():
        assert f'"{code}": "' in source, code
        if code not in own:
            assert f'"{code}": "{meaning}"' in source, code
