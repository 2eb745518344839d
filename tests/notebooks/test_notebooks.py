"""The notebooks run from top to bottom: solved, everything passes; untouched, everything is kind.

The golden notebooks hold the expected outputs; `pytest tests/notebooks --nb-force-regen` writes
them again (read the difference before you commit it).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from checks.exercise import catalogue
from tests.notebooks import GOLDEN, PHASES, answered
from workshop.lab import ROOT, Lab


@pytest.fixture
def kernel_env(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("NO_COLOR", "1")


def texts(cell: Any) -> str:
    """What a cell shows, as plain text."""
    shown = []
    for output in cell.get("outputs", []):
        assert output.output_type != "error", "\n".join(output.traceback)
        shown.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "".join(shown)


@pytest.mark.parametrize("name", PHASES)
def test_solved_it_passes_and_its_outputs_are_the_golden_ones(
    name: str, lab: Lab, kernel_env: None, nb_regression: Any, pytestconfig: pytest.Config
) -> None:
    golden = GOLDEN / f"{name}.ipynb"
    fresh = answered(name)
    if pytestconfig.getoption("nb_force_regen"):
        GOLDEN.mkdir(exist_ok=True)
        nbformat.write(fresh, golden)
    stored = nbformat.read(golden, as_version=4)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in fresh.cells], (
        "the golden notebook is older than the notebook or the solutions: regenerate it"
    )
    nb_regression.exec_timeout = 180
    nb_regression.exec_cwd = str(lab.workspace)
    nb_regression.post_processors = ("coalesce_streams",)
    nb_regression.diff_ignore = (
        "/metadata",
        "/cells/*/metadata",
        "/cells/*/execution_count",
        "/cells/*/outputs/*/execution_count",
        "/cells/*/outputs/*/data/text\\/html",
    )
    nb_regression.diff_replace = tuple(
        (f"/cells/*/outputs/*/{place}", pattern, replacement)
        for place in ("text", "data/text\\/plain")
        for pattern, replacement in (
            (r"sha256:[0-9a-f]{12,64}", "sha256:X"),
            (r"\b[0-9a-f]{64}\b", "HEX"),
            (r"(?m)^[0-9a-f]{12}: .*\n", ""),
            (r"localhost:\d+", "HUB"),
            (r"\d+(,\d+)?\s?(ko|Mo)\b", "TAILLE"),
            (r"\d+ %", "GAIN"),
            (r"1\.2_\d{8}", "1.2_DATE"),
            (r"Status: .*", "Status: X"),
            (r"Moteur [\d.]+\S*", "Moteur X"),
        )
    )
    nb_regression.check(golden)


@pytest.mark.parametrize("name", PHASES)
def test_solved_every_check_says_so(name: str, lab: Lab, kernel_env: None) -> None:
    notebook = answered(name)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": lab.workspace}}).execute()
    checked = 0
    for cell in notebook.cells:
        if "check" in cell.metadata.get("atelier", {}):
            assert "réussi" in texts(cell).splitlines()[0], texts(cell)
            checked += 1
    phase = int(name.split("-")[1])
    assert checked == sum(exercise.phase == phase for exercise in catalogue().values())


@pytest.mark.parametrize("name", PHASES)
def test_untouched_it_shows_no_traceback_and_every_check_is_kind(
    name: str, lab: Lab, kernel_env: None
) -> None:
    notebook = nbformat.read(lab.workspace / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": lab.workspace}}).execute()
    for cell in notebook.cells:
        shown = texts(cell)
        assert "Traceback" not in shown and "erreur du cours" not in shown
        if "check" in cell.metadata.get("atelier", {}):
            verdict = shown.splitlines()[0]
            assert "à reprendre" in verdict or "bloqué" in verdict, shown


def test_golden_notebooks_are_of_real_exercises() -> None:
    assert {path.stem for path in Path(GOLDEN).glob("*.ipynb")} == set(PHASES)
