"""Grading a submission: the same checks on the evidence it carries, without an engine.

A submission comes from a stranger: nothing in it is executed, sizes are bounded before anything
is unpacked, every blob is hashed against the name it goes by, and any status it claims is ignored.

What that proves, and what it cannot: archives, files and images are recognised by their content,
personal to each learner; a neighbour's are copies. But what they must hold follows from the public
sources of the course, and all the rest (registries, engine, what a hub has seen) is told by the
learner's own machine, of which they are the master: whoever has the will can write a whole
submission by hand, and pass. Nor does evidence say who did the work, or how. Where a mark matters,
the teacher watches, or asks.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.evidence.submitted import VERSION, SubmittedEvidence
from checks.exercise import catalogue
from checks.identity import Identity
from checks.outcome import EnvironmentProblem, Result, reason, report_json
from checks.report.text import safe
from checks.runner import run
from classroom.submit import BLOBS, DOCUMENT

DOCUMENT_LIMIT = 8 << 20
BLOB_LIMIT = 8 << 20
TOTAL_LIMIT = 64 << 20
"""Bytes, unpacked, that a submission may hold."""
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError,
    RuntimeError,  # encrypted, of an unknown method, nested without end
    KeyError, ValueError, TypeError,
)  # fmt: skip
"""What reading a ZIP that is damaged or made by a stranger raises, besides `OSError`."""


@dataclass(frozen=True)
class Graded:
    """A graded submission; `sha256` is that of its file, as a certificate names it."""

    identity: Identity
    results: list[Result]
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """The report of `verifier --json`, with whose submission it is."""
        who = {"pseudonym": safe(self.identity.pseudonym), "id": self.identity.id}
        return {"identity": who, "sha256": self.sha256, **report_json(self.results)}


def grade(path: Path) -> Graded:
    """Check every exercise on the evidence in `path`.

    Raises `EnvironmentProblem`, in French, when the file is no submission.
    """
    try:
        with zipfile.ZipFile(path) as file:
            if sum(info.file_size for info in file.infolist()) > TOTAL_LIMIT:
                raise _refused(path, "il est trop grand")
            document = json.loads(_read(file, DOCUMENT, DOCUMENT_LIMIT))
            if not isinstance(document, dict) or document.get("version") != VERSION:
                raise _refused(path, "sa version n'est pas connue")
            evidence = SubmittedEvidence(document, lambda name: _blob(file, name))
            results = list(run(catalogue(), evidence))
        with path.open("rb") as stream:
            whole = hashlib.file_digest(stream, "sha256").hexdigest()
        return Graded(evidence.identity, results, whole)
    except OSError as error:
        raise _refused(path, reason(error)) from error
    except _DAMAGE as error:
        raise _refused(path, "il est abîmé ou n'a pas été écrit par `./atelier rendre`") from error


def repeated(graded: Sequence[tuple[str, Graded]]) -> dict[str, list[str]]:
    """Of (file, submission) pairs, the ids that several bear, each with its files.

    An id is drawn at random once for each learner: one has handed in twice, or was copied.
    """
    files: dict[str, list[str]] = {}
    for file, submission in graded:
        files.setdefault(submission.identity.id, []).append(file)
    return {id: found for id, found in files.items() if len(found) > 1}


def _read(file: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if file.getinfo(name).file_size > limit:
        raise ValueError(name)
    with file.open(name) as stream:
        return stream.read(limit)


def _blob(file: zipfile.ZipFile, name: str) -> bytes:
    try:
        data = _read(file, BLOBS + name, BLOB_LIMIT)
    except (*_DAMAGE, OSError) as error:
        raise EnvironmentProblem(
            "Une pièce du rendu manque ou est abîmée : demandez un nouveau rendu."
        ) from error
    if hashlib.sha256(data).hexdigest() != name:
        raise EnvironmentProblem(
            "Une pièce du rendu ne correspond pas à son empreinte : le rendu a été modifié après "
            "avoir été écrit."
        )
    return data


def _refused(path: Path, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(f"{path} n'est pas un rendu lisible : {why}.")
