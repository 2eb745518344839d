"""A class list as a teacher has it: a text file, or what a spreadsheet saves as CSV.

One person per line. A first line of headings tells where things are: `compte` (or `identifiant`,
`pseudonyme`), or `prénom` and `nom`; a file of one column needs none.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from checks.outcome import EnvironmentProblem, reason
from checks.typography import plural

_ACCOUNT = ("compte", "identifiant", "pseudonyme", "pseudo", "login")
_FIRST, _LAST = ("prenom", "prenoms"), ("nom", "nom-de-famille")
_SEPARATORS = ";,\t"
_LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": "-"}


@dataclass(frozen=True)
class Person:
    """Somebody of the list: an account's name (empty when what is written gives none), and the
    name as written, at the line `line`."""

    account: str
    written: str
    line: int


def read(path: Path) -> tuple[list[Person], list[str]]:
    """The persons of a class list, once each, and what to say of those written twice (French).

    Raises `EnvironmentProblem` when the file cannot be read, is no UTF-8 text, or is several
    columns without headings.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EnvironmentProblem(f"`{path}` ne peut pas être lu ({reason(error)}).") from error
    except UnicodeDecodeError as error:
        raise EnvironmentProblem(
            f"`{path}` n'est pas du texte en UTF-8. Dans votre tableur, enregistrez la liste au "
            "format « CSV UTF-8 »."
        ) from error
    if "\0" in text:
        raise EnvironmentProblem(f"`{path}` n'est pas une liste : un texte ou un CSV est attendu.")
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(lines, delimiter=separator), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise EnvironmentProblem(f"`{path}` n'est pas une liste en CSV ({error}).") from error
    columns = _columns(rows[0][1]) if rows else []
    if columns:
        rows = rows[1:]
    elif any(len(row) > 1 for _, row in rows):
        raise EnvironmentProblem(
            f"`{path}` a plusieurs colonnes : nommez-les sur une première ligne, `compte`, ou "
            "`prénom` et `nom`."
        )
    if not rows:
        raise EnvironmentProblem(f"`{path}` ne nomme personne : il faut une personne par ligne.")
    return _once([_person(row, columns or [0], number) for number, row in rows])


def _columns(heading: list[str]) -> list[int]:
    """The columns that make an account's name; none when the line is no heading."""
    names = [simplified(cell) for cell in heading]
    for wanted in ((_ACCOUNT,), (_FIRST, _LAST), (_LAST,)):
        found = [next((i for i, n in enumerate(names) if n in each), None) for each in wanted]
        if None not in found:
            return [index for index in found if index is not None]
    return []


def _person(row: list[str], columns: list[int], line: int) -> Person:
    cells = [row[index] for index in columns if index < len(row) and row[index]]
    return Person(".".join(filter(None, map(simplified, cells))), " ".join(cells), line)


def simplified(text: str) -> str:
    """« Léa-Maëlle D'Aurignac » → `lea-maelle-d-aurignac`: what an account may be called."""
    text = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")


def _once(people: list[Person]) -> tuple[list[Person], list[str]]:
    seen: dict[str, list[Person]] = {}
    for person in people:
        # What gives no name stays apart, to be told line by line.
        seen.setdefault(person.account or f"\0{person.line}", []).append(person)
    twice = [
        f"Le compte « {account} » est {plural(len(found), 'fois')} dans la liste (lignes "
        f"{', '.join(str(person.line) for person in found)}) : il n'est créé qu'une fois. À deux "
        "homonymes, donnez deux noms."
        for account, found in seen.items()
        if len(found) > 1
    ]
    return [found[0] for found in seen.values()], twice
