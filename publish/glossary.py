"""The glossary: its terms, and the links with a tooltip that pages get to them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from publish.markdown import PageError, outside_fences

PAGE = "glossaire.md"


@dataclass(frozen=True)
class Term:
    """A term: its forms, and its definition as plain text."""

    name: str
    english: str
    forms: tuple[str, ...]
    definition: str

    @property
    def anchor(self) -> str:
        """Where the glossary defines it."""
        return slug(self.name)


def slug(title: str) -> str:
    """The anchor of a title: « dépôt » gives « depot »."""
    import unicodedata

    plain = unicodedata.normalize("NFD", title.lower().replace("œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def toc_slug(title: str, separator: str) -> str:
    """`slug`, as Python-Markdown's table of contents calls it."""
    return slug(title)


def terms(text: str) -> list[Term]:
    """The terms of the glossary page; raises `PageError` when one is not in shape."""
    lines = [line if is_prose else "" for _, line, is_prose in outside_fences(text, PAGE)]
    found = []
    for number, line in enumerate(lines):
        if not line.startswith("### "):
            continue
        body = []
        for below in lines[number + 1 :]:
            if below.startswith("#"):
                break
            body.append(below)
        paragraphs = [
            re.sub(r"[ \t\n]+", " ", p).strip() for p in "\n".join(body).split("\n\n") if p.strip()
        ]
        match = re.match(r"\*([^*]+)\*(?: · (.+))?$", paragraphs[0]) if paragraphs else None
        if match is None or len(paragraphs) < 2:
            raise PageError(
                PAGE,
                number + 1,
                "un terme est suivi de `*english* · formes`, puis de sa définition.",
            )
        name = line[4:].strip().strip("`")
        others = tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())
        found.append(Term(name, match[1], (name, *others), _plain(paragraphs[1])))
    return found


def _plain(text: str) -> str:
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*`]", "", text)


_SKIPPED = re.compile(
    r"<(a|h[1-6]|pre|code|script|style|svg|button|label|legend|summary|figcaption|abbr|table)\b.*?</\1>"
    r"|<span class=\"filename\">.*?</span>|<[^>]+>|<!--.*?-->",
    re.DOTALL,
)


def linked(page_html: str, known: list[Term], address: str) -> str:
    """The page with the first appearance of each term linked to the glossary, at `address`."""
    pieces: list[tuple[bool, str]] = []
    position = 0
    for match in _SKIPPED.finditer(page_html):
        pieces.append((True, page_html[position : match.start()]))
        pieces.append((False, match[0]))
        position = match.end()
    pieces.append((True, page_html[position:]))
    for term in sorted(known, key=lambda term: -len(term.name)):
        forms = "|".join(re.escape(form) for form in sorted(term.forms, key=len, reverse=True))
        pattern = re.compile(rf"(?<![\w’-])({forms})(?![\w-])", re.IGNORECASE)
        for index, (is_text, piece) in enumerate(pieces):
            found = pattern.search(piece) if is_text else None
            if found is None:
                continue
            title = html.escape(term.definition, quote=True)
            link = f'<a class="terme" href="{address}#{term.anchor}" title="{title}">{found[1]}</a>'
            pieces[index : index + 1] = [
                (True, piece[: found.start()]), (False, link), (True, piece[found.end() :]),
            ]  # fmt: skip
            break
    return "".join(piece for _, piece in pieces)
