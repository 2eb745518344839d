"""Reading the Markdown of chapters: front matter, fences, and mistakes told with file and line."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from checks.typography import french

OPENING = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)$")
TERMINAL, OUTPUT = "terminal", "sortie"
WORDS = {TERMINAL: {"muet", "coulisses"}, OUTPUT: set[str]()}
OPTIONS = {TERMINAL: {"code", "exemple", "varie"}, OUTPUT: {"releve"}}
FILE_OPTIONS = {"fichier", "exemple"}
SHELLS = {"bash", "sh", "shell", "console"}


class PageError(Exception):
    """Something wrong in a page: the message says where and what, in French."""

    def __init__(self, page: str, line: int, message: str) -> None:
        self.line, self.message = line, message
        super().__init__(french(f"{page}:{line}: {message}"))


@dataclass(frozen=True)
class Fence:
    """A fenced block. `start` and `end` are the 0-based lines of its two fences.

    In `terminal varie="\\d+"`, `language` is « terminal » and `options` is `{"varie": r"\\d+"}`; a
    word without a value is an option whose value is empty.
    """

    start: int
    end: int
    indent: str
    ticks: str
    language: str
    options: dict[str, str]
    code: str


def front_matter(text: str, page: str = "") -> tuple[dict[str, Any], str]:
    """The YAML between the two `---` at the top of a page, and what follows it.

    Raises `PageError` when it is not YAML, or not fields.
    """
    match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
    if match is None:
        return {}, text
    try:
        fields = yaml.safe_load(match[1]) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 2 + (mark.line if mark else 0)
        raise PageError(page, line, "l'en-tête de cette page n'est pas du YAML.") from error
    if not isinstance(fields, dict):
        raise PageError(page, 2, "l'en-tête de cette page n'est pas une suite de `champ: valeur`.")
    return fields, text[match.end() :]


def fences(text: str, page: str) -> list[Fence]:
    """The fenced blocks of a page, in order; raises `PageError` when one never ends."""
    found = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        match = OPENING.match(lines[number])
        if match is None:
            number += 1
            continue
        start, indent, ticks = number, match["indent"], match["ticks"]
        while (number := number + 1) < len(lines):
            stripped = lines[number].strip()
            if set(stripped) == {ticks[0]} and len(stripped) >= len(ticks):
                break
        else:
            raise PageError(page, start + 1, "ce bloc ne se termine pas.")
        code = "".join(line.removeprefix(indent) + "\n" for line in lines[start + 1 : number])
        language, options = _info(match["info"].strip(), page, start + 1)
        found.append(Fence(start, number, indent, ticks, language, options, code))
        number += 1
    return found


def _info(info: str, page: str, line: int) -> tuple[str, dict[str, str]]:
    if info.startswith("{"):
        return info, {}
    language, _, rest = info.partition(" ")
    options: dict[str, str] = {}
    for name, value in re.findall(r'([^\s="]+)(?:=("[^"]*"|\S+))?', rest):
        options[name] = value.strip('"')
    known = OPTIONS.get(language, FILE_OPTIONS)
    words = WORDS.get(language, set())
    for name, value in options.items():
        if name not in (known if value else words):
            raise PageError(page, line, f"`{name}` n'est pas une option d'un bloc `{language}`.")
    return language, options


def outside_fences(text: str, page: str) -> Iterator[tuple[int, str, bool]]:
    """Every line of the page: its 0-based number, itself, and whether it is prose."""
    inside: set[int] = set()
    for fence in fences(text, page):
        inside.update(range(fence.start, fence.end + 1))
    for number, line in enumerate(text.split("\n")):
        yield number, line, number not in inside


def check_example(fence: Fence, page: str) -> None:
    """Parse a block that is not executed; raises `PageError` when it is not well formed."""
    line = fence.start + 1
    problem = ""
    if fence.language in SHELLS | {TERMINAL}:
        done = subprocess.run(
            ["bash", "-n"], input=fence.code, text=True, capture_output=True, check=False
        )
        problem = done.stderr.strip()
    elif fence.language in ("yaml", "yml"):
        try:
            list(yaml.safe_load_all(fence.code))
        except yaml.YAMLError as error:
            problem = " ".join(str(error).split())
    elif fence.language == "json":
        try:
            json.loads(fence.code)
        except ValueError as error:
            problem = str(error)
    elif fence.language == "dockerfile":
        problem = dockerfile_problem(fence.code)
    if problem:
        raise PageError(page, line, f"ce bloc `{fence.language}` est mal formé : {problem}")


INSTRUCTIONS = re.compile(
    "(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|"
    "STOPSIGNAL|USER|VOLUME|WORKDIR)"
)
"""https://docs.docker.com/reference/dockerfile/"""


def dockerfile_problem(text: str) -> str:
    """What keeps a text from being a Dockerfile (instruction, FROM, JSON form), or ""."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    instructions = []
    marks: list[str] = []
    for line in joined.splitlines():
        if marks:  # inside a here-document
            if line.strip() == marks[0]:
                marks.pop(0)
            continue
        word, _, rest = line.strip().partition(" ")
        if not word:
            continue
        if not INSTRUCTIONS.fullmatch(word.upper()) or not rest.strip():
            return f"« {line.strip()} » n'est pas une instruction"
        instructions.append(word.upper())
        marks = re.findall(r"<<-?[\"']?(\w+)", rest)
        if word.upper() in ("CMD", "ENTRYPOINT") and rest.strip().startswith("["):
            try:
                json.loads(rest)
            except ValueError:
                return f"« {rest.strip()} » n'est pas une liste JSON"
    first = next((word for word in instructions if word != "ARG"), "")
    return "" if first == "FROM" else "la première instruction doit être FROM"
