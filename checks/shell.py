"""Reading a bash script without running it: its commands, its functions, the secrets it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from checks.typography import octets

_HEREDOC = re.compile(r"(?<!<)<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_SAID = re.compile(r"\b(echo|printf)\b(?:[ \t]+(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s|&;\"'()]+)+)*")
_FUNCTION = re.compile(r"^\s*(?:function\s+([\w-]+)\s*(?:\(\s*\))?|([\w-]+)\s*\(\s*\))\s*")
_ASSIGNED = re.compile(
    r"^\s*(?:(?:export|local|readonly|declare)\s+)*(\w+)=([\"']?)([^\s\"'$`;|&()]+)\2\s*$"
)
STEPS = 2000
"""Lines that a script may run, as far as we follow."""


SIZE_LIMIT, LINE_LIMIT = 64 * 1024, 4096
"""Bytes of a file, and characters of a line, that a person may write and that we read."""


def excess(text: str) -> str:
    """What makes `text` too big to have been written by a person (French); "" when nothing does."""
    if len(text.encode()) > SIZE_LIMIT:
        return f"pèse plus de {octets(SIZE_LIMIT)}"
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LINE_LIMIT:
            return f"a une ligne de plus de {LINE_LIMIT} caractères (la {number})"
    return ""


class Line(NamedTuple):
    """A command with what continues it, comments left out. `number` is that of its first line in
    the file, from 1; `here` is what its here-document says."""

    number: int
    text: str
    here: str = ""


def lines(script: str) -> list[Line]:
    """The logical lines: what `\\`, an open quote, `|`, `&&` or `||` continues is joined."""
    found: list[Line] = []
    text, start, number, quote, here = "", 1, 1, "", ""
    place = 0
    while place < len(script):
        char = script[place]
        place += 1
        if char == "\n":
            number += 1
            if quote and len(text) < LINE_LIMIT:
                text += " "
                continue
            for _, end in _HEREDOC.findall(text) if not here else ():
                body, place, passed = _until(script, place, end)
                here, number = here + body, number + passed
            if text.rstrip().endswith(("|", "&&")) and len(text) < LINE_LIMIT:
                text += " "
                continue
            if text.strip():
                found.append(Line(start, text, here))
            text, start, here = "", number, ""
        elif char == "\\" and quote != "'":
            following = script[place : place + 1]
            place += 1
            number += following == "\n"
            text += " " if following == "\n" else char + following
        elif quote:
            quote = "" if char == quote else quote
            text += char
        elif char == "#" and (not text or text[-1] in " \t;(&|"):
            while place < len(script) and script[place] != "\n":
                place += 1
        else:
            if char in "\"'":
                quote = char
            if not text.strip():
                start = number
            text += char
    if text.strip():
        found.append(Line(start, text, here))
    return found


def _until(script: str, place: int, end: str) -> tuple[str, int, int]:
    """A here-document from `place` on: its text, where it ends, how many lines that is."""
    begin, passed = place, 0
    while place < len(script):
        stop = script.find("\n", place)
        stop = len(script) if stop < 0 else stop
        line, place, passed = script[place:stop], stop + 1, passed + 1
        if line.strip() == end:
            return script[begin : max(begin, stop - len(line) - 1)], place, passed
    return script[begin:], place, passed


def quiet(text: str) -> str:
    """`text` without what `echo` and `printf` say."""
    return _SAID.sub(r"\1", text)


def functions(commands: list[Line]) -> tuple[list[Line], dict[str, list[Line]]]:
    """The lines out of any function, and those of each function."""
    outside: list[Line] = []
    inside: dict[str, list[Line]] = {}
    current: list[Line] | None = None
    depth = 0
    for line in commands:
        bare = re.sub(r"\$\{[^}]*\}|\"(?:\\.|[^\"\\])*\"|'[^']*'", "", line.text)
        if current is None:
            named = _FUNCTION.match(line.text)
            if named is None:
                outside.append(line)
                continue
            current = inside.setdefault(named[1] or named[2], [])
            line = line._replace(text=line.text[named.end() :].strip().removeprefix("{"))
        depth += bare.count("{") - bare.count("}")
        if line.text.strip() not in ("", "}"):
            current.append(line)
        if depth <= 0 and bare.rstrip().endswith("}"):
            current, depth = None, 0
    return outside, inside


def leaving(commands: list[Line]) -> list[str]:
    """The words, as patterns, that end a script: bash's, and its functions that do so."""
    found = ["exit", "return", "false"]
    for name, body in functions(commands)[1].items():
        if any(re.search(r"\bexit\b", line.text) for line in body):
            found.append(re.escape(name))
    return found


def flow(commands: list[Line]) -> list[Line] | None:
    """The lines in the order in which they run, what functions hold included; None when some
    function is called in a way that we do not follow."""
    outside, inside = functions(commands)
    reached: set[str] = set()
    found = list(_follow(outside, inside, reached, ()))
    # What a trap runs comes at the end; the other mentions are the definition, or a mystery.
    others = "\n".join(
        quiet(line.text) for line in commands if not line.text.lstrip().startswith("trap ")
    )
    for name in set(inside) - reached:
        if len(re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", others)) > 1:
            return None
    return found[:STEPS]


def _follow(
    commands: list[Line],
    inside: Mapping[str, list[Line]],
    reached: set[str],
    above: tuple[str, ...],
) -> Iterator[Line]:
    for line in commands:
        yield line
        for name in called(line.text, inside):
            reached.add(name)
            if name not in above and len(above) < 4:
                yield from _follow(inside[name], inside, reached, (*above, name))


def reached(text: str, inside: Mapping[str, list[Line]]) -> list[str]:
    """The commands that `text` runs, those of the functions that it calls included."""
    return [line.text for line in _follow([Line(0, text)], inside, set(), ())]


def called(text: str, names: Mapping[str, object]) -> list[str]:
    """Which of `names` the line runs as commands, in order."""
    if not names:
        return []
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    command = rf"(?:^|[;&|({{!]|\b(?:if|then|else|elif|do|while|until|time))\s*({either})(?![\w=-])"
    return [found[1] for found in re.finditer(command, text.strip())]


def values(commands: list[Line]) -> dict[str, str]:
    """The variables that are given a literal value, once."""
    found: dict[str, str] = {}
    for line in commands:
        if told := _ASSIGNED.match(line.text):
            found[told[1]] = "" if told[1] in found else told[3]
    return {name: value for name, value in found.items() if value}


def filled(word: str, known: Mapping[str, str]) -> str:
    """`word` unquoted, with the values of the variables that are known."""
    for _ in range(4):
        word = re.sub(
            r"\$\{?(\w+)\}?", lambda found: known.get(found[1], found[0]), word.strip("\"'")
        )
    return word
