"""The hub had to change its port: what was done under its former address still counts."""

from __future__ import annotations

import pytest

from checks.evidence import Evidence
from checks.evidence.live import LiveEvidence
from checks.evidence.submitted import Recorder, SubmittedEvidence
from checks.outcome import Status
from checks.phase4 import space
from checks.runner import run_one
from tests.conftest import run_script
from workshop.lab import ROOT, Lab

NEW = "localhost:1"


def moved(lab: Lab, *former: str) -> Evidence:
    return LiveEvidence(lab.workspace, lab.identity, NEW, lab.connect, former_hubs=former)


@pytest.mark.parametrize("id", ["1.3", "2.1", "2.6"])
def test_a_solved_exercise_stays_solved(lab: Lab, id: str) -> None:
    run_script(lab, ROOT / "solutions" / f"{id}.sh")
    assert run_one(id, moved(lab)).status is Status.FAILED, "an address that is nobody's"
    recorder = Recorder(moved(lab, lab.hub))
    assert run_one(id, recorder).passed
    replayed = SubmittedEvidence(recorder.document([id]), recorder.blobs.__getitem__)
    assert run_one(id, replayed).passed


def test_the_space_written_then_is_the_one_of_today(lab: Lab) -> None:
    lab.publish_in("localhost:5019/moi")
    assert space(moved(lab, lab.hub, "localhost:5019")) == f"{NEW}/moi"
    assert space(moved(lab, lab.hub)) == "localhost:5019/moi"


def test_a_session_at_a_former_address_is_still_open(lab: Lab) -> None:
    script = "mkdir -p poste && cp fournitures/config-partagee.json poste/config.json"
    run_script(lab, script)
    result = run_one("4.4", moved(lab, lab.hub))
    assert result.mistake == "toujours-connecte"
    assert lab.hub in result.message
