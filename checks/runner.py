"""Runs checks in dependency order, each within a time limit, and says what came of them."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from checks.evidence import Evidence
from checks.exercise import Exercise, catalogue, order
from checks.outcome import EnvironmentProblem, Facts, Mistake, Result, Status
from checks.typography import french

TIME_LIMIT = 60.0
"""Seconds that one check may take."""


def closure(ids: Iterable[str]) -> list[str]:
    """`ids` and all they need, needed ones first."""
    exercises = catalogue()
    seen: dict[str, None] = {}

    def visit(id: str) -> None:
        for need in exercises[id].needs:
            visit(need)
        seen.setdefault(id)

    for id in sorted(ids, key=order):
        visit(id)
    return list(seen)


def run(
    ids: Iterable[str], evidence: Evidence, *, time_limit: float = TIME_LIMIT
) -> Iterator[Result]:
    """Check `ids` against `evidence`; yields one result for each, in catalogue order.

    What an exercise needs is checked too, but only reported when asked for.
    """
    wanted = set(ids)
    exercises = catalogue()
    results: dict[str, Result] = {}
    for id in closure(wanted):
        exercise = exercises[id]
        missing = [need for need in exercise.needs if not results[need].passed]
        if missing:
            first = results[missing[0]]
            # An engine that is down blocks nobody: it is still the environment's doing.
            status = Status.BLOCKED if first.status is Status.FAILED else first.status
            message = (
                f"Réussissez d'abord la mission {first.exercise}, « {first.title} »."
                if status in (Status.FAILED, Status.BLOCKED)
                else first.message
            )
            results[id] = _result(exercise, status, message=message)
        else:
            results[id] = _timed(exercise, evidence, time_limit)
    yield from (results[id] for id in sorted(wanted, key=order))


def run_one(id: str, evidence: Evidence) -> Result:
    """Check one exercise."""
    return next(run([id], evidence))


def _timed(exercise: Exercise, evidence: Evidence, time_limit: float) -> Result:
    start = time.perf_counter()
    outcome: list[Result] = []
    worker = threading.Thread(
        target=lambda: outcome.append(_verdict(exercise, lambda: exercise.check(evidence))),
        name=f"check-{exercise.id}",
        daemon=True,
    )
    worker.start()
    worker.join(time_limit)
    if not outcome:
        outcome.append(
            _result(
                exercise,
                Status.ENVIRONMENT,
                message=f"La vérification n'a pas fini en {time_limit:.0f} secondes. Le moteur "
                "répond-il encore ? `./atelier etat` le dit.",
            )
        )
    return replace(outcome[0], duration_ms=round((time.perf_counter() - start) * 1000))


def _verdict(exercise: Exercise, check: Callable[[], Facts]) -> Result:
    try:
        return replace(_result(exercise, Status.PASSED, points=exercise.points), facts=check())
    except Mistake as mistake:
        try:
            message = exercise.mistakes[mistake.name].message.format(**mistake.observed)
        except (LookupError, ValueError) as error:
            return _bug(exercise, f"mistake {mistake.name!r} cannot be told: {error!r}")
        result = _result(exercise, Status.FAILED, message=message)
        return replace(result, mistake=mistake.name, hints_available=len(exercise.hints))
    except EnvironmentProblem as problem:
        return _result(exercise, Status.ENVIRONMENT, message=str(problem))
    except Exception:
        return _bug(exercise, traceback.format_exc(limit=-3))


def _bug(exercise: Exercise, details: str) -> Result:
    message = (
        f"La vérification de la mission {exercise.id} a échoué par notre faute : vous ne perdez "
        "aucun point. Signalez-le aux auteurs en joignant ces lignes :\n" + details.strip()
    )
    return _result(exercise, Status.ERROR, message=message)


def _result(exercise: Exercise, status: Status, *, points: int = 0, message: str = "") -> Result:
    return Result(
        exercise=exercise.id,
        title=exercise.title,
        status=status,
        points=points,
        max_points=exercise.points,
        message=french(message),
    )
