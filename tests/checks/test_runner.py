"""The runner: five outcomes, dependency order, time limits."""

import time
from typing import Any

import pytest

from checks import exercise as exercise_module
from checks.evidence import Evidence
from checks.exercise import Makes, Slip, exercise
from checks.outcome import EnvironmentProblem, Facts, Mistake, Status
from checks.runner import closure, run, run_one

HINTS = ["où ?", "quoi ?", "comment ?"]


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of this file's own exercises."""
    monkeypatch.setattr(exercise_module, "_exercises", {})
    monkeypatch.setattr(exercise_module, "_MODULES", ())


def add(id: str, body: Any, needs: tuple[str, ...] = ()) -> None:
    def check(evidence: Evidence) -> Facts:
        """Le but."""
        return body()

    exercise(
        id, f"Titre {id}", points=2, needs=needs, hints=HINTS, makes=Makes(),
        mistakes={"faute": Slip("`{name}` n'est pas bon : {found}", "Regardez `{name}`.")},
    )(check)  # fmt: skip


def fail() -> Facts:
    raise Mistake("faute", name="a.tar", found="x")


def down() -> Facts:
    raise EnvironmentProblem("Le moteur ne répond pas.")


def bug() -> Facts:
    raise KeyError("Env")


NOTHING: Any = None


def test_passed_gives_the_points_and_the_facts() -> None:
    add("1.1", lambda: {"image": "a:1"})
    result = run_one("1.1", NOTHING)
    assert (result.status, result.points, result.facts) == (Status.PASSED, 2, {"image": "a:1"})


def test_failed_names_the_mistake_and_says_what_was_seen() -> None:
    add("1.1", fail)
    result = run_one("1.1", NOTHING)
    assert (result.status, result.mistake, result.points) == (Status.FAILED, "faute", 0)
    assert result.message == "`a.tar` n’est pas bon\u00a0: x"
    assert result.hints_available == 3


def test_environment_and_bug_are_nobody_s_mistake() -> None:
    add("1.1", down)
    add("1.2", bug)
    first, second = run(["1.1", "1.2"], NOTHING)
    assert (first.status, first.mistake) == (Status.ENVIRONMENT, None)
    assert second.status is Status.ERROR
    assert "KeyError" in second.message and "aucun point" in second.message


def test_a_mistake_that_cannot_be_told_is_our_bug_not_a_slow_engine() -> None:
    def forgetful() -> Facts:
        raise Mistake("faute", name="a.tar")

    add("1.1", forgetful)
    result = run_one("1.1", NOTHING)
    assert result.status is Status.ERROR
    assert "found" in result.message


def test_an_uncatalogued_mistake_is_our_bug() -> None:
    def unknown() -> Facts:
        raise Mistake("inconnue")

    add("1.1", unknown)
    assert run_one("1.1", NOTHING).status is Status.ERROR


def test_blocked_names_what_to_do_first() -> None:
    add("1.1", fail)
    add("1.2", lambda: {}, needs=("1.1",))
    add("1.3", lambda: {}, needs=("1.2",))
    second, third = run(["1.2", "1.3"], NOTHING)
    assert second.status is third.status is Status.BLOCKED
    assert "1.1" in second.message and "1.2" in third.message


def test_a_broken_environment_does_not_block() -> None:
    add("1.1", down)
    add("1.2", lambda: {}, needs=("1.1",))
    assert run_one("1.2", NOTHING).status is Status.ENVIRONMENT


def test_a_check_that_never_ends_is_stopped() -> None:
    add("1.1", lambda: time.sleep(30) or {})
    (result,) = run(["1.1"], NOTHING, time_limit=0.2)
    assert result.status is Status.ENVIRONMENT
    assert "fini" in result.message


def test_needed_ones_come_first_and_tenth_comes_after_ninth() -> None:
    for id in ("1.9", "1.10"):
        add(id, lambda: {})
    add("1.2", lambda: {}, needs=("1.10",))
    assert closure(["1.2", "1.9"]) == ["1.10", "1.2", "1.9"]
    assert [result.exercise for result in run(["1.10", "1.9", "1.2"], NOTHING)] == [
        "1.2",
        "1.9",
        "1.10",
    ]


def test_the_hint_is_chosen_from_what_was_observed() -> None:
    add("1.1", fail)
    known = exercise_module.catalogue()["1.1"]
    assert known.hints_for("faute")[0] == "Regardez `{name}`."
    assert known.hints_for(None) == known.hints_for("autre") == known.hints
