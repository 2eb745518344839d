"""The site: built strictly, twice the same; read from files, in Chromium, without a network."""

from __future__ import annotations

import functools
import hashlib
import http.server
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from PIL import Image
from playwright.sync_api import Browser, Page, Request

from checks.exercise import catalogue
from checks.outcome import Result, Status
from publish import pages, site
from workshop.journal import Journal
from workshop.lab import ROOT, Lab

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


WIDER = """() => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const column = document.querySelector(".md-content__inner, main").getBoundingClientRect();
  return [...document.querySelectorAll("details, .highlight, .mission, figure")]
    .filter((one) => one.getBoundingClientRect().right > Math.min(column.right + 1, innerWidth))
    .map((one) => one.innerText.slice(0, 60));
}"""


@pytest.mark.parametrize("width", [375, 640, 1280])
def test_nothing_is_wider_than_its_column(built: Built, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name in pages_of(built[0]):
        visit(page, built, name)
        assert page.evaluate(WIDER) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_home_page_leads_everywhere(built: Built, page: Page) -> None:
    visit(page, built, "index.html")
    links = page.locator("article a[href]").evaluate_all("all => all.map((a) => a.href)")
    reached = {Path(unquote(urlsplit(link).path)).name for link in links}
    every = {Path(name).name for name in pages_of(built[0])}
    assert every - reached <= {"index.html", "404.html"}


def test_where_we_are_is_told(built: Built, page: Page) -> None:
    for name in ("2-save-load.html", f"notebooks/{NOTEBOOK}"):
        visit(page, built, name)
        steps = page.locator("nav.phases a")
        assert steps.count() == 5
        assert page.locator("nav.phases [aria-current=step]").inner_text().startswith("2 · ")
        assert re.search(r"minutes|\d\sh\s\d", page.locator(".chapitre-faits").inner_text())
    assert pages.facts(2) in page.locator(".chapitre-faits").inner_text()
    visit(page, built, "glossaire.html")
    assert page.locator("nav.phases").count() == 0


def test_spaces_do_not_break_before_high_punctuation(built: Built) -> None:
    wrong = []
    for name in pages_of(built[0]):
        soup = BeautifulSoup((built[0] / name).read_text(), "html.parser")
        for tag in soup.select("pre, code, script, style, svg, kbd"):
            tag.decompose()
        titles = [str(tag["title"]) for tag in soup.select("a.terme")]
        for text in [*soup.find_all(string=True), *titles]:
            wrong += [f"{name}: {found}" for found in re.findall(r".{0,20} [?!;:»](?!\S)", text)]
    assert not wrong


def painted(page: Page, selector: str, *names: str) -> list[str]:
    """Colours, as the browser paints them, of the first element that the selector finds."""
    return list(
        page.locator(selector).first.evaluate(
            "(one, names) => names.map((name) => getComputedStyle(one)[name])", list(names)
        )
    )


def test_a_dark_page_is_printed_on_white(built: Built, page: Page) -> None:
    looks = {}
    for scheme in ("light", "dark"):
        visit(page, built, f"notebooks/{NOTEBOOK}", scheme)
        page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
        looks[scheme] = [
            painted(page, selector, "color", "backgroundColor")
            for selector in ("body", "article p", ".mission", ".indice", ".reponse pre", "table th")
        ]
    assert looks["dark"] == looks["light"]
    assert page.locator(".mission").first.evaluate("(m) => getComputedStyle(m).breakInside") == (
        "avoid"
    )


def test_boxes_have_our_colours(built: Built, page: Page) -> None:
    seen = {}
    for name in pages_of(built[0]):
        visit(page, built, name)
        seen |= page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.admonition, details')]"
            ".map((one) => [one.className, getComputedStyle(one).borderLeftColor]))"
        )
    ours = {"rgb(11, 92, 176)", "rgb(26, 109, 68)", "rgb(133, 90, 8)", "rgb(176, 60, 41)"}
    assert {kind for kind in seen if set(kind.split()) & {"tip", "warning", "danger", "note"}}
    assert set(seen.values()) <= ours, seen


def test_blocks_are_whole_and_the_button_hides_nothing(built: Built, page: Page) -> None:
    visit(page, built, "1-docker-hub.html")
    for selector in (".highlight.terminal > span.filename + pre", ".highlight.sortie"):
        assert painted(page, selector, "marginTop") == ["0px"]
    block = page.locator(".highlight.terminal").first
    button = block.locator(".md-code__nav")
    assert button.evaluate("(nav) => getComputedStyle(nav).opacity") == "0"
    block.hover()
    assert button.evaluate("(nav) => getComputedStyle(nav).opacity") == "1"
    (ground,) = painted(page, ".highlight.terminal .md-code__nav", "backgroundColor")
    assert re.match(r"rgb\(", ground), "opaque"


def test_an_odd_store_stops_nothing(built: Built, page: Page) -> None:
    visit(page, built, "index.html")
    for odd in ('{"missions":5,"quiz":{"a":1}}', "5", "null", "[]", "x"):
        page.evaluate("(odd) => localStorage.setItem('atelier-images-docker', odd)", odd)
        for name in ("index.html", quiz_page(built)):  # `page` fails on any error of a script
            visit(page, built, name)
    assert page.locator(".quiz-bilan").count()


# --- over a network -------------------------------------------------------------------------

SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 700);
})"""


@contextmanager
def served(handler: Callable[..., Any]) -> Iterator[str]:
    """The address of a server on the loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Plain(http.server.SimpleHTTPRequestHandler):
    """Any server of files."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def test_nothing_moves_and_the_console_is_empty(built: Built, browser: Browser) -> None:
    with served(functools.partial(Plain, directory=str(built[0]))) as address:
        for name in ("index.html", "2-save-load.html", f"notebooks/{NOTEBOOK}"):
            page = browser.new_page(viewport={"width": 412, "height": 823})
            said: list[str] = []
            page.on("console", lambda line, said=said: said.append(f"{line.type}: {line.text}"))
            page.goto(f"{address}/{name}")
            assert page.evaluate(SHIFTS) <= 0.05, name
            assert [line for line in said if line.startswith("error")] == [], name
            page.close()


def test_the_workshop_shows_what_it_has_checked(
    built: Built, browser: Browser, tmp_path: Path
) -> None:
    lab = Lab(tmp_path / "etat", tmp_path / "travail")
    lab.private.mkdir(parents=True)
    passed = Result("2.1", "Sauvegarder", Status.PASSED, 2, 2)
    Journal(lab.private / "journal.sqlite").record([passed])
    handler = functools.partial(site._Handler, lab, directory=str(built[0]))
    count = sum(exercise.phase == 2 for exercise in catalogue().values())
    with served(handler) as address:
        page = browser.new_page(locale="fr-FR")
        page.goto(f"{address}/index.html")
        page.evaluate(
            'localStorage.setItem(\'atelier-images-docker\', \'{"missions":["2.2","2.3"]}\')'
        )
        for _ in range(2):
            page.goto(f"{address}/index.html")
            page.get_by_text(f"1 mission réussie sur {count}").wait_for()
            page.get_by_text("celles que votre atelier a vérifiées").wait_for()
            page.get_by_role("button", name="Effacer mes réponses aux quiz").click()
            assert page.get_by_role("button", name="Effacer ma progression").count() == 0
        page.goto(f"{address}/notebooks/{NOTEBOOK}")
        ticked = page.get_by_label("J’ai réussi cette mission")
        ticked.first.wait_for()
        assert [box.is_checked() for box in ticked.all()] == [True] + (count - 1) * [False]
        assert all(box.is_disabled() for box in ticked.all())
        answer = page.goto(f"{address}/nulle-part.html")
        assert answer is not None and answer.status == 404
        assert page.get_by_role("heading").inner_text() == "Cette page n’existe pas"
        page.get_by_label("Chercher dans le cours").fill("pigz")
        page.get_by_role("button", name="Chercher").click()
        page.locator(".md-search-result__link").first.wait_for()
        page.close()


# --- what stops the build -------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all that makes the site, which `site.build` builds."""
    folder = tmp_path / "cours"
    for name in ("chapters", "checks", "classroom", "notebooks", "publish", "solutions", "workshop",
                 "tests/notebooks/golden"):  # fmt: skip
        shutil.copytree(ROOT / name, folder / name)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    monkeypatch.setattr(site, "ROOT", folder)
    monkeypatch.setattr(pages, "NOTEBOOKS", folder / "notebooks")
    return folder


def test_a_broken_link_is_told_with_file_and_line(tree: Path, tmp_path: Path) -> None:
    chapter = tree / "chapters" / "choisir.md"
    before, title, after = chapter.read_text().partition("\n## ")
    chapter.write_text(f"{before}\nVoir [ceci](nulle-part.md).\n{title}{after}")
    length = before.count("\n") + 2
    notebook = tree / "notebooks" / "phase-2-save-load.ipynb"
    text = notebook.read_text().replace("Dans trois jours", "Dans [trois](../perdu.md#x) jours", 1)
    text = text.replace("sept mois", "sept [mois](exercice:9.9)", 1)
    notebook.write_text(text)
    line = text[: text.index("../perdu.md")].count("\n") + 1
    assert sorted(site.build(tmp_path / "site")) == [
        f"choisir.md:{length}: ce lien ne mène nulle part\u00a0: «\u00a0nulle-part.md\u00a0».",
        f"phase-2-save-load.ipynb:{line}: ce lien ne mène nulle part\u00a0: "
        "«\u00a0../perdu.md#x\u00a0».",
        f"phase-2-save-load.ipynb:{line}: l’exercice 9.9 n’existe pas.",
    ]


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("chapters/choisir.md", lambda text: "---\na: b: c\n" + text[4:], r"^choisir\.md:2: l’en"),
        (
            "notebooks/phase-1-comprendre.ipynb",
            lambda text: text[:900],
            r"^phase-1-.*:\d+: ce JSON",
        ),
        (
            "notebooks/phase-1-comprendre.ipynb",
            lambda text: text.replace("Trois semaines", '!!! mystere\\n",\n"Trois semaines', 1),
            r"^phase-1-.*ipynb:[1-9]\d*: encadré inconnu",
        ),
        ("tests/notebooks/golden/phase-1-comprendre.ipynb", None, r"^phase-1-.*:1: .*exécuté"),
    ],
)
def test_what_cannot_be_built_is_told_in_one_line(
    tree: Path, tmp_path: Path, name: str, change: Callable[[str], str] | None, words: str
) -> None:
    path = tree / name
    if change is None:
        path.unlink()
    else:
        path.write_text(change(path.read_text()))
    problems = site.build(tmp_path / "site")
    assert [problem for problem in problems if re.search(words, problem)], problems
    assert "Traceback" not in "".join(problems)


def test_with_an_address_pages_have_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://cours.example/docker/")
    assert site.build(tmp_path) == []
    for name in pages_of(tmp_path):
        soup = BeautifulSoup((tmp_path / name).read_text(), "html.parser")
        if name == "404.html":
            links = {str(a["href"]) for a in soup.select("a")} | {str(soup.form["action"])}  # type: ignore[index]
            assert links == {"https://cours.example/docker/"}
            continue
        told = {str(tag["property"]): str(tag["content"]) for tag in soup.select("meta[property]")}
        address = "https://cours.example/docker/" + name
        assert told["og:url"] == address, name
        assert told["og:title"] and told["og:description"], name
        card = tmp_path / told["og:image"].removeprefix("https://cours.example/docker/")
        assert Image.open(card).size == (1200, 630), name


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
    """The pages found, best first, as the reader sees them, each with the section shown first."""
    page.keyboard.press("Escape")
    field = page.locator("[data-md-component=search-query]")
    field.click()
    page.wait_for_function("document.querySelector('.md-search-result__meta').innerText != ''")
    field.fill("")
    page.wait_for_function(_META + ".startsWith('Taper')")
    field.press_sequentially(query, delay=10)
    page.wait_for_function("!" + _META + ".startsWith('Taper')")
    page.wait_for_timeout(300)
    shown = page.locator(".md-search-result__item").evaluate_all(
        "all => all.map((one) => [...one.querySelectorAll('.md-search-result__link')].slice(0, 2)"
        ".map((link) => link.getAttribute('href')))"
    )
    return [
        Path(links[0].split("?")[0]).name + "".join(f"#{urlsplit(x).fragment}" for x in links[1:])
        for links in shown
    ]


NOTEBOOK = "phase-2-save-load.html"
QUERIES = (
    # what is typed, and the page that must come first, with its section where it matters
    ("registres et dépôts", "1-docker-hub.html"),
    ("dépôt", "1-docker-hub.html"),
    ("anatomie d'une référence", "1-docker-hub.html"),
    ("anatomie d’une reference", "1-docker-hub.html"),
    ("latest", "1-docker-hub.html"),
    ("docker search", "1-docker-hub.html"),
    ("--limit", "1-docker-hub.html#chercher-une-image"),  # not « sans épuiser son quota »
    ("--change", "3-export-import.html#rendre-ses-metadonnees-a-l-image"),
    ("mot de passe", "1-docker-hub.html#au-clavier"),  # not « moteur »
    ("comment effacer un secret", "2-save-load.html#ce-qu-une-couche-n-oublie-pas"),
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
        if not found or f"{found[0]}#".partition(f"{wanted}#")[0]:
            wrong[query] = (wanted, list(dict.fromkeys(found))[:3])
    assert not wrong, "\n".join(f"{query}: {answer}" for query, answer in wrong.items())
