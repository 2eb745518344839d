"""Every exercise, untouched, solved, and with each of its mistakes, on two kinds of engine.

Each engine plays all the cases once, in an order of its own, and gives three verdicts on each:
live twice, submitted once. `ATELIER_LENT=1` plays everything twice on each.
"""

import json
import os
import subprocess
from pathlib import Path

from checks.exercise import catalogue
from workshop.lab import ROOT
from workshop.prove import cases, suits

ENGINES = {"docker-20.10": "graphdriver", "docker-26.1-containerd": "containerd"}
"""Name → its image store."""
PASSES = 2 if os.environ.get("ATELIER_LENT") else 1


def test_every_case_is_right_on_every_engine(tmp_path: Path) -> None:
    running = {}
    for name in ENGINES:  # side by side
        command = [ROOT / "atelier", "eprouver", "--json", "--moteur", name]
        with (tmp_path / name).open("w") as out, (tmp_path / f"{name}.err").open("w") as err:
            running[name] = subprocess.Popen(
                [*command, "--passes", str(PASSES)], stdout=out, stderr=err
            )
    for name, process in running.items():
        code = process.wait()
        errors = (tmp_path / f"{name}.err").read_text()
        played = json.loads((tmp_path / name).read_text() or "[]")
        assert [case for case in played if not case["ok"]] == [], errors
        assert code == 0, errors
        wanted = {
            (id, case) for id in catalogue() for case in cases(id) if suits(id, case, ENGINES[name])
        }
        assert {(case["exercise"], case["case"]) for case in played} == wanted
        assert len(played) == PASSES * len(wanted)
