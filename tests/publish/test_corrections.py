"""No error of the source text survives: each has a place in a chapter that corrects it, and a wrong
idea that puts it to the test.

`corrections.csv` lists the errors (section and claim of the source); `<!-- corrige: D07 -->` in a
chapter says where one is settled.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from publish import executed
from publish.chapter import WAGERS

MARK = re.compile(r"<!-- corrige: ([^>]*?) -->")


def defects() -> dict[str, str]:
    with (Path(__file__).parent / "corrections.csv").open(newline="") as file:
        return {row["defect"]: row["claim"] for row in csv.DictReader(file)}


def places() -> dict[str, list[str]]:
    """defect → « page:line » of every text that corrects it."""
    found: dict[str, list[str]] = {}
    for path in executed.pages():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for mark in MARK.findall(line):
                for defect in mark.split():
                    found.setdefault(defect, []).append(f"{executed.name(path)}:{number}")
    return found


@pytest.mark.parametrize("defect", defects())
def test_a_defect_is_corrected_somewhere(defect: str) -> None:
    assert places().get(defect), defects()[defect]


@pytest.mark.parametrize("defect", defects())
def test_a_defect_is_put_to_the_test(defect: str) -> None:
    entries = re.split(r"(?m)^### ", (executed.CHAPTERS / WAGERS).read_text())[1:]
    assert any(defect in mark.split() for entry in entries for mark in MARK.findall(entry)), (
        f"idees-recues.md : {defects()[defect]}"
    )


def test_marks_name_defects() -> None:
    assert len(defects()) == 71
    assert set(places()) <= set(defects())


def test_a_mark_stands_beside_text() -> None:
    for path in executed.pages():
        for paragraph in re.split(r"\n\s*\n", path.read_text()):
            if MARK.search(paragraph):
                assert MARK.sub("", paragraph).strip(), f"{path.name}: {paragraph}"
