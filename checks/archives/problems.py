"""What can be wrong with an archive: a stable code, a severity, a French sentence."""

from __future__ import annotations

from dataclasses import dataclass

from checks.typography import french


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
