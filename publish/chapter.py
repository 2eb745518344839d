"""A chapter as a page: what CONTRIBUTING.md promises its author, turned into Markdown and HTML.

Blocks of HTML that Markdown must not touch are set aside as places (`PLACE`), put back at the end.
"""

from __future__ import annotations

import html
import logging
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.exercise import catalogue
from checks.typography import french
from publish import quiz
from publish.markdown import OUTPUT, TERMINAL, PageError, fences, outside_fences
from publish.pages import anchor

LOG = logging.getLogger("mkdocs.plugins.atelier")
"""Warnings here stop a strict build."""
PLACE = "<!--place {}-->"
WAGERS = "idees-recues.md"
"""The page of wrong ideas: each has a wager, an experiment, the truth."""
_FIGURE = re.compile(r'^!\[([^\]]*)\]\(([^\s)]+\.svg)(?: "([^"]*)")?\)$')
_EXERCISE = re.compile(r"\]\(exercice:([\d.]+)\)")
_ADMONITIONS = {"note", "tip", "warning", "danger", "info", "example", "question"}


@dataclass
class Context:
    """What turning one page needs to know of the others, and what it sets aside.

    `notebooks` gives the page of each phase's notebook, as a source path; `convert` turns Markdown
    into HTML, for what is set aside.
    """

    page: str
    folder: Path
    notebooks: dict[int, str]
    convert: Callable[[str], str]
    places: list[str] = field(default_factory=list)

    def set_aside(self, text: str) -> str:
        """Keep HTML out of Markdown's way; returns what stands for it."""
        self.places.append(text)
        return PLACE.format(len(self.places) - 1)

    def link(self, id: str) -> str:
        """The address of an exercise from this page."""
        phase = int(id.split(".")[0])
        target = self.notebooks.get(phase)
        if target is None or id not in catalogue():
            return ""
        here = posixpath.dirname(self.page) or "."
        return f"{posixpath.relpath(target, here)}#{anchor(id)}"


def prepare(text: str, context: Context) -> str:
    """The Markdown that the generator reads; raises `PageError`."""
    text = re.sub(r"<!-- corrige: ([^>]*) -->", "", text)
    text = _quizzes(text, context)
    if context.page == WAGERS:
        text = _wagers(text, context)
    text = _prose(text, context)
    return _blocks(text, context)


def finish(page_html: str, context: Context) -> str:
    """Put back what was set aside."""
    for number, text in reversed(list(enumerate(context.places))):
        place = PLACE.format(number)
        page_html = page_html.replace(f"<p>{place}</p>", text).replace(place, text)
    return page_html


def header(meta: Mapping[str, object], stepper: str, facts: list[str]) -> str:
    """What stands under the title of a page: the phases, minutes and other facts, objectives."""
    parts = [stepper] if stepper else []
    if minutes := meta.get("minutes"):
        facts = [f"{minutes}\u00a0minutes", *facts]
    if facts:
        spans = "".join(f"<span>{fact}</span>" for fact in facts)
        parts.append(f'<p class="chapitre-faits">{spans}</p>')
    goals = meta.get("objectifs")
    if isinstance(goals, list) and goals:
        items = "\n".join(f"- {french(str(goal))}" for goal in goals)
        parts.append(
            '<div class="objectifs" markdown>\n\n**À la fin de cette page, vous saurez\u00a0:**\n\n'
            f"{items}\n\n</div>"
        )
    return "\n\n".join(parts)


def footer(meta: Mapping[str, object], context: Context) -> str:
    """Links to the exercises that practise a chapter."""
    ids = meta.get("exercices")
    if not isinstance(ids, list):
        return ""
    exercises = catalogue()
    items = []
    for id in map(str, ids):
        target = context.link(id)
        if id in exercises and target:
            items.append(f"- [Mission {id}]({target}) · {exercises[id].title}")
    if not items:
        return ""
    listed = "\n".join(items)
    return (
        f'## S’exercer {"{ #s-exercer }"}\n\n<div class="exercer" markdown>\n\n{listed}\n\n</div>\n'
    )


# --- prose ----------------------------------------------------------------------------------


def _prose(text: str, context: Context) -> str:
    exercises = catalogue()
    lines = []
    for number, line, is_prose in outside_fences(text, context.page):
        if is_prose:
            if match := _FIGURE.match(line.strip()):
                line = context.set_aside(_figure(match, context, number + 1))
            for id in _EXERCISE.findall(line):
                if id not in exercises:
                    LOG.warning(f"{context.page}:{number + 1}: l’exercice {id} n’existe pas.")
            line = _EXERCISE.sub(lambda match: _exercise_link(match[1], context), line)
            line = re.sub(r"\[([^\]]+)\]\(\)", r"\1", line)
            if (match := re.match(r"\s*(?:!!!|\?\?\?\+?) (\w+)", line)) and match[
                1
            ] not in _ADMONITIONS:
                raise PageError(context.page, number + 1, f"encadré inconnu : « {match[1]} ».")
        lines.append(line)
    return "\n".join(lines)


def _exercise_link(id: str, context: Context) -> str:
    return f"]({context.link(id)})"


def _figure(match: re.Match[str], context: Context, line: int) -> str:
    alternative, address, caption = match.groups()
    path = context.folder / address
    try:
        svg = path.read_text()
    except OSError as error:
        raise PageError(context.page, line, f"l'image {address} n'existe pas.") from error
    svg = re.sub(r"^.*?(?=<svg\b)", "", svg, flags=re.DOTALL).strip()
    if "<title" not in svg:
        label = html.escape(french(alternative), quote=True)
        svg = svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    legend = f"<figcaption>{html.escape(french(caption))}</figcaption>" if caption else ""
    return f'<figure class="dessin" tabindex="0">{svg}{legend}</figure>'


def _blocks(text: str, context: Context) -> str:
    """`terminal` and `sortie` in the terms of the generator's highlighter."""
    lines = text.split("\n")
    for fence in fences(text, context.page):
        opening = f"{fence.indent}{fence.ticks}"
        options = fence.options
        reason = options.get("exemple", "")
        if context.page == "index.md" or context.page.startswith("enseigner/"):
            reason = ""  # commands of the workshop, for the reader: no result of theirs is shown
        title = f' title="{french(f"Pas exécuté ici : {reason}")}"' if reason else ""
        if fence.language == TERMINAL and "coulisses" in options:
            for number in range(fence.start, fence.end + 1):
                lines[number] = ""
        elif fence.language == TERMINAL:
            lines[fence.start] = f"{opening}{{ .bash .terminal{title} }}"
        elif fence.language == OUTPUT:
            title = "sortie"
            if source := options.get("releve"):
                title = french(f"sortie relevée : {source}")
            lines[fence.start] = f'{opening}{{ .text .sortie .no-copy title="{title}" }}'
        elif "fichier" in options:
            lines[fence.start] = f'{opening}{{ .{fence.language} title="{options["fichier"]}" }}'
        elif "exemple" in options:
            lines[fence.start] = f"{opening}{{ .{fence.language}{title} }}"
    return "\n".join(lines)


# --- quizzes, wagers ------------------------------------------------------------------------


def _sections(
    text: str, page: str, is_start: Callable[[str], bool], depth: int = 2
) -> list[tuple[int, int]]:
    """The (first, last + 1) lines of the sections whose title pleases `is_start`.

    A title of level `depth` or less ends the section before it.
    """
    titles = [
        (number, line)
        for number, line, is_prose in outside_fences(text, page)
        if is_prose and re.match(rf"#{{1,{depth}}} ", line)
    ]
    if not titles:
        return []
    ends = [number for number, _ in titles[1:]] + [len(text.split("\n"))]
    return [(start, end) for (start, line), end in zip(titles, ends, strict=True) if is_start(line)]


def _quizzes(text: str, context: Context) -> str:
    lines = text.split("\n")
    sections = _sections(text, context.page, lambda line: re.match(r"## Quiz\b", line) is not None)
    for start, end in reversed(sections):
        body = list(enumerate(lines))[start + 1 : end]
        found = quiz.questions(body, context.page)
        forms = [
            quiz.html(question, f"{_slug(context.page)}-q{number}", context.convert,
                      number=f'<span class="quiz-numero">{number}</span> ')
            for number, question in enumerate(found, 1)
        ]  # fmt: skip
        block = context.set_aside(
            f'<div class="quiz" data-search-exclude data-quiz="{_slug(context.page)}">'
            + "\n".join(forms)
            + "</div>"
        )
        lines[start + 1 : end] = ["", block, ""]
    return "\n".join(lines)


def _wagers(text: str, context: Context) -> str:
    """« Idées reçues » : the wager becomes a form; experiment and truth are folded."""
    lines = text.split("\n")
    sections = _sections(text, context.page, lambda line: line.startswith("### «"), depth=3)
    for count, (start, end) in reversed(list(enumerate(sections, 1))):
        body = lines[start + 1 : end]
        wager = _index(body, "**Votre pari", context.page, start)
        trial = _index(body, "**L’expérience", context.page, start)
        question = quiz.Question("Votre pari", start + 2 + wager)
        statement = re.sub(r"^\*\*Votre pari[^*]*\*\*\s*", "", body[wager])
        for line in body[wager + 1 : trial]:
            quiz.read(question, line)
        question.title = " ".join([statement, *map(str.strip, question.statement)]).strip()
        question.title = question.title or "Votre pari"
        question.statement = []
        quiz.check(question, context.page, wager=True)
        form = context.set_aside(
            '<div class="quiz pari">'
            + quiz.html(question, f"{_slug(context.page)}-p{count}", context.convert)
            + "</div>"
        )
        rest = "\n".join(body[trial:]).strip("\n")
        lines[start + 1 : end] = [
            *body[:wager], "", form, "",
            '<details class="verite" markdown>', "<summary>L’expérience, et la vérité</summary>",
            "", *rest.split("\n"), "", "</details>", "",
        ]  # fmt: skip
    return "\n".join(lines)


def _index(body: list[str], words: str, page: str, start: int) -> int:
    for number, line in enumerate(body):
        if line.replace("'", "’").startswith(words):
            return number
    raise PageError(page, start + 1, f"cette idée reçue n'a pas de paragraphe « {words[2:]}. ».")


def _slug(page: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", page.removesuffix(".md").lower())
