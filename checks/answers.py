"""Typed answers: what `reponse("2.2", …)` wrote, read field by field."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any

from checks.evidence import Evidence
from checks.exercise import Slip
from checks.outcome import Mistake

ANSWER = {
    "pas-de-reponse": Slip(
        "Vous n'avez pas encore répondu : le fichier `{name}` n'existe pas.",
        "La cellule `reponse(…)` écrit ce fichier dès qu'on l'exécute.",
    ),
    "reponse-illisible": Slip(
        "`{name}` n'est pas un document JSON valide ({problem}).",
        "Passez par `reponse(…)`, qui écrit le fichier pour vous, ou vérifiez guillemets et "
        "virgules.",
    ),
    "champ-manquant": Slip(
        "Il manque le champ `{field}` dans votre réponse.",
        "Comparez les champs de votre réponse avec ceux de l'énoncé.",
    ),
}


def answer_file(exercise: str) -> str:
    """Where the answer to `exercise` is kept in the workspace."""
    return f"reponses/{exercise}.json"


def answer(evidence: Evidence, exercise: str) -> dict[str, Any]:
    """The learner's answer to `exercise`; raises `pas-de-reponse` or `reponse-illisible`."""
    name = answer_file(exercise)
    data = evidence.file(name)
    if data is None:
        raise Mistake("pas-de-reponse", name=name)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Mistake("reponse-illisible", name=name, problem=misplaced(error)) from error
    if not isinstance(document, dict):
        raise Mistake("reponse-illisible", name=name, problem="un objet `{…}` est attendu")
    return document


def field(document: dict[str, Any], path: str) -> Any:
    """The value at `path` (`a.couches`); raises `champ-manquant` when it is absent or blank."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
        if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
            raise Mistake("champ-manquant", field=path)
    return value


_IN_LETTERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")


def without_unit(value: Any, unit: str) -> Any:
    """`value` without the unit that a person may write after a number: a pattern, plural or not."""
    if not isinstance(value, str):
        return value
    return re.sub(rf"(?<=\d)\s*(?:{unit})s?\s*\Z", "", value, flags=re.IGNORECASE)


def number(value: object) -> float | None:
    """What a person means by a number: 75, "75", "75,3", "75 %", "trois"; `None` when it is not
    one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if (word := value.strip().lower()) in _IN_LETTERS:
            return float(_IN_LETTERS.index(word))
        value = value.replace("%", "").replace(",", ".").replace("\N{NO-BREAK SPACE}", "").strip()
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def words(value: object) -> list[str]:
    """A command: a list, the JSON of a list, or `[/bin/a b]` as `docker inspect -f` prints it."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value).strip().removeprefix("[").removesuffix("]").split()


def misplaced(error: Exception) -> str:
    """Where JSON stopped being JSON, in French, from what `json.loads` raised."""
    if isinstance(error, RecursionError):
        return "ses crochets s'emboîtent sans fin"
    if isinstance(error, json.JSONDecodeError):
        return f"ligne {error.lineno}, colonne {error.colno}"
    return "l'encodage n'est pas UTF-8"
