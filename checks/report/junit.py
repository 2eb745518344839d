"""Results as JUnit XML (the schema that Jenkins and GitLab read)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from checks.outcome import Result, Status
from checks.report import safe


def render(results: Sequence[Result], name: str = "atelier") -> str:
    """One test case per result: failed → failure, environment and error → error, blocked →
    skipped. Times are in seconds."""
    count = [result.status for result in results].count
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(results)),
        failures=str(count(Status.FAILED)),
        errors=str(count(Status.ENVIRONMENT) + count(Status.ERROR)),
        skipped=str(count(Status.BLOCKED)),
        time=f"{sum(result.duration_ms for result in results) / 1000:.3f}",
    )
    for result in results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"phase-{result.exercise.split('.')[0]}",
            name=f"{result.exercise} {result.title}",
            time=f"{result.duration_ms / 1000:.3f}",
        )
        message = safe(result.message)
        if result.status is Status.FAILED:
            ElementTree.SubElement(case, "failure", type=str(result.mistake), message=message)
        elif result.status in (Status.ENVIRONMENT, Status.ERROR):
            ElementTree.SubElement(case, "error", type=str(result.status), message=message)
        elif result.status is Status.BLOCKED:
            ElementTree.SubElement(case, "skipped", message=message)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
