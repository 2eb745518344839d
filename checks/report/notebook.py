"""Results as HTML for a notebook: inline styles only, so that an untrusted notebook shows it too.

The tags, attributes and style properties used here all pass JupyterLab's sanitiser
(`@jupyterlab/apputils`, sanitizer.ts). Text keeps the reader's theme: only badges, whose two
colours are ours, have a colour of their own.
"""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from checks.outcome import Result, Status
from checks.report.text import SIGNS, WORDS, facts, safe, total
from checks.typography import NO_BREAK_SPACE, french, plural

COLORS = {
    Status.PASSED: "#1a7f37",
    Status.FAILED: "#c2410c",
    Status.BLOCKED: "#4b5f78",
    Status.ENVIRONMENT: "#8a6100",
    Status.ERROR: "#7c3aed",
}
"""Background of each outcome's badge, under white text: contrast above 4.5."""
NOTE, ANSWER = "#0b64c0", "#0f766e"
_CODE = (
    "font-family: monospace; font-size: 92%; padding: 0.1em 0.35em; border-radius: 4px; "
    "background-color: rgba(127, 127, 127, 0.18)"
)


def html(result: Result) -> str:
    """One result as a card: badge, title, points, message, facts, and where the hint is."""
    body = _prose(result.message) + _table(facts(result.facts))
    if result.status is Status.FAILED and result.hints_available:
        body += _prose(
            f'Un indice ? Exécutez `indice("{result.exercise}")` dans une nouvelle cellule '
            "(bouton +)."
        )
    return _card(
        COLORS[result.status],
        f"{SIGNS[result.status]} {WORDS[result.status]}",
        f"{result.exercise} · {result.title}",
        body,
        aside=_points(result.points, result.max_points),
    )


def results_html(results: Sequence[Result]) -> str:
    """Several results, then their total."""
    cards = "".join(map(html, results))
    return cards + _prose(f"Total : {total(results)}.") if len(results) != 1 else cards


def hint_html(exercise: str, level: int, levels: int, text: str) -> str:
    """A hint, its level, and how to get the next one."""
    body = _prose(text)
    if level < levels:
        body += _prose(
            f"Il en reste {levels - level} : exécutez de nouveau la cellule pour le suivant."
        )
    return _card(NOTE, "➜ indice", f"{exercise} · indice {level} sur {levels}", body)


def answer_html(exercise: str, fields: Mapping[str, Any]) -> str:
    """What `reponse(…)` has written."""
    rows = [(safe(key), safe(json.dumps(v, ensure_ascii=False))) for key, v in fields.items()]
    return _card(ANSWER, "✎ noté", f"{exercise} · votre réponse", _table(rows))


def note_html(text: str) -> str:
    """A message to somebody who mistyped, or whose disk is full."""
    return _card(COLORS[Status.ENVIRONMENT], "ℹ remarque", "", _prose(text))


def progress_html(progress: Mapping[str, Any], beyond: str = "") -> str:
    """`Journal.progress(…)` as a bar and a table of exercises, then a line on what is beyond."""
    share = round(100 * progress["points"] / max(1, progress["max_points"]))
    bar = (
        '<div style="max-width: 30em; height: 10px; border-radius: 5px; margin: 0.5em 0; '
        'background-color: rgba(127, 127, 127, 0.3)">'
        f'<div style="width: {share}%; height: 10px; border-radius: 5px; '
        f'background-color: {COLORS[Status.PASSED]}"></div></div>'
    )
    rows = [
        (
            f"{'✔' if row['passed'] else '○'} {safe(row['id'])}",
            f"{safe(row['title'])} — {_state(row)}",
        )
        for row in progress["exercises"]
    ]
    return _card(
        NOTE,
        "★ progression",
        f"{progress['passed']} sur {plural(progress['total'], 'mission')}",
        bar + _table(rows, titles=True) + (f"<div>{_text(beyond)}</div>" if beyond else ""),
        aside=_points(progress["points"], progress["max_points"]),
    )


def _points(points: int, of: int) -> str:
    return NO_BREAK_SPACE.join([str(points), "/", plural(of, "pt")])


def _state(row: Mapping[str, Any]) -> str:
    if row["passed"]:
        return f"réussi, {plural(row['points'], 'point')}"
    tries = plural(row["attempts"], "essai")
    return f"à reprendre ({tries})" if row["attempts"] else "à faire"


def _card(color: str, badge: str, title: str, body: str, *, aside: str = "") -> str:
    head = (
        f'<span style="display: inline-block; background-color: {color}; color: #ffffff; '
        "font-weight: 600; font-size: 90%; padding: 0.15em 0.7em; border-radius: 1em; "
        f'margin-right: 0.7em; white-space: nowrap">{_text(badge)}</span>'
    )
    if title:
        head += f"<strong>{_code(_text(title))}</strong>"
    if aside:
        head += f' <span style="opacity: 0.75; margin-left: 0.6em">{_text(aside)}</span>'
    return (
        f'<div style="border-left: 5px solid {color}; border-radius: 6px; margin: 0.3em 0 0.6em; '
        "padding: 0.7em 1em; max-width: 62em; line-height: 1.5; "
        f'background-color: {_wash(color)}">'
        f"<div>{head}</div>{body}</div>"
    )


def _wash(color: str) -> str:
    """`color`, so faint that it suits a light page as well as a dark one."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.1)"


def _prose(text: str) -> str:
    """Paragraphs, with code between backquotes; nothing when there is no text."""
    paragraphs = [line for line in safe(french(text)).splitlines() if line.strip()]
    return "".join(
        f'<div style="margin-top: 0.5em">{_code(markup.escape(line))}</div>' for line in paragraphs
    )


def _code(escaped: str) -> str:
    """Escaped text, with what stands between backquotes as code."""
    return re.sub(r"`([^`]+)`", rf'<code style="{_CODE}">\1</code>', escaped)


def _table(rows: Sequence[tuple[str, str]], *, titles: bool = False) -> str:
    """One line for each key and value, or number and title; the former are dimmed."""
    if not rows:
        return ""
    colon, show = ("", _code) if titles else (NO_BREAK_SPACE + ":", str)
    body = "".join(
        '<div style="margin-top: 0.2em">'
        f'<span style="opacity: 0.75">{markup.escape(key)}{colon}</span> '
        f'<span style="word-wrap: break-word">{show(markup.escape(value))}</span></div>'
        for key, value in rows
    )
    return f'<div style="margin-top: 0.5em">{body}</div>'


def _text(text: str) -> str:
    return markup.escape(safe(french(text)))
