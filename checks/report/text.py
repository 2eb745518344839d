"""What every renderer shares: words for the outcomes, and text made safe to show."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from checks.outcome import Facts, Result, Status
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
    Status.BLOCKED: "⏸",
    Status.ENVIRONMENT: "⚙",
    Status.ERROR: "⚠",
}
"""One sign for each outcome, beside its word: nothing is told by colour alone."""


def safe(text: str) -> str:
    """`text` with nothing that a terminal, an XML parser or a reader could be fooled by.

    Control characters (terminal escapes) become their visible pictures (`␛`), invisible and
    direction-changing ones become their code (`<U+202E>`); line feeds stay.
    """
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\n" or " " <= character <= "~":
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    # Cc: C1 controls; Cf: bidirectional and zero-width; Zl, Zp: line separators;
    # Cs: bytes of a file name that are not UTF-8; Cn: noncharacters, refused by XML.
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Cn", "Co"):
        return f"<U+{code:04X}>"
    return character


def facts(found: Facts) -> list[tuple[str, str]]:
    """The facts as (key, value) texts, safe to show."""
    return [(safe(french(str(key))), safe(french(_value(value)))) for key, value in found.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def total(results: Iterable[Result]) -> str:
    """« 3 missions réussies sur 12, 7 points sur 29 »."""
    known = list(results)
    passed = sum(result.passed for result in known)
    points = sum(result.points for result in known)
    return (
        f"{plural(passed, 'mission réussie', 'missions réussies')} sur {len(known)}, "
        f"{plural(points, 'point')} sur {sum(result.max_points for result in known)}"
    )
