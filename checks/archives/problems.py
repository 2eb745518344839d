"""What can be wrong with an archive: a stable code, a severity, a French sentence."""

from __future__ import annotations

from dataclasses import dataclass

from checks.typography import french

_SHOWN = 80
MOST = 5
"""Problems of one kind that are told: a thousand duplicates say no more than five."""


@dataclass(frozen=True)
class Problem:
    """`severity` is `error` (do not trust this archive) or `warning` (worth knowing)."""

    code: str
    severity: str
    message: str


def error(code: str, message: str) -> Problem:
    """A problem that makes the archive invalid."""
    return Problem(code, "error", french(message))


def warning(code: str, message: str) -> Problem:
    """A problem that does not."""
    return Problem(code, "warning", french(message))


def shown(text: str) -> str:
    """`text` from a stranger's file, safe to print: short, on one line, without a control,
    invisible or direction-changing character. Every name that enters a message passes here."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(
        char if char.isprintable() and char != "`" else ascii(char)[1:-1] if char != "`" else "'"
        for char in cut
    )
