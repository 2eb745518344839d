"""The course on paper: one PDF of the built site, with a table of contents and page numbers.

Chapters and notebooks follow the menu; hints, answers and comments of quizzes go to an appendix.
Chromium prints twice: the first time to learn on which page each part falls (the PDF's named
destinations), the second with these numbers written in.
"""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from checks.outcome import EnvironmentProblem
from checks.typography import french
from publish.screenshot import ARGUMENTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAME = "cours.pdf"
STYLE = Path(__file__).with_name("booklet.css")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LEFT_OUT = ("index.html", "explorateur.html", "enseigner/")
"""Pages that are of no use on paper, or not meant for learners."""
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
"""Attributes that hold ids."""
UNKNOWN = "000"


@dataclass
class Book:
    """What is being put together. `pages` are site addresses, in order, with the title of the part
    that each one opens, if any."""

    site: Path
    pages: list[tuple[str, str]]
    titles: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)


def write(folder: Path, target: Path) -> int:
    """Print the site built in `folder` to `target`; returns the number of pages.

    Raises `EnvironmentProblem` when there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise EnvironmentProblem(
            "Le PDF du cours est imprimé par Chromium, introuvable ici. Sous Debian ou Ubuntu : "
            "`sudo apt-get install chromium`. Le site, lui, est construit."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            return printed(folder, target, browser)
        finally:
            browser.close()


def printed(folder: Path, target: Path, browser: Browser) -> int:
    """The same with a browser that is already there."""
    from pypdf import PdfReader

    text = document(folder)
    numbers: dict[str, int] = {}
    data = b""
    for _ in range(2):
        data = _print(_numbered(text, numbers), browser)
        reader = PdfReader(BytesIO(data))
        numbers = {}
        for name, destination in reader.named_destinations.items():
            if (page := reader.get_destination_page_number(destination)) is not None:
                numbers[unquote(name.removeprefix("/"))] = page + 1
    target.write_bytes(data)
    return len(PdfReader(BytesIO(data)).pages)


def document(folder: Path) -> str:
    """The whole course as one HTML page; numbers of pages are still `UNKNOWN`."""
    book = Book(folder, list(_menu(folder)))
    bodies = [_body(book, address) for address, _ in book.pages]
    styles = [*sorted((folder / "assets/stylesheets").glob("main.*.css")),
              *sorted((folder / "assets/stylesheets").glob("palette.*.css")),
              folder / "assets/stylesheets/atelier.css"]  # fmt: skip
    links = "".join(f'<link rel="stylesheet" href="{path.as_uri()}">' for path in styles)
    heads = "".join(
        f'@page p{number} {{ @top-right {{ content: "{_css(book.titles[address])}" }} }}\n'
        f".p{number} {{ page: p{number} }}\n"
        for number, (address, _) in enumerate(book.pages)
    )
    chapters = "\n".join(
        f'<section class="md-typeset chapitre p{number}">{body}</section>'
        for number, body in enumerate(bodies)
    )
    index = BeautifulSoup((folder / "index.html").read_text(), "html.parser")
    title = html.escape(str(index.select_one("h1").get_text()).rstrip("¶"))  # type: ignore[union-attr]
    logo = (folder / "assets/logo.svg").read_text()
    opening = french(
        "Les commandes de ce cours ont été exécutées, et les sorties montrées sont les leurs. Pour "
        "les taper à votre tour, ouvrez l'atelier : ./atelier ouvrir. Indices, réponses et "
        "corrigés des quiz sont à la fin."
    )
    return f"""<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>
{links}<style>{STYLE.read_text()}{heads}</style></head>
<body dir="ltr" data-md-color-scheme="default">
<section class="md-typeset couverture">{logo}<p class="titre">{title}</p><p>{opening}</p></section>
<section class="md-typeset sommaire"><h1>Sommaire</h1>{_contents(book)}</section>
{chapters}
<section class="md-typeset chapitre reponses"><h1 id="reponses">Indices et réponses</h1>
{"".join(book.answers)}</section>
</body></html>"""


def _menu(folder: Path) -> Iterator[tuple[str, str]]:
    """The pages of the menu, in order: address, and the title of the part that it opens or ""."""
    page = BeautifulSoup((folder / "index.html").read_text(), "html.parser")
    seen = set()
    part = ""
    for item in page.select("nav.md-nav--primary .md-nav__item--section, nav.md-nav--primary a"):
        if item.name != "a":
            label = item.select_one("label")
            part = " ".join(label.get_text().split()) if label else ""
            continue
        address = str(item.get("href", "")).partition("#")[0]
        wanted = address.endswith(".html") and not address.startswith(LEFT_OUT)
        if wanted and address not in seen and (folder / address).is_file():
            seen.add(address)
            yield address, part
            part = ""


def _contents(book: Book) -> str:
    rows = []
    for address, part in book.pages:
        if part:
            rows.append(f'<p class="partie">{html.escape(part)}</p>')
        rows.append(_entry(_slug(address), book.titles[address]))
    rows.append(_entry("reponses", "Indices et réponses"))
    return "".join(rows)


def _entry(id: str, title: str) -> str:
    return (
        f'<p class="entree"><a href="#{id}">{html.escape(title)}</a><span></span>'
        f'<a class="page" href="#{id}">{UNKNOWN}</a></p>'
    )


def _body(book: Book, address: str) -> str:
    """A page as it is printed; its answers go to `book.answers`."""
    page = BeautifulSoup((book.site / address).read_text(), "html.parser")
    article = page.select_one("article")
    if article is None:
        raise ValueError(f"{address} has no article")
    unwanted = ".headerlink, script, .telecharger, .phases, .quiz-bilan, button, hr"
    for useless in article.select(unwanted):
        useless.decompose()
    _localise(article, book, address)
    title = article.select_one("h1")
    if title is not None:
        title["id"] = _slug(address)
        book.titles[address] = " ".join(title.get_text().split())
    found = [*_missions(page, article, address), *_quizzes(page, article, address)]
    if found:
        book.answers.append(f"<h2>{html.escape(book.titles[address])}</h2>" + "".join(found))
    for details in article.select("details"):
        details["open"] = ""
    return str(article.decode_contents())


def _localise(article: Tag, book: Book, address: str) -> None:
    """Make ids unique in the whole book, and links lead inside it."""
    slug = _slug(address)
    inside = {other for other, _ in book.pages}
    for tag in article.find_all(True):
        if tag.get("id"):
            tag["id"] = f"{slug}--{tag['id']}"
        for name in REFERENCES:
            if tag.get(name):
                tag[name] = " ".join(f"{slug}--{id}" for id in str(tag[name]).split())
        for name, value in list(tag.attrs.items()):
            if isinstance(value, str) and "url(#" in value:
                tag[name] = value.replace("url(#", f"url(#{slug}--")
        if tag.name == "img" and not str(tag["src"]).startswith("data:"):
            tag["src"] = (book.site / dirname(address) / str(tag["src"])).resolve().as_uri()
        if tag.name in ("a", "use") and tag.get("href"):
            target, _, fragment = str(tag["href"]).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            other = normpath(join(dirname(address), target)) if target else address
            if other in inside:
                tag["href"] = f"#{_slug(other)}" + (f"--{fragment}" if fragment else "")
            else:
                tag.unwrap()


def _missions(page: BeautifulSoup, article: Tag, address: str) -> Iterator[str]:
    """Move hints and answers away; each mission says where they are."""
    for number, block in enumerate(article.select(".a-vous"), 1):
        card = block.find_previous("h3")
        id = f"{_slug(address)}--reponse-{number}"
        pointer = page.new_tag("p", attrs={"class": "renvoi"})
        pointer.append("Indices et réponse\u00a0: page\u00a0")
        link = page.new_tag("a", attrs={"class": "page", "href": f"#{id}"})
        link.string = UNKNOWN
        pointer.append(link)
        block.replace_with(pointer)
        heading = " ".join(card.get_text().split()) if isinstance(card, Tag) else ""
        parts = [f'<h3 id="{id}">{html.escape(heading)}</h3>']
        for details in block.select("details"):
            summary = details.select_one("summary")
            label = summary.get_text() if summary else ""
            if summary:
                summary.decompose()
            kind = " ".join(details.get("class") or [])
            parts.append(
                f'<div class="{kind}"><p class="etiquette">{html.escape(label)}</p>'
                f"{details.decode_contents()}</div>"
            )
        yield "".join(parts)


def _quizzes(page: BeautifulSoup, article: Tag, address: str) -> Iterator[str]:
    """Turn forms into boxes to tick; the comments are for the appendix."""
    rows = []
    for number, form in enumerate(article.select(".quiz-question"), 1):
        legend = form.select_one("legend")
        question = legend.decode_contents() if legend else ""
        comments = []
        for choice in form.select(".quiz-choix"):
            label, comment = choice.select_one("label"), choice.select_one(".quiz-commentaire")
            if box := choice.select_one("input"):
                box.replace_with(page.new_tag("span", attrs={"class": f"case {box.get('type')}"}))
            if comment is not None:
                told = label.decode_contents() if label else ""
                comments.append(f"<li>{told}<br>{comment.decode_contents()}</li>")
                comment.decompose()
        if comments:
            id = f"{_slug(address)}--quiz-{number}"
            question = re.sub(r'<span class="quiz-numero">.*?</span>', "", question)
            rows.append(f'<p id="{id}"><strong>{question}</strong></p><ul>{"".join(comments)}</ul>')
    if rows:
        wagers = article.select_one(".quiz.pari") is not None
        yield f"<h3>{'Vos paris' if wagers else 'Quiz'}</h3>" + "".join(rows)


def _numbered(text: str, numbers: dict[str, int]) -> str:
    return re.sub(
        rf'(<a class="page" href="#([^"]+)">){UNKNOWN}',
        lambda match: match[1] + str(numbers.get(match[2], UNKNOWN)),
        text,
    )


def _print(text: str, browser: Browser) -> bytes:
    context = browser.new_context(java_script_enabled=False, color_scheme="light", locale="fr-FR")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cours.html"
        path.write_text(text)
        page = context.new_page()
        page.goto(path.as_uri())
        data = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    context.close()
    return data


def _slug(address: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", address.removesuffix(".html").lower()).strip("-")


def _css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
