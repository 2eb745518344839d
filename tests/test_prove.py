"""Every exercise, untouched, solved, and with each of its mistakes, on every engine at hand."""

import json
import subprocess
from pathlib import Path

from checks.exercise import catalogue
from workshop.lab import ROOT

ENGINES = ("docker-20.10", "docker-26.1-containerd")
PASSES = 2


def test_every_case_is_right_on_every_engine_twice_shuffled(tmp_path: Path) -> None:
    """Live twice and submitted once per case; the two engines work side by side."""
    running = {
        name: subprocess.Popen(
            [
                str(ROOT / "atelier"),
                "eprouver",
                "--json",
                "--moteur",
                name,
                "--passes",
                str(PASSES),
            ],
            stdout=(tmp_path / name).open("w"),
            stderr=(tmp_path / f"{name}.err").open("w"),
        )
        for name in ENGINES
    }
    for name, process in running.items():
        code = process.wait()
        errors = (tmp_path / f"{name}.err").read_text()
        cases = json.loads((tmp_path / name).read_text() or "[]")
        assert [case for case in cases if not case["ok"]] == [], errors
        assert code == 0, errors
        proven = {(case["exercise"], case["case"]) for case in cases}
        skipped = 1 if name == "docker-20.10" else 0  # one mistake needs the containerd store
        total = sum(2 + len(exercise.mistakes) for exercise in catalogue().values())
        assert len(proven) == total - skipped
        assert len(cases) == PASSES * len(proven)
