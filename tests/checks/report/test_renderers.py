"""The renderers: golden files, the JSON schema, and nothing that a file name could inject.

`ATELIER_REECRIRE=1` writes the golden files anew.
"""

import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from checks import report
from checks.outcome import Result, Status, report_json
from checks.report import junit, notebook, safe, terminal
from checks.typography import french

GOLDEN = Path(__file__).with_name("golden")
SCHEMA = json.loads((Path(report.__file__).with_name("result.schema.json")).read_text())
PASSED = Result(
    "2.1", "Sauvegarder une image précise", Status.PASSED, 2, 2, duration_ms=12,
    facts={
        "image": "localhost:5000/cours/outil:1.2", "couches": 3, "gain": 0.5, "complète": True,
        "noms": ["a:1", "b:2"], "digest de configuration": "sha256:" + "ab" * 32,
    },
)  # fmt: skip
FAILED = Result(
    "2.3", "Une archive vraiment compressée", Status.FAILED, 0, 2,
    mistake="renommee-sans-compresser", hints_available=3, duration_ms=1203,
    message=french(
        "`atlas.tar.gz` reste un tar ordinaire : ses premiers octets le disent. Renommer un "
        "fichier ne le compresse pas."
    ),
)  # fmt: skip
BLOCKED = Result(
    "2.7", "Une somme de contrôle qui contrôle", Status.BLOCKED, 0, 2,
    message=french("Reprenez auparavant le numéro 2.3, « Une archive vraiment compressée »."),
)  # fmt: skip
ENVIRONMENT = Result(
    "2.5", "Supprimer puis restaurer", Status.ENVIRONMENT, 0, 3,
    message=french("Le moteur ne répond pas. Lancez `./atelier preparer`, puis recommencez."),
)  # fmt: skip
ERROR = Result(
    "3.1", "Photographier un conteneur", Status.ERROR, 0, 3,
    message="La vérification a échoué par notre faute.\nTraceback\n  File \"x.py\", line 1",
)  # fmt: skip
RESULTS = [PASSED, FAILED, BLOCKED, ENVIRONMENT, ERROR]
NASTY = "\x1b]0;x\x07\x1b[31m\r\x9b2J\u202egnp.\u200b<img src=x onerror=alert(1)>&\udcff\ufffe"


def same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("ATELIER_REECRIRE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_golden_json() -> None:
    text = json.dumps(report_json(RESULTS), ensure_ascii=False, indent=2)
    same_as_golden("report.json", text + "\n")


@pytest.mark.parametrize("color", [False, True])
def test_golden_terminal(color: bool) -> None:
    name = "terminal-couleur.txt" if color else "terminal.txt"
    same_as_golden(name, terminal.render(RESULTS, color=color) + "\n")


def test_golden_notebook() -> None:
    same_as_golden("notebook.html", notebook.results_html(RESULTS) + "\n")


def test_golden_junit() -> None:
    same_as_golden("junit.xml", junit.render(RESULTS))


def test_every_result_follows_the_schema() -> None:
    jsonschema.validate(report_json(RESULTS), SCHEMA)
    one = {"$ref": "#/$defs/result", "$defs": SCHEMA["$defs"]}
    for result in RESULTS:
        jsonschema.validate(result.to_json(), one)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(FAILED, mistake=None),
        replace(PASSED, mistake="x"),
        replace(BLOCKED, points=1),
        replace(PASSED, exercise="2"),
    ],
)
def test_the_schema_refuses(wrong: Result) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report_json([wrong]), SCHEMA)


def test_safe_shows_what_would_act() -> None:
    text = safe(NASTY)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\udcff\ufffe]", text)
    assert "␛[31m" in text and "<U+202E>" in text
    text.encode()  # nothing left that UTF-8 cannot hold
    harmless = "« l’été », œuf — 2,1\N{NO-BREAK SPACE}Mo\n"
    assert safe(harmless) == harmless


def nasty() -> Result:
    return replace(FAILED, message=f"`{NASTY}`", title=NASTY, facts={NASTY: NASTY})


def test_a_name_cannot_drive_the_terminal() -> None:
    text = terminal.render([nasty()], color=False)
    assert "\x1b" not in text and "\r" not in text and "\u202e" not in text
    colored = terminal.render([nasty()], color=True)
    assert re.sub(r"\x1b\[\d+m", "", colored).count("\x1b") == 0
    assert "\x1b[31m\r" not in colored


class Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PROGRESS = {
    "points": 2, "max_points": 4, "passed": 1, "total": 2,
    "exercises": [
        {"id": "2.1", "title": "Un", "passed": True, "points": 2, "max_points": 2, "attempts": 3},
        {"id": "2.2", "title": NASTY, "passed": False, "points": 0, "max_points": 2, "attempts": 1},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        notebook.results_html([*RESULTS, nasty()]),
        notebook.hint_html("2.1", 1, 3, NASTY),
        notebook.answer_html("2.2", {NASTY: [NASTY]}),
        notebook.note_html(NASTY),
        notebook.progress_html(PROGRESS),
    ],
)
def test_html_needs_no_trust(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert tags.tags <= {"div", "span", "strong", "code"}
    assert tags.attributes <= {"style"}
    for style in re.findall(r'style="([^"]*)"', page):
        for declaration in style.split(";"):
            name = declaration.partition(":")[0].strip()
            assert name in {
                "background-color",
                "border-left",
                "border-radius",
                "color",
                "display",
                "font-family",
                "font-size",
                "font-weight",
                "height",
                "line-height",
                "margin",
                "margin-left",
                "margin-right",
                "margin-top",
                "max-width",
                "opacity",
                "padding",
                "white-space",
                "width",
                "word-wrap",
            }  # what JupyterLab's sanitiser lets through


@pytest.mark.parametrize("color", [*notebook.COLORS.values(), notebook.NOTE, notebook.ANSWER])
def test_badges_can_be_read(color: str) -> None:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG contrast with white


def test_status_is_told_by_words() -> None:
    page = notebook.results_html(RESULTS)
    for word in ("réussi", "à reprendre", "bloqué", "environnement", "erreur du cours"):
        assert word in page and word in terminal.render(RESULTS, color=False)


def test_junit_tells_outcomes_apart() -> None:
    root = ET.fromstring(junit.render([*RESULTS, nasty()]))
    assert root.attrib["failures"] == "2" and root.attrib["skipped"] == "1"
    assert root.attrib["errors"] == "2" and root.attrib["tests"] == "6"
    cases = {case.attrib["name"].split()[0]: case for case in root.iter("testcase")}
    assert cases["2.7"].find("skipped") is not None
    assert cases["2.5"].find("error") is not None
    assert cases["2.1"].find("system-out") is not None
    assert {suite.attrib["name"] for suite in root.iter("testsuite")} == {"phase-2", "phase-3"}


def test_nothing_to_report() -> None:
    assert "Aucune mission" in terminal.render([], color=False)
    assert ET.fromstring(junit.render([])).attrib["tests"] == "0"
