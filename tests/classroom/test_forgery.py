"""What a learner may write on their own machine, and what it changes in the mark."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from checks.exercise import catalogue
from checks.outcome import Result, Status
from classroom.certificate import certify
from classroom.grade import grade
from classroom.submit import submit
from tests.classroom.test_submissions import edit_document, rewrite
from tests.workshop.test_cli import atelier
from workshop.journal import Journal
from workshop.lab import Lab


def test_a_journal_that_says_all_is_done_changes_no_mark(lab: Lab, tmp_path: Path) -> None:
    exercises = list(catalogue().values())
    journal = Journal(lab.private / "journal.sqlite")
    journal.record(Result(e.id, e.title, Status.PASSED, e.points, e.points) for e in exercises)
    assert journal.progress(exercises)["passed"] == len(exercises)
    path = tmp_path / "rendu.zip"
    submit(lab.evidence(), path)
    assert not any(result.passed for result in grade(path).results)
    assert certify(lab.evidence(), tmp_path, date(2026, 11, 24)).points == 0
    assert not list(tmp_path.glob("attestation*"))


def test_a_submission_copied_under_another_name_is_told(lab: Lab, tmp_path: Path) -> None:
    mine, theirs, broken = (tmp_path / name for name in ("a.zip", "b.zip", "c.zip"))
    submit(lab.evidence(), mine, ids=["1.1"])
    theirs.write_bytes(mine.read_bytes())
    rewrite(theirs, edit_document(lambda d: d["identity"].update(pseudonym="Mallory")))
    alone = atelier("corriger", str(mine))
    assert "même identifiant" not in alone.stderr
    both = atelier("corriger", "--json", str(mine), str(broken), str(theirs))
    assert "Le même identifiant, 5ea0b0a7" in both.stderr
    assert "a.zip" in both.stderr and "b.zip" in both.stderr
    reports = json.loads(both.stdout)
    assert both.returncode == 3
    assert [report["file"] for report in reports] == [str(mine), str(broken), str(theirs)]
    assert "n’existe pas" in reports[1]["problem"]
    sheets = atelier(
        "fiche", "--json", "--vers", str(tmp_path), str(mine), str(broken), str(theirs)
    )
    assert sheets.returncode == 3 and "Le même identifiant, 5ea0b0a7" in sheets.stderr
    made = [report.get("file", "") for report in json.loads(sheets.stdout)]
    assert [Path(name).name for name in made] == [
        "c.zip", "fiche-5ea0b0a7.html", "fiche-5ea0b0a7-2.html"
    ]  # fmt: skip
    assert "Mallory" in (tmp_path / "fiche-5ea0b0a7-2.html").read_text()
    assert reports[2]["identity"]["pseudonym"] == "Mallory", "what follows a broken file is graded"
