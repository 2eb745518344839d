"""Making a submission: run the checks once on live evidence, and keep what they looked at."""

from __future__ import annotations

import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from checks.evidence import Evidence
from checks.evidence.submitted import Recorder
from checks.exercise import catalogue
from checks.outcome import EnvironmentProblem, Status, reason
from checks.runner import run
from checks.typography import inline, listing

DOCUMENT = "rendu.json"
BLOBS = "blobs/sha256/"


def submit(
    evidence: Evidence, path: Path, *, ids: list[str] | None = None, whole: bool = False
) -> dict[str, Any]:
    """Write the evidence for `ids` (all exercises by default) to `path`, whole or not at all.

    The file is a ZIP: `rendu.json`, and `blobs/sha256/<hex>`. Returns `{"file", "size",
    "exercises", "missing"}`, size in bytes; `missing` are `{"exercise", "status", "message"}` of
    what could not be looked at. If there are any and `whole` is asked for, nothing is written, and
    `file` is None. Raises `EnvironmentProblem` when the file cannot be written.
    """
    recorder = Recorder(evidence)
    exercises = ids or list(catalogue())
    # Verdicts are not evidence: only what was looked at is kept.
    missing = [
        {"exercise": r.exercise, "status": str(r.status), "message": r.message}
        for r in run(exercises, recorder)
        if r.status in (Status.ENVIRONMENT, Status.ERROR)
    ]
    told = {"file": None, "size": 0, "exercises": exercises, "missing": missing}
    if missing and whole:
        return told
    document = json.dumps(recorder.document(exercises), ensure_ascii=False, sort_keys=True)
    temporary = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(DOCUMENT, document)
            for name, data in sorted(recorder.blobs.items()):
                file.writestr(BLOBS + name, data)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"Impossible d'écrire le rendu {path} ({reason(error)}). Libérez de la place ou "
            "choisissez un autre fichier avec `--vers`."
        ) from error
    return told | {"file": str(path), "size": path.stat().st_size}


def without_evidence(missing: list[dict[str, str]]) -> str:
    """What `submit` could not look at, and why, in French: one line for each cause."""
    causes: dict[str, list[str]] = {}
    for each in missing:
        causes.setdefault(each["message"].partition("\n")[0], []).append(each["exercise"])
    return "\n".join(
        f"Sans preuve pour {listing(exercises)} : {inline(cause)}"
        for cause, exercises in causes.items()
    )
