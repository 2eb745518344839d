"""Making a submission: run the checks once on live evidence, and keep what they looked at."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from checks.evidence import Evidence
from checks.evidence.submitted import Recorder
from checks.exercise import catalogue
from checks.outcome import EnvironmentProblem, reason
from checks.runner import run

DOCUMENT = "rendu.json"
BLOBS = "blobs/sha256/"


def submit(evidence: Evidence, path: Path, *, ids: list[str] | None = None) -> dict[str, Any]:
    """Write the evidence for `ids` (all exercises by default) to `path`, whole or not at all.

    The file is a ZIP: `rendu.json`, and `blobs/sha256/<hex>`. Returns `{"file", "size",
    "exercises"}`, size in bytes. Raises `EnvironmentProblem` when it cannot be written.
    """
    recorder = Recorder(evidence)
    exercises = ids or list(catalogue())
    for _ in run(exercises, recorder):
        pass  # verdicts are not evidence: only what was looked at is kept
    document = json.dumps(recorder.document(exercises), ensure_ascii=False, sort_keys=True)
    temporary = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(DOCUMENT, document)
            for name, data in sorted(recorder.blobs.items()):
                file.writestr(BLOBS + name, data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"Impossible d'écrire le rendu {path} ({reason(error)}). Libérez de la place ou "
            "choisissez un autre fichier avec `--vers`."
        ) from error
    return {"file": str(path), "size": path.stat().st_size, "exercises": exercises}
