"""The certificate: from 80 % of the points, verifiable by who receives it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from html.parser import HTMLParser

import pytest

from classroom import certificate
from classroom.certificate import certify
from classroom.grade import grade
from tests.conftest import run_script
from tests.workshop.test_cli import atelier
from workshop.lab import ROOT, Lab

DAY = date(2026, 12, 1)


@pytest.fixture
def solved(lab: Lab) -> Lab:
    run_script(lab, ROOT / "solutions" / "2.1.sh")
    return lab


def test_below_the_threshold_there_is_none(solved: Lab) -> None:
    done = atelier("attestation")
    assert done.returncode == 1 and "l’attestation demande" in done.stderr
    assert not list(solved.workspace.glob("attestation.*"))
    told = json.loads(atelier("attestation", "--json").stdout)
    assert told["earned"] is False and "2.1" in told["exercises"]
    assert told["needed"] * 100 >= 80 * told["max_points"] > (told["needed"] - 1) * 100


def test_it_says_what_the_submission_beside_it_proves(
    solved: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "THRESHOLD", 1)
    solved.rename("Zoé <Œuvre> d’Été")
    made = certify(solved.evidence(), solved.workspace, DAY)
    rendu = solved.workspace / f"rendu-{solved.identity.id}.zip"
    assert made.submission == hashlib.sha256(rendu.read_bytes()).hexdigest()
    assert grade(rendu).to_json()["sha256"] == made.submission
    assert "2.1" in [result.exercise for result in made.passed]

    page = (solved.workspace / "attestation.html").read_text()
    assert made.submission in page and "1er décembre 2026" in page
    assert "Zoé &lt;Œuvre&gt; d’Été" in page and "Sauvegarder une image précise" in page
    assert "http" not in page  # nothing from elsewhere
    HTMLParser().feed(page)

    pdf = (solved.workspace / "attestation.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")


def test_who_receives_it_sees_the_same_digest(solved: Lab) -> None:
    atelier("attestation")
    rendu = next(solved.workspace.glob("rendu-*.zip"))
    digest = hashlib.sha256(rendu.read_bytes()).hexdigest()
    assert digest in atelier("corriger", str(rendu)).stdout
