"""Results for a notebook: inline-styled HTML that needs neither trust nor script, and reads well on
a light or a dark background. The status is a word and a sign, never a colour alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from checks.outcome import Result, Status
from checks.report import safe
from checks.report.terminal import SIGNS, WORDS
from checks.typography import french, plural

# Mid-tones: at least 3:1 on white and on near-black.
_COLORS = {
    Status.PASSED: "#1f9d55",
    Status.FAILED: "#d9534f",
    Status.BLOCKED: "#808a94",
    Status.ENVIRONMENT: "#c98a0b",
    Status.ERROR: "#c98a0b",
}
_FONT = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5"
_CODE = (
    "font-family:ui-monospace,monospace;font-size:.92em;padding:.05em .35em;border-radius:4px;"
    "background:rgba(127,127,127,.16)"
)


def html(result: Result) -> str:
    """One result as a card."""
    color = _COLORS[result.status]
    parts = [
        f'<div style="{_FONT};border-left:5px solid {color};border-radius:4px;margin:4px 0;'
        f'padding:10px 16px;background:rgba(127,127,127,.08)">',
        '<div style="display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline">'
        f'<strong style="color:{color};font-size:1.05em">{SIGNS[result.status]} '
        f"{WORDS[result.status].capitalize()}</strong>"
        f"<span>{escape(result.exercise)} · {rich(result.title)}</span>"
        f'<span style="margin-left:auto;opacity:.75">{result.points}/'
        f"{plural(result.max_points, 'point')}</span></div>",
    ]
    if result.message:
        parts.append(f'<div style="margin-top:6px">{rich(result.message)}</div>')
    if result.facts:
        rows = "".join(
            '<tr style="background:none"><td style="text-align:left;padding:1px 14px 1px 0;'
            f'opacity:.75;border:0">{rich(str(key))}</td><td style="text-align:left;padding:1px 0;'
            f'border:0;overflow-wrap:anywhere"><code style="{_CODE}">{escape(safe(str(value)))}'
            "</code></td></tr>"
            for key, value in result.facts.items()
        )
        parts.append(
            '<table style="margin:8px 0 0;border-collapse:collapse;border:0;font-size:13px">'
            f"{rows}</table>"
        )
    if result.hints_available:
        parts.append(
            '<div style="margin-top:8px;opacity:.75">'
            + rich(f'Besoin d\'aide ? `indice("{result.exercise}")`')
            + "</div>"
        )
    return "".join([*parts, "</div>"])


def hint_html(level: int, count: int, text: str) -> str:
    """One hint as a card."""
    return (
        f'<div style="{_FONT};border-left:5px solid #4a86d8;border-radius:4px;margin:4px 0;'
        'padding:10px 16px;background:rgba(127,127,127,.08)">'
        f'<strong style="color:#4a86d8">Indice {level} sur {count}</strong>'
        f'<div style="margin-top:4px">{rich(text)}</div></div>'
    )


def note_html(text: str) -> str:
    """A plain remark as a card."""
    return (
        f'<div style="{_FONT};border-left:5px solid #808a94;border-radius:4px;margin:4px 0;'
        f'padding:10px 16px;background:rgba(127,127,127,.08)">{rich(text)}</div>'
    )


def progress_html(rows: Sequence[Mapping[str, object]], points: int, best: int) -> str:
    """Exercises with what they earned: `rows` hold `id`, `title`, `passed`, `points`,
    `max_points`."""
    share = round(100 * points / best) if best else 0
    lines = "".join(
        f'<tr style="background:none"><td style="text-align:left;padding:2px 12px 2px 0;border:0">'
        f"{'✔' if row['passed'] else '·'} {escape(str(row['id']))}</td>"
        f'<td style="text-align:left;padding:2px 12px 2px 0;border:0">{rich(str(row["title"]))}'
        f'</td><td style="text-align:right;padding:2px 0;border:0">{row["points"]}/'
        f"{row['max_points']}</td></tr>"
        for row in rows
    )
    return (
        f'<div style="{_FONT}"><strong>{points} points sur {best}</strong> ({share} %)'
        '<div role="presentation" style="height:10px;border-radius:5px;max-width:420px;'
        'background:rgba(127,127,127,.25);margin:6px 0"><div style="height:10px;border-radius:5px;'
        f'background:#1f9d55;width:{share}%"></div></div>'
        f'<table style="border-collapse:collapse;border:0;font-size:13px">{lines}</table></div>'
    )


def rich(text: str) -> str:
    """Escaped text where `code` and line breaks are shown as such."""
    pieces = re.split(r"`([^`]*)`", french(safe(text)))
    shown = [
        f'<code style="{_CODE}">{escape(piece)}</code>' if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    ]
    return "".join(shown).replace("\n", "<br>")
