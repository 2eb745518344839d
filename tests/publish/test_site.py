"""The site: built strictly, twice the same; read from files, in Chromium, without a network."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from publish import pages, site
from workshop.lab import ROOT

Built = tuple[Path, list[str]]
BUILD = 15
"""Seconds for a full build."""


def pages_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


def sample(folder: Path) -> list[str]:
    """A page of each kind."""
    every = pages_of(folder)
    kinds = ("index.html", "1-", "notebooks/", "idees-recues", "glossaire", "annexes/", "404")
    return [next(page for page in every if page.startswith(kind)) for kind in kinds
            if any(page.startswith(kind) for page in every)]  # fmt: skip


def test_the_strict_build_has_nothing_to_say(built: Built) -> None:
    assert built[1] == []


def test_every_chapter_and_executed_notebook_is_there(built: Built) -> None:
    folder, _ = built
    for path in (ROOT / "chapters").rglob("*.md"):
        assert (folder / path.relative_to(ROOT / "chapters").with_suffix(".html")).exists()
    assert pages.published()
    for path in pages.published():
        assert (folder / "notebooks" / f"{path.stem}.html").exists()
        assert (folder / "notebooks" / path.name).read_bytes() == path.read_bytes()


def test_built_twice_it_is_the_same_and_soon(built: Built, tmp_path: Path) -> None:
    start = time.monotonic()
    assert site.build(tmp_path / "again") == built[1]
    assert time.monotonic() - start <= BUILD
    assert digests(built[0]) == digests(tmp_path / "again")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        # The theme writes the day of the build there.
        if path.is_file() and not path.name.startswith("sitemap")
    }


def test_nothing_is_asked_of_another_host(built: Built) -> None:
    for name in pages_of(built[0]):
        text = (built[0] / name).read_text()
        loaded = re.findall(
            r'<(?:script|img|iframe|link|source)\b[^>]*?(?:src|href)="([^"]+)"', text
        )
        canonical = {address for address in loaded if address.startswith(("http:", "https:", "//"))}
        assert not canonical, name


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    requests: list[Request] = []
    errors: list[object] = []
    page.on("request", lambda request: requests.append(request))
    page.on("pageerror", lambda error: errors.append(error))
    page.on("requestfailed", lambda request: errors.append(request.url))
    yield page
    outside = [r.url for r in requests if not r.url.startswith(("file:", "data:", "blob:"))]
    context.close()
    assert not outside
    assert not errors


def visit(page: Page, built: Built, name: str, scheme: str = "light") -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto((built[0] / name).as_uri())
    if name != "404.html":
        page.wait_for_function("document.documentElement.classList.contains('js')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_searching(built: Built, page: Page, scheme: str) -> None:
    visit(page, built, "index.html", scheme)
    search(page, "digest")
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{v['id']}: {node['html'][:300]}" for v in found for node in v["nodes"]]


def test_the_phone_is_not_scrolled_sideways(built: Built, page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    for name in sample(built[0]):
        visit(page, built, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, name


# --- quizzes, progress ----------------------------------------------------------------------


def quiz_page(built: Built) -> str:
    for name in pages_of(built[0]):
        if 'class="quiz"' in (built[0] / name).read_text():
            return name
    raise AssertionError("no page has a quiz")


def test_a_quiz_answers_at_once_and_remembers(built: Built, page: Page) -> None:
    name = quiz_page(built)
    visit(page, built, name)
    question = page.locator(".quiz-question:has(input[type=radio])").first
    wrong = question.locator('.quiz-choix[data-verdict="faux"]').first
    right = question.locator('.quiz-choix[data-verdict="vrai"]').first
    assert not wrong.locator(".quiz-commentaire").is_visible()
    wrong.locator("input").check()
    assert wrong.locator(".quiz-commentaire").is_visible()
    right.locator("input").check()
    assert right.locator(".quiz-commentaire").is_visible()
    assert not wrong.locator(".quiz-commentaire").is_visible()
    page.reload()
    assert right.locator("input").is_checked()
    assert right.locator(".quiz-commentaire").is_visible()


def test_a_quiz_needs_no_mouse(built: Built, page: Page) -> None:
    visit(page, built, quiz_page(built))
    question = page.locator(".quiz-question:has(input[type=radio])").first
    inputs = question.locator("input")
    inputs.first.focus()
    page.keyboard.press("Space")
    assert inputs.first.is_checked()
    page.keyboard.press("ArrowDown")
    assert inputs.nth(1).is_checked()
    assert question.locator(".quiz-choix").nth(1).locator(".quiz-commentaire").is_visible()


def test_without_javascript_everything_can_be_read(built: Built, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built[0] / quiz_page(built)).as_uri())
    assert page.locator(".quiz-commentaire").first.is_visible()
    page.goto((built[0] / "notebooks" / f"{pages.published()[0].stem}.html").as_uri())
    page.locator("details.indice summary").first.click()
    assert page.locator("details.indice p").first.is_visible()
    context.close()


def test_progress_is_kept_here_and_can_be_erased(built: Built, page: Page) -> None:
    notebook = f"notebooks/{pages.published()[0].stem}.html"
    visit(page, built, notebook)
    page.get_by_label("J’ai réussi cette mission").first.check()
    visit(page, built, "index.html")
    assert page.get_by_text(re.compile(r"^1 mission réussie sur \d+$")).count() == 1
    page.get_by_role("button", name="Effacer ma progression").click()
    assert page.get_by_text(re.compile(r"^1 mission réussie")).count() == 0
    visit(page, built, notebook)
    assert not page.get_by_label("J’ai réussi cette mission").first.is_checked()


# --- search ---------------------------------------------------------------------------------


_META = "document.querySelector('.md-search-result__meta').innerText"


def search(page: Page, query: str) -> list[str]:
    """The pages found, best first, as the reader sees them."""
    page.keyboard.press("Escape")
    field = page.locator("[data-md-component=search-query]")
    field.click()
    page.wait_for_function("document.querySelector('.md-search-result__meta').innerText != ''")
    field.fill("")
    page.wait_for_function(_META + ".startsWith('Taper')")
    field.press_sequentially(query, delay=10)
    page.wait_for_function("!" + _META + ".startsWith('Taper')")
    page.wait_for_timeout(300)
    links = page.locator(".md-search-result__item > .md-search-result__link").all()
    return [Path(link.get_attribute("href").split("?")[0]).name for link in links]  # type: ignore


NOTEBOOK = "phase-2-save-load.html"
QUERIES = (
    # what is typed, and the page that must come first
    ("registres et dépôts", "1-docker-hub.html"),
    ("dépôt", "1-docker-hub.html"),
    ("anatomie d'une référence", "1-docker-hub.html"),
    ("anatomie d’une reference", "1-docker-hub.html"),
    ("latest", "1-docker-hub.html"),
    ("docker search", "1-docker-hub.html"),
    ("--limit", "1-docker-hub.html"),  # the option, not « Limites de téléchargement »
    ("genres de jetons", "4-publier.html"),
    ("chercher une image", "1-docker-hub.html"),
    ("quota", "1-docker-hub.html"),
    ("device code", "1-docker-hub.html"),
    ("docker save", "2-save-load.html"),
    ("split", "2-save-load.html"),
    ("découper une archive", "2-save-load.html"),
    ("decouper", "2-save-load.html"),
    ("sha256sum -c", "2-save-load.html"),
    ("chiffrer", "2-save-load.html"),
    ("pigz", "2-save-load.html"),
    ("cache-to", "2-save-load.html"),
    ("docker export", "3-export-import.html"),
    ("métadonnées", "3-export-import.html"),
    ("l'import", "3-export-import.html"),
    ("volumes", "3-export-import.html"),
    ("trois façons de partir d'un conteneur", "3-export-import.html"),
    ("conteneur arrêté", "3-export-import.html"),
    ("idees recues", "idees-recues.html"),
    ("idée reçue", "idees-recues.html"),
    ("glossaire", "glossaire.html"),
    ("--all-tags", "4-publier.html"),
    ("abîmées", "archives-abimees.html"),
    ("la Boréale appareille", NOTEBOOK),
    ("barème", "noter.html"),
    ("mener le cours", "deroule.html"),
)


def test_search_speaks_french(built: Built, page: Page) -> None:
    visit(page, built, "index.html")
    wrong = {}
    for query, wanted in QUERIES:
        found = search(page, query)
        if found[:1] != [wanted]:
            wrong[query] = (wanted, list(dict.fromkeys(found))[:3])
    assert not wrong, "\n".join(f"{query}: {answer}" for query, answer in wrong.items())
