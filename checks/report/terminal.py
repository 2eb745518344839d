"""Results for a terminal: a line for each exercise, what it proves or lacks, then the total."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from checks.outcome import Result, Status
from checks.report.text import SIGNS, WORDS, facts, safe, total
from checks.typography import french

WIDTH = 92
_INDENT = " " * 8
_COLORS = {
    Status.PASSED: "32",
    Status.FAILED: "31",
    Status.BLOCKED: "34",
    Status.ENVIRONMENT: "33",
    Status.ERROR: "35",
}
_BOLD, _DIM, _CODE = "1", "2", "36"


def render(results: Sequence[Result], *, color: bool, hints: bool = True) -> str:
    """All `results` as text, with their total when there are several; `color` adds ANSI colours,
    `hints` tells a learner where to find one."""
    blocks = [_block(result, color, hints) for result in results]
    if len(results) == 1:
        return blocks[0]
    closing = f"Total : {total(results)}." if results else "Aucune mission n'a été vérifiée."
    return "\n".join([*blocks, "", _paint(french(closing), _BOLD, color)])


def _block(result: Result, color: bool, hints: bool) -> str:
    tint = _COLORS[result.status]
    points = f"{result.points}/{result.max_points}"
    sign = _paint(SIGNS[result.status], tint, color)
    word = _paint(f"{WORDS[result.status]:<16}", tint, color)
    title = f"{safe(result.title):<52}"
    lines = [f"{sign} {result.exercise:<5} {_paint(title, _BOLD, color)}{word}{points:>5}"]
    lines += _wrapped(safe(result.message), color)
    lines += [
        f"{_INDENT}{_paint(french(f'{key} :'), _DIM, color)} {value}"
        for key, value in facts(result.facts)
    ]
    if hints and result.status is Status.FAILED and result.hints_available:
        lines += _wrapped(french(f"Un indice : `./atelier indice {result.exercise}`"), color)
    return "\n".join(lines)


def _wrapped(text: str, color: bool) -> list[str]:
    """`text` cut into indented lines; what comes between backquotes is tinted."""
    lines = [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(
            paragraph, WIDTH - len(_INDENT), break_long_words=False, break_on_hyphens=False
        )
    ]
    body = "\n".join(_INDENT + line for line in lines)
    if color:
        body = re.sub(r"`([^`\n]+)`", lambda code: _paint(code[1], _CODE, color), body)
    return body.splitlines()


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
