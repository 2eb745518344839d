"""Results as a JUnit XML report, the one that CI servers read (testsuites, testsuite, testcase)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from checks.outcome import Result, Status
from checks.report.text import WORDS, facts, safe

_ELEMENTS = {
    Status.FAILED: "failure",
    Status.BLOCKED: "skipped",
    Status.ENVIRONMENT: "error",
    Status.ERROR: "error",
}


def render(results: Sequence[Result]) -> str:
    """One suite for each phase, one case for each result."""
    root = ET.Element("testsuites", {"name": "atelier", **_counts(results)})
    for phase, group in groupby(results, key=lambda result: result.exercise.partition(".")[0]):
        cases = list(group)
        suite = ET.SubElement(root, "testsuite", {"name": f"phase-{phase}", **_counts(cases)})
        for result in cases:
            _add_case(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    found = [_ELEMENTS.get(result.status) for result in results]
    return {
        "tests": str(len(results)),
        "failures": str(found.count("failure")),
        "errors": str(found.count("error")),
        "skipped": str(found.count("skipped")),
        "time": _seconds(sum(result.duration_ms for result in results)),
    }


def _add_case(suite: ET.Element, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"phase-{result.exercise.partition('.')[0]}",
        name=f"{result.exercise} {safe(result.title)}",
        time=_seconds(result.duration_ms),
    )
    if element := _ELEMENTS.get(result.status):
        message = safe(result.message)
        first = message.partition("\n")[0]
        kind = result.mistake or WORDS[result.status]
        ET.SubElement(case, element, message=first, type=kind).text = message
    if result.facts:
        lines = [f"{key} : {value}" for key, value in facts(result.facts)]
        ET.SubElement(case, "system-out").text = "\n".join(lines)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
