"""The feedback sheet of the final project, from results alone."""

from __future__ import annotations

from checks.exercise import catalogue
from checks.identity import Identity
from checks.outcome import Result, Status
from checks.typography import french
from classroom.sheet import Sheet, criteria, sheet, to_html, to_text

SOMEBODY = Identity("Zoé <script>", "0badcafe")


def result(id: str, status: Status, **more: object) -> Result:
    exercise = catalogue()[id]
    points = exercise.points if status is Status.PASSED else 0
    return Result(id, exercise.title, status, points, exercise.points, **more)  # type: ignore[arg-type]


def made(*statuses: Status) -> Sheet:
    return sheet(
        SOMEBODY,
        [
            result(id, status, facts={"digest": "sha256:1"}, message="`x` manque.", mistake=None)
            for id, status in zip(criteria(), statuses, strict=True)
        ],
    )


def test_the_project_is_worth_twenty_points_in_five_criteria() -> None:
    whole = made(*[Status.PASSED] * 5)
    assert (whole.points, whole.max_points) == (20, 20)
    assert whole.verdict.startswith("Livraison acceptée")


def test_what_is_missing_comes_first_and_points_add_up() -> None:
    some = made(Status.PASSED, Status.FAILED, Status.BLOCKED, Status.BLOCKED, Status.BLOCKED)
    assert some.points == 4
    assert "1 critère prouvé sur 5" in some.verdict and "par 5.2" in some.verdict
    text = to_text(some)
    mend = french("à reprendre : ")
    assert mend + catalogue()["5.2"].hints[0] in text
    assert text.count(mend) == 1, "a blocked criterion has nothing to mend yet"


def test_the_environment_costs_nothing_and_says_so() -> None:
    stopped = made(Status.PASSED, *[Status.ENVIRONMENT] * 4)
    assert stopped.verdict.startswith("Livraison non jugée")


def test_other_exercises_stay_out_and_nothing_escapes_into_the_page() -> None:
    results = [result("1.1", Status.PASSED), *made(*[Status.FAILED] * 5).results]
    page = to_html(sheet(SOMEBODY, results, "ab" * 32))
    assert "<script>" not in page and "Zoé &lt;script&gt;" in page
    assert page.count("<section") == 5 and "<code>x</code> manque" in page and "ab" * 32 in page
