"""The names that scripts and settings give to secrets."""

from __future__ import annotations

import re

LONG = "jeton|token|secret|password|passwd|motdepasse|mot_de_passe|mdp"
"""Words that tell a secret wherever they are in a name."""
SHORT = "pat|pass"
"""Words that do so alone, or between underscores: `PATH` and `passager` are none."""
PATTERN = rf"(?:[A-Za-z0-9_]*(?:{LONG})|(?:[A-Za-z0-9]+_)*(?:{SHORT})(?![A-Za-z]))[A-Za-z0-9_]*"
"""A name of a secret, case aside, and of what is about it."""
_OTHERS = re.compile(
    r"fichier|file|chemin|path|dossier|dir|nom|name|id|url|hote|host|duree|jours|days|longueur"
    r"|length|portee|scope"
)
"""With such a word, a name stands for something about the secret: `FICHIER_JETON`."""
_PERSONS = re.compile(r"compte|account|user|utilisateur")
"""Pat is also somebody: `compte_pat`."""


def is_name(name: str) -> bool:
    """Whether a variable or a field called `name` holds a secret."""
    low = name.lower()
    parts = re.sub(LONG, "", low).split("_")
    if any(map(_OTHERS.fullmatch, parts)) or ("pat" in parts and any(map(_PERSONS.match, parts))):
        return False
    return re.fullmatch(PATTERN, low) is not None
