"""French typography for everything a person reads."""

import re

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_BEFORE = re.compile(r" (?=[:;?!»%](?:\s|$|[.,)]))")
_AFTER = re.compile(r"(?<=«) ")
_UNITS = re.compile(r"(?<=\d) (?=(?:\d{3}|[KMG]io|[kMGT]o|min|h|s)\b)")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[\w«*]|\Z)")


def french(text: str) -> str:
    """Put no-break spaces and curly apostrophes where French wants them, outside `code spans`.

    Authors type ordinary spaces and apostrophes; every text goes through here before it is shown.
    Applying it twice changes nothing.
    """
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        part = _AFTER.sub(NO_BREAK_SPACE, _BEFORE.sub(NO_BREAK_SPACE, parts[index]))
        part = _UNITS.sub(NO_BREAK_SPACE, part)
        parts[index] = _APOSTROPHE.sub("’", part)
    return "`".join(parts)


def printable(text: str) -> str:
    """What a terminal may be given of a text that somebody else wrote: no control character."""
    kept = (
        c if c.isprintable() or c in "\u00a0\u202f" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    return "".join(kept)


def inline(sentence: str) -> str:
    """A sentence as it goes on after a colon: without its capital."""
    ordinary = sentence[1:2].islower() or sentence[1:2] in ("'", "’") or sentence[:2] == "À "
    return sentence[:1].lower() + sentence[1:] if ordinary else sentence


def listing(items: list[str], word: str = "et") -> str:
    """« a, b et c » ; the empty list gives « rien »."""
    if not items:
        return "rien"
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def plural(count: int, singular: str, plural_form: str = "") -> str:
    """« 1 image », « 2 images » ; zero takes the singular in French."""
    return f"{count} {singular if abs(count) < 2 else plural_form or singular + 's'}"


def octets(size: int) -> str:
    """A size in bytes as a person reads it: « 812 octets », « 2,1 Mo » (decimal units)."""
    if size < 1000:
        return plural(size, "octet")
    value = float(size)
    for unit in ("ko", "Mo", "Go", "To"):
        value /= 1000
        if value < 999.95 or unit == "To":
            return f"{value:.1f}".replace(".", ",") + NO_BREAK_SPACE + unit
    raise AssertionError("unreachable")
