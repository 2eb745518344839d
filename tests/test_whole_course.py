"""The whole course by one learner, in one workspace: what was proven stays proven to the end."""

from __future__ import annotations

import json
from pathlib import Path

from checks.exercise import catalogue
from checks.runner import run
from tests.conftest import run_script
from tests.workshop.test_cli import atelier
from workshop.lab import ROOT, Lab

SUBMISSION_LIMIT = 2 << 20
"""Bytes that a complete submission may weigh."""


def test_everything_solved_in_one_workspace_is_handed_in_and_certified(
    lab: Lab, tmp_path: Path
) -> None:
    for id in catalogue():
        code, log = run_script(lab, ROOT / "solutions" / f"{id}.sh")
        assert code == 0, f"{id}: {log}"
    wrong = {r.exercise: r.message for r in run(catalogue(), lab.evidence()) if not r.passed}
    assert not wrong

    rendu = tmp_path / "rendu.zip"
    assert atelier("rendre", "--vers", str(rendu)).returncode == 0
    assert rendu.stat().st_size <= SUBMISSION_LIMIT
    graded = json.loads(atelier("corriger", str(rendu), "--json").stdout)[0]
    assert graded["points"] == graded["max_points"]
    assert json.loads(atelier("attestation", "--json").stdout)["earned"] is True
