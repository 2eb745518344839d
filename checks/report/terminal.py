"""Results for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from checks.outcome import Result, Status
from checks.report import safe
from checks.typography import french, plural

WORDS = {
    Status.PASSED: "réussi",
    Status.FAILED: "à reprendre",
    Status.BLOCKED: "bloqué",
    Status.ENVIRONMENT: "environnement",
    Status.ERROR: "erreur du cours",
}
SIGNS = {
    Status.PASSED: "✔",
    Status.FAILED: "✘",
    Status.BLOCKED: "◌",
    Status.ENVIRONMENT: "⚠",
    Status.ERROR: "⚠",
}
_COLORS = {
    Status.PASSED: "32",
    Status.FAILED: "31",
    Status.BLOCKED: "2",
    Status.ENVIRONMENT: "33",
    Status.ERROR: "33",
}
WIDTH = 88


def render(results: Sequence[Result], *, color: bool) -> str:
    """A block per result, then the points; plain text when `color` is false."""
    blocks = [_block(result, color) for result in results]
    if len(results) > 1:
        blocks.append(_total(results))
    return french("\n".join(blocks))


def _block(result: Result, color: bool) -> str:
    sign, word = SIGNS[result.status], WORDS[result.status]
    head = f"{sign} {word}"
    if color:
        head = f"\x1b[1;{_COLORS[result.status]}m{head}\x1b[0m"
    points = f"{result.points}/{plural(result.max_points, 'point')}"
    lines = [f"{head}  {result.exercise}  {result.title}  [{points}]"]
    if result.message:
        lines += _wrapped(result.message)
    lines += [f"    {safe(str(key))} : {safe(str(value))}" for key, value in result.facts.items()]
    if result.hints_available:
        lines.append(
            f"    Un indice ? `./atelier indice {result.exercise}` "
            f"(il y en a {result.hints_available})."
        )
    return "\n".join(lines)


def _wrapped(message: str) -> list[str]:
    lines: list[str] = []
    for paragraph in safe(message).split("\n"):
        lines += textwrap.wrap(
            paragraph, WIDTH, initial_indent="    ", subsequent_indent="    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return lines


def _total(results: Sequence[Result]) -> str:
    points = sum(result.points for result in results)
    best = sum(result.max_points for result in results)
    passed = sum(result.passed for result in results)
    return (
        f"\n{plural(passed, 'exercice réussi', 'exercices réussis')} sur {len(results)} : "
        f"{plural(points, 'point')} sur {best}."
    )
