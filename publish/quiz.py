"""Quizzes and wagers: a task list in Markdown becomes a form that a keyboard can fill in.

Without JavaScript the questions, the answers and the comments can all be read: comments are folded
in `<details>`, and the script of the site only replaces the unfolding by an immediate answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from publish.markdown import PageError

CHOICE = re.compile(r"^- \[([ xX])\] (.+)$")


@dataclass
class Choice:
    """One answer: its text, whether it is right, the comment that it calls for (all Markdown)."""

    text: str
    right: bool
    comment: str = ""


@dataclass
class Question:
    """A question: `line` is 1-based; `statement` stands between the title and the answers."""

    title: str
    line: int
    statement: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


def questions(lines: list[tuple[int, str]], page: str) -> list[Question]:
    """The questions of a section, from its numbered lines; raises `PageError` when one is wrong."""
    found: list[Question] = []
    for number, line in lines:
        if line.startswith("### "):
            found.append(Question(line[4:].strip(), number + 1))
        elif found:
            read(found[-1], line)
        elif line.strip():
            raise PageError(page, number + 1, "un quiz commence par une question : `### …`.")
    for question in found:
        check(question, page)
    return found


def read(question: Question, line: str) -> None:
    """Add one line of Markdown to a question."""
    if match := CHOICE.match(line):
        question.choices.append(Choice(match[2], match[1] in "xX"))
    elif question.choices and line.strip():
        choice = question.choices[-1]
        text = line.strip()
        if text.startswith(">"):
            choice.comment = f"{choice.comment} {text[1:].strip()}".strip()
        elif choice.comment:
            choice.comment += f" {text}"
        else:
            choice.text += f" {text}"
    elif not question.choices:
        question.statement.append(line)


def check(question: Question, page: str, *, wager: bool = False) -> None:
    """Refuse a question that cannot be answered; raises `PageError`.

    A wager may lack comments: the experiment that follows tells who was right.
    """
    if len(question.choices) < 2:
        raise PageError(page, question.line, "cette question a moins de deux réponses.")
    if not wager and not any(choice.right for choice in question.choices):
        raise PageError(page, question.line, "aucune réponse n'est marquée bonne (`- [x]`).")
    for choice in question.choices:
        if not wager and not choice.comment:
            raise PageError(
                page, question.line, f"la réponse « {choice.text} » n'a pas de commentaire (`> …`)."
            )


def html(question: Question, name: str, convert: Callable[[str], str], *, number: str = "") -> str:
    """The form of one question. `convert`: Markdown to HTML; `name` is unique in the page."""
    several = sum(choice.right for choice in question.choices) > 1
    kind = "checkbox" if several else "radio"
    told = any(choice.comment for choice in question.choices)
    legend = f"{_inline(question.title, convert)}"
    if several:
        legend += ' <small class="quiz-plusieurs">(plusieurs réponses)</small>'
    parts = [
        f'<form class="quiz-question" data-question="{name}"><fieldset>',
        f'<legend id="{name}">{number}{legend}</legend>',
        convert("\n".join(question.statement)) if any(question.statement) else "",
    ]
    for index, choice in enumerate(question.choices):
        id = f"{name}-{index}"
        verdict = "vrai" if choice.right else "faux"
        comment = ""
        if choice.comment:
            comment = (
                f'<p class="quiz-commentaire" data-verdict="{verdict}" id="{id}-c">'
                f"<strong>{_VERDICTS[choice.right]}</strong> {_inline(choice.comment, convert)}</p>"
            )
        parts.append(
            f'<div class="quiz-choix" data-verdict="{verdict if told else ""}">'
            f'<input type="{kind}" name="{name}" id="{id}" value="{index}">'
            f'<label for="{id}">{_inline(choice.text, convert)}</label>{comment}</div>'
        )
    parts.append('<p class="quiz-bilan" role="status"></p></fieldset></form>')
    return "\n".join(part for part in parts if part)


_VERDICTS = {True: "Juste.", False: "Non."}


def _inline(text: str, convert: Callable[[str], str]) -> str:
    """Markdown of one paragraph, without its paragraph."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", convert(text).strip(), flags=re.DOTALL)
