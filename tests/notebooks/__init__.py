"""The notebooks, executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from workshop.lab import ROOT

PHASES = (
    "phase-1-comprendre",
    "phase-2-save-load",
    "phase-3-export-import",
    "phase-4-publier",
    "phase-5-projet",
)
GOLDEN = Path(__file__).parent / "golden"


def answered(name: str) -> Any:
    """A notebook with the reference answers typed into its answer cells.

    The reference scripts write the answer files themselves; the cells of fields read them back,
    so that `reponse(…)` has its part.
    """
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        ours = cell.metadata.get("atelier", {})
        if "answer" in ours:
            script = (ROOT / "solutions" / f"{ours['answer']}.sh").read_text()
            cell.source = "%%terminal\n" + script.rstrip("\n")
        elif "fields" in ours:
            id = ours["fields"]
            if f"reponses/{id}.json" not in (ROOT / "solutions" / f"{id}.sh").read_text():
                continue  # an answer that may be left out
            cell.source = (
                "import json, pathlib\n"
                f'reponse("{id}", **json.loads(pathlib.Path("reponses/{id}.json").read_text()))'
            )
    return notebook
