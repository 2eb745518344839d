"""The French of the course: typography of pages, and prose handed to grammalecte.

https://grammalecte.net/ (Debian: `grammalecte-cli`) reads plain paragraphs: code, links, tables and
marks of Markdown are taken away first, each span of code being replaced by a proper noun.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from checks.exercise import catalogue
from checks.typography import french
from publish.markdown import front_matter, outside_fences
from workshop.lab import ROOT

NOUN = "Docker"
"""Stands for a span of code."""
PROGRAM = "grammalecte-cli"
OPTIONS_OFF = ("apos", "esp", "nbsp", "num", "tab", "typo", "unit", "maj", "liga", "mapos")
"""Typography: `checks.typography.french` sees to it, and knows code from prose."""


@dataclass(frozen=True)
class Remark:
    """What grammalecte says: where, of which word or words, and why."""

    where: str
    words: str
    rule: str
    message: str
    context: str


def typography(text: str, page: str) -> str:
    """The page with French spaces and apostrophes in its prose; code and front matter as before."""
    lines = []
    head = text.startswith("---\n")
    for number, line, is_prose in outside_fences(text, page):
        if head:
            head = number == 0 or line != "---"
        elif is_prose:
            line = _line(line)
        lines.append(line)
    return "\n".join(lines)


def _line(line: str) -> str:
    if line.startswith("<!--") or line.count("`") % 2:
        return line
    return french(line)


def everything() -> Iterator[tuple[str, str]]:
    """All the prose of the course: where it is, and one paragraph of it."""
    for path in sorted((ROOT / "chapters").rglob("*.md")):
        name = str(path.relative_to(ROOT))
        meta, body = front_matter(path.read_text())
        for text in [meta.get("description", ""), *meta.get("objectifs", [])]:
            yield name, plain(str(text))
        for paragraph in paragraphs(body, name):
            yield name, paragraph
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        name = str(path.relative_to(ROOT))
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "markdown":
                for paragraph in paragraphs("".join(cell["source"]), name):
                    yield name, paragraph
    for exercise in catalogue().values():
        name = f"exercice {exercise.id}"
        texts = [exercise.title, exercise.goal, *exercise.hints]
        for slip in exercise.mistakes.values():
            texts += [_filled(slip.message), slip.hint]
        for text in texts:
            yield name, plain(text)


def _filled(template: str) -> str:
    """A message without its fields."""
    return "".join(
        literal + (NOUN if field is not None else "")
        for literal, field, _, _ in Formatter().parse(template)
    )


def paragraphs(text: str, page: str) -> Iterator[str]:
    """The paragraphs of a page, plain; a cell of a table is one of them."""
    lines = [line if is_prose else "" for _, line, is_prose in outside_fences(text, page)]
    prose = re.sub(r"<!--.*?-->", "", "\n".join(lines), flags=re.DOTALL)
    block: list[str] = []
    for line in [*prose.split("\n"), ""]:
        stripped = line.strip()
        if stripped.startswith("|"):
            cells = re.split(r"(?<!\\)\|", stripped.strip("|"))
            yield from (plain(cell) for cell in cells if re.search(r"\w", cell))
            continue
        starts = re.match(r"(#+|[-*]|\d+\.|>|!!!|\?\?\?\+?)(?: |$)", stripped)
        if (starts or not stripped or stripped.startswith("<")) and block:
            yield plain(" ".join(block))
            block = []
        if stripped:
            block.append(re.sub(r"^(#+|[-*]|\d+\.|>|(?:!!!|\?\?\?\+?) \w+)\s+", "", stripped))


def plain(text: str) -> str:
    """A paragraph without Markdown."""
    text = re.sub(r"``.+?``|`[^`]+`", NOUN, text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)(\{[^}]*\})?", r"\1", text)
    text = re.sub(r"\{[ :]*[#.][^}]*\}", "", text)
    text = re.sub(r"<https?://[^>]+>|https?://\S+", NOUN, text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text))
    text = re.sub(r"^\[[ xX]\] ", "", text)
    return re.sub(r"\*\*|\*|(?<!\w)_|_(?!\w)|\\(?=[|*_])", "", text).strip().strip('"')


def remarks() -> list[Remark]:
    """What grammalecte has to say of the whole course, in one run (seconds)."""
    first: dict[str, str] = {}
    for place, text in everything():
        if re.search(r"\w", text):
            first.setdefault(" ".join(text.split()), place)
    texts, where = list(first), list(first.values())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prose.txt"
        path.write_text("\n".join(texts) + "\n")
        done = subprocess.run(
            [PROGRAM, "-f", str(path), "-j", "-ctx", "-owe", "-off", *OPTIONS_OFF],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = []
    for paragraph in json.loads(done.stdout)["data"]:
        place, text = where[paragraph["iParagraph"] - 1], texts[paragraph["iParagraph"] - 1]
        for error in paragraph["lGrammarErrors"]:
            words = text[error["nStart"] : error["nEnd"]]
            around = text[max(0, error["nStart"] - len(NOUN) - 1) : error["nEnd"]]
            verb_alone = error["sRuleId"].startswith("gv1__imp") and error["nStart"] == 0
            if NOUN in around or (verb_alone and words[:1].islower()):  # no sentence to judge
                continue
            found.append(Remark(place, words, error["sRuleId"], error["sMessage"], text))
        for error in paragraph["lSpellingErrors"]:
            found.append(Remark(place, error["sValue"], "mot", "mot inconnu", text))
    return found
