"""The house: who may import whom, what an import costs, what the course promises of itself."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.exercise import HINTS, catalogue
from checks.typography import french, inline
from publish.teaching import minutes
from workshop.lab import ROOT

OURS = ("checks", "workshop", "classroom", "publish", "tests")
MAY_IMPORT = {
    "checks": {"checks"},
    "workshop": {"checks", "workshop", "classroom", "publish", "tests"},  # cli and prove, lazily
    "classroom": {"checks", "classroom"},
    "publish": {"checks", "workshop", "publish"},
}
DECOMPRESSORS = {"zstandard", "isal", "zlib_ng"}


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_in_one_direction(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        used = {name.split(".")[0] for name in imports(path)} & set(OURS)
        assert used <= MAY_IMPORT[room], path


def test_only_the_command_line_and_the_proof_reach_classroom_and_tests() -> None:
    for path in (ROOT / "workshop").rglob("*.py"):
        used = {name.split(".")[0] for name in imports(path)} & {"classroom", "publish", "tests"}
        assert not used or path.name in ("cli.py", "prove.py"), path
        early = {name.split(".")[0] for name in imports(path, top_level=True)}
        assert not early & {"classroom", "publish", "tests"}


def test_archives_need_the_standard_library_and_decompressors_only() -> None:
    for path in (ROOT / "checks" / "archives").rglob("*.py"):
        for name in imports(path):
            top = name.split(".")[0]
            assert (
                top in sys.stdlib_module_names
                or top in DECOMPRESSORS
                or name.startswith("checks.archives")
                or name == "checks.typography"
            ), f"{path}: {name}"


def test_checks_never_open_files_nor_docker() -> None:
    for path in (ROOT / "checks").glob("phase*.py"):
        assert not {"docker", "os", "pathlib", "subprocess"} & imports(path)


@pytest.mark.parametrize(
    "statement", ["import checks", "import workshop.cli", "import checks.phase2"]
)
def test_an_import_stays_light(statement: str) -> None:
    code = f"{statement}; import sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"docker", "requests", "jupyter", "jupyterlab", "mkdocs", "IPython"} & set(
        done.stdout.split()
    )


@pytest.mark.parametrize("id", catalogue())
def test_an_exercise_is_complete(id: str) -> None:
    exercise = catalogue()[id]
    assert len(exercise.hints) == HINTS
    assert (ROOT / "solutions" / f"{id}.sh").is_file()
    scripts = {path.stem for path in (ROOT / "tests" / "mistakes" / id).glob("*.sh")}
    assert scripts == set(exercise.mistakes), "one script per catalogued mistake, and no other"
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in exercise.mistakes)
    assert set(exercise.needs) <= set(catalogue())


def test_no_exercise_writes_over_the_file_of_another() -> None:
    makers: dict[str, str] = {}
    for exercise in catalogue().values():
        for name in exercise.makes.files:
            assert makers.setdefault(name, exercise.id) == exercise.id, name


def test_there_are_three_mistakes_per_exercise_and_more() -> None:
    counts = [len(exercise.mistakes) for exercise in catalogue().values()]
    assert sum(counts) / len(counts) >= 3


def test_no_hint_nor_message_can_be_pasted_as_the_answer() -> None:
    for exercise in catalogue().values():
        texts = [exercise.goal, *exercise.hints]
        for slip in exercise.mistakes.values():
            texts += [slip.message, slip.hint]
        for text in texts:
            for span in re.findall(r"`([^`]*)`", text):
                words = span.split()
                pasted = words[:1] and words[0] in ("docker", "gpg", "split", "gzip", "sha256sum")
                assert not (pasted and len(words) > 2), f"{exercise.id}: {span}"


def test_french_is_applied_once_for_all() -> None:
    text = french("Qu'est-ce : « l'image » ? `a : b`")
    assert text == "Qu’est-ce\u00a0: «\u00a0l’image\u00a0»\u00a0? `a : b`"
    assert french(text) == text
    assert french("l'*autre*, d'**une**, l'arbre.**'") == "l’*autre*, d’**une**, l’arbre.**'"


def test_a_sentence_after_a_colon_has_no_capital() -> None:
    told = {"L'archive": "l'archive", "D’où": "d’où", "À la fin": "à la fin", "Un": "un"}
    assert {text: inline(text) for text in told} == told
    assert inline("OCI") == "OCI"


def notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_has_its_cells_and_no_output(path: Path) -> None:
    notebook = json.loads(path.read_text())
    phase = int(path.stem.split("-")[1])
    wanted = [id for id, exercise in catalogue().items() if exercise.phase == phase]
    checks = {}
    answers = set()
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), "notebooks are stored without outputs"
        ours = cell["metadata"].get("atelier", {})
        if "check" in ours:
            checks[ours["check"]] = cell
            assert "".join(cell["source"]) == f'verifier("{ours["check"]}")'
            assert cell["metadata"]["editable"] is False
            assert cell["metadata"]["deletable"] is False
            assert cell["metadata"]["jupyter"]["source_hidden"] is True
        if "answer" in ours:
            answers.add(ours["answer"])
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            assert french(text) == text, "typographie"
    assert sorted(checks) == sorted(wanted) == sorted(answers)


def missions(text: str, order: list[str]) -> list[str]:
    """The ids that « 1.4, 1.5, 1.8 à 1.10 » stands for, in the notebook's `order`."""
    found = []
    for part in text.split(", "):
        first, _, last = part.partition(" à ")
        found += order[order.index(first) : order.index(last or first) + 1]
    return found


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_the_minutes_of_a_step_are_those_of_its_missions(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    order = [cell["metadata"]["atelier"]["check"] for cell in cells
             if "check" in cell["metadata"].get("atelier", {})]  # fmt: skip
    steps = re.findall(
        r"^\| (.+) \| (.+) \| (\d+)\smin \|$", "".join(cells[0]["source"]), re.MULTILINE
    )
    told = {name: int(count) for name, _, count in steps}
    summed = {name: sum(minutes()[id] for id in missions(ids, order)) for name, ids, _ in steps}
    assert told == summed
    everything = [id for _, ids, _ in steps for id in missions(ids, order)]
    assert everything == (order if steps else [])


def test_the_lock_has_hashes_and_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_nothing_private_is_published() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in names:
        if name.endswith((".png", ".lock")) or name == "tests/test_house.py":
            continue
        text = (ROOT / name).read_text(errors="replace")
        assert "/work/" not in text and "pypi.org" not in text and "deb.debian.org" not in text, (
            name
        )
