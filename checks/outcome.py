"""What a check can conclude: five outcomes, one result, its JSON form (version 1)."""

from __future__ import annotations

import errno
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

VERSION = 1

Facts = dict[str, Any]
"""What a passed check proves: JSON-ready values, French keys shown to the learner."""


class Status(StrEnum):
    """The five outcomes. Only `FAILED` is the learner's doing."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    ENVIRONMENT = "environment"
    ERROR = "error"


class Mistake(Exception):
    """The learner's work is not right, in a way that has a name.

    `observed` fills the message that the exercise's catalogue holds under `name`.
    """

    def __init__(self, name: str, /, **observed: object) -> None:
        super().__init__(name)
        self.name = name
        self.observed = observed


class EnvironmentProblem(Exception):
    """Something outside the learner's work is missing: the message says what to do (French)."""


_REASONS = {
    errno.ENOENT: "ce fichier ou ce dossier n'existe pas",
    errno.EACCES: "accès refusé",
    errno.EPERM: "opération interdite",
    errno.ENOSPC: "il n'y a plus de place sur le disque",
    errno.EDQUOT: "le quota de disque est atteint",
    errno.EROFS: "ce disque est en lecture seule",
    errno.EISDIR: "c'est un dossier",
    errno.ENOTDIR: "un élément du chemin n'est pas un dossier",
    errno.EEXIST: "ce nom est déjà pris",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.ELOOP: "trop de liens symboliques se suivent",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.EIO: "erreur du disque",
    errno.ENOEXEC: "cette machine ne sait pas exécuter ce fichier",
}


def reason(error: OSError) -> str:
    """Why the system refused, in French: « accès refusé »."""
    return _REASONS.get(error.errno or 0, str(error.strerror or error))


@dataclass(frozen=True)
class Result:
    """The verdict on one exercise. `duration_ms` is in milliseconds."""

    exercise: str
    title: str
    status: Status
    points: int
    max_points: int
    mistake: str | None = None
    message: str = ""
    hints_available: int = 0
    facts: Facts = field(default_factory=dict)
    duration_ms: int = 0

    @property
    def passed(self) -> bool:
        """Whether the exercise is proven."""
        return self.status is Status.PASSED

    def to_json(self) -> dict[str, Any]:
        """The object described by `checks/report/result.schema.json`."""
        return {"version": VERSION, **asdict(self), "status": str(self.status)}


def report_json(results: list[Result]) -> dict[str, Any]:
    """The object `./atelier verifier --json` prints."""
    return {
        "version": VERSION,
        "results": [result.to_json() for result in results],
        "points": sum(result.points for result in results),
        "max_points": sum(result.max_points for result in results),
    }
