"""Other ways to be right, and other roads to a catalogued mistake.

`tests/variants/<exercise>/<name>.sh` is what a learner types after the solutions of the exercises
it needs; its first line says the verdict: `# verdict : passed`, or the name of a mistake. A line
`# dit : …` gives words that the message must hold.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.outcome import Status
from checks.runner import closure, run_one
from checks.typography import french
from tests.conftest import run_script
from workshop.lab import Lab
from workshop.prove import SOLUTIONS

VARIANTS = Path(__file__).parent / "variants"
SCRIPTS = sorted(VARIANTS.glob("*/*.sh"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_variant(lab: Lab, script: Path) -> None:
    id = script.parent.name
    text = script.read_text()
    expected = text.splitlines()[0].removeprefix("# verdict : ")
    for need in closure([id]):
        if need != id:
            run_script(lab, SOLUTIONS / f"{need}.sh")
    _, log = run_script(lab, script)
    result = run_one(id, lab.evidence())
    got = result.mistake if result.status is Status.FAILED else str(result.status)
    assert got == expected, f"{result.message}\n{log}"
    for words in re.findall(r"^# dit : (.+)$", text, re.MULTILINE):
        assert french(words) in result.message
