"""The notebooks run from top to bottom: solved, everything passes; untouched, everything is kind.

The golden notebooks hold the expected outputs; `pytest tests/notebooks --nb-force-regen` writes
them again (read the difference before you commit it).
"""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from checks.exercise import Exercise, catalogue, order
from checks.typography import plural
from tests.notebooks import GOLDEN, PHASES, answered
from workshop.journal import Journal
from workshop.lab import ROOT, Lab

VARYING = (
    (r"sha256:[0-9a-f]{12,64}", "sha256:X"),
    (r"\b[0-9a-f]{64}\b", "HEX"),
    (r"(?m)^[0-9a-f]{12}: .*\n", ""),  # layers are downloaded in any order
    (r"(?m)^Deleted: .*\n", ""),
    (r"localhost:\d+", "HUB"),
    (r"(?s)<figure.*?</figure>", "DESSIN"),
    (r"(?m)^ ---> [0-9a-f]{12}$", " ---> X"),
    (r"(built|Running in|intermediate container) [0-9a-f]{12}", r"\1 X"),
    (r"Docker daemon +\S+B", "Docker daemon TAILLE"),
    (r"\d+(,\d+)?\s?(ko|Mo)\b", "TAILLE"),
    (r"le plus petit résultat vient de .* ms\)", "LE PLUS PETIT, LE PLUS RAPIDE"),
    (r"\d+\s?%", "GAIN"),
    (r'"gain_gzip": \d+', '"gain_gzip": GAIN'),
    (r"1\.2_\d{8}", "1.2_DATE"),
    (r"(?m)^Status: .*", "Status: X"),
    (r"(?m)^.*Error response from daemon: .*", "Error response from daemon: X"),
    (r"\d{8}-\d{6}", "DATE"),
    (r"/\S+/config\.json", "CONFIG"),
    (r"Dans tout le cours\s: .*?sur \d+", "TOUT LE COURS"),
    (r"Moteur Docker \S+", "Moteur Docker X"),
    (r"(?m)^gpg: .*\n", ""),  # what it says the first time on a machine, dates, keys
    (r"\b[0-9A-F]{40}\b", "CLE"),
)
"""What differs from one run, one day or one engine to the next."""


@pytest.fixture
def kernel_env(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def exercises(name: str) -> list[Exercise]:
    phase = int(name.split("-")[1])
    return [exercise for exercise in catalogue().values() if exercise.phase == phase]


def verdicts(notebook: Any) -> dict[str, str]:
    """What each check cell shows: id → plain text; no cell may show a traceback."""
    found = {}
    for cell in notebook.cells:
        shown = ""
        for output in cell.get("outputs", []):
            assert output.output_type != "error", "\n".join(output.traceback)
            shown += output.get("text") or output.get("data", {}).get("text/plain", "")
        assert "Traceback" not in shown
        if id := cell.metadata.get("atelier", {}).get("check"):
            found[id] = shown
    return found


@pytest.mark.parametrize("name", PHASES)
def test_solved_it_passes_and_its_outputs_are_the_golden_ones(
    name: str,
    lab: Lab,
    kernel_env: None,
    nb_regression: Any,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", f"{name}.ipynb")  # as JupyterLab's server does
    golden, fresh = GOLDEN / f"{name}.ipynb", answered(name)
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
    )
    nb_regression.diff_replace = tuple(
        ("/cells/*/outputs", pattern, replacement) for pattern, replacement in VARYING
    )
    final = nb_regression.check(golden).nb_final
    found = verdicts(final)
    assert sorted(found, key=order) == [exercise.id for exercise in exercises(name)]
    for id, shown in found.items():
        assert shown.startswith(f"✔ {id}") and "réussi" in shown
    progress = Journal(lab.private / "journal.sqlite").progress(exercises(name))
    assert progress["points"] == progress["max_points"]


@pytest.mark.parametrize("name", PHASES)
def test_untouched_every_check_answers_kindly(name: str, lab: Lab, kernel_env: None) -> None:
    notebook = nbformat.read(lab.workspace / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": lab.workspace}}).execute()
    found = verdicts(notebook)
    assert sorted(found, key=order) == [exercise.id for exercise in exercises(name)]
    for id, shown in found.items():
        assert re.match(rf"(✘ {id} .* à reprendre|⏸ {id} .* bloqué) ", shown), shown


@pytest.mark.parametrize("name", PHASES)
def test_run_again_after_the_solution_it_undoes_nothing(
    name: str, lab: Lab, kernel_env: None
) -> None:
    resources = {"metadata": {"path": lab.workspace}}
    solved = answered(name)
    NotebookClient(solved, timeout=180, resources=resources).execute()
    notebook = nbformat.read(lab.workspace / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=180, resources=resources).execute()
    refused = {id: shown for id, shown in verdicts(notebook).items() if not shown.startswith("✔")}
    assert not refused


# --- what is written ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PHASES)
def test_cards_say_what_the_catalogue_says(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    for exercise in exercises(name):
        points = plural(exercise.points, "point")
        assert f"**Mission {exercise.id} · {exercise.title}** — {points}" in text
        assert f"**But.** {exercise.goal}" in text
    assert "**À la fin de ce notebook, vous saurez" in text and "# À retenir" in text


@pytest.mark.parametrize("name", PHASES)
def test_no_solution_is_given_away(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    for exercise in exercises(name):
        for line in (ROOT / "solutions" / f"{exercise.id}.sh").read_text().splitlines():
            command = line.strip()
            if len(command.split()) > 3 and not command.startswith("#"):
                assert command not in text, f"{exercise.id}: {command}"


@pytest.mark.parametrize("name", PHASES)
def test_cells_are_in_order_and_stored_clean(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())
    cells = notebook["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)
    for exercise in exercises(name):
        slug = exercise.id.replace(".", "-")
        names = [cell["id"] for cell in cells]
        first = names.index(f"mission-{slug}")
        written = any(file.startswith("reponses/") for file in exercise.makes.files)
        wanted = [f"mission-{slug}", f"travail-{slug}", *[f"reponse-{slug}"] * written]
        assert names[first : first + len(wanted) + 1] == [*wanted, f"verification-{slug}"]


def test_golden_notebooks_are_of_real_phases() -> None:
    assert {path.stem for path in GOLDEN.glob("*.ipynb")} == set(PHASES)
