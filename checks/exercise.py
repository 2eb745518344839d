"""What an exercise is, and the decorator that turns a small function into one."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checks.outcome import Facts
from checks.typography import french

if TYPE_CHECKING:
    from checks.evidence import Evidence

Check = Callable[["Evidence"], Facts]
THRESHOLD = 80
"""Percent of the points from which there is a certificate."""
HINTS = 3
_MODULES = (
    "checks.phase1",
    "checks.phase2",
    "checks.phase2_traps",
    "checks.phase3",
    "checks.phase4",
    "checks.project",
)
_exercises: dict[str, Exercise] = {}


@dataclass(frozen=True)
class Slip:
    """A catalogued mistake.

    `message` is a `str.format` template filled with what was observed; `hint`, when there is one,
    replaces the exercise's first hint for a learner who is making this very mistake.
    """

    message: str
    hint: str = ""


@dataclass(frozen=True)
class Makes:
    """What doing an exercise leaves behind, so that it can be undone.

    `files` are glob patterns in the workspace; `images` are references (`{hub}` stands for the
    hub's address); `containers` and `volumes` are names. `hub` are repositories or tags of the
    hub (`cours/maree:1`): put back as the course published them, or taken off.
    """

    files: Sequence[str] = ()
    images: Sequence[str] = ()
    containers: Sequence[str] = ()
    volumes: Sequence[str] = ()
    hub: Sequence[str] = ()


@dataclass(frozen=True)
class Exercise:
    """One exercise: `id` is `phase.number`, `goal` is the sentence the learner reads."""

    id: str
    title: str
    goal: str
    points: int
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    mistakes: Mapping[str, Slip]
    makes: Makes
    check: Check = field(compare=False)

    @property
    def phase(self) -> int:
        """The phase the exercise belongs to, 1 to 4; 5 is the final project."""
        return int(self.id.split(".")[0])

    def hints_for(self, mistake: str | None) -> tuple[str, ...]:
        """The graded hints, the first one chosen from the mistake last observed."""
        slip = self.mistakes.get(mistake or "")
        return (slip.hint, *self.hints[1:]) if slip and slip.hint else self.hints


def exercise(
    id: str,
    title: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    hints: Sequence[str],
    mistakes: Mapping[str, Slip],
    makes: Makes,
) -> Callable[[Check], Check]:
    """Register the decorated function as the check of exercise `id`.

    Its docstring is the goal shown to the learner. Raises `ValueError` on a second use of `id`,
    a missing docstring or a wrong number of hints.
    """

    def register(check: Check) -> Check:
        goal = inspect.getdoc(check)
        if id in _exercises or not goal or len(hints) != HINTS:
            raise ValueError(f"exercise {id}: repeated id, no docstring, or not {HINTS} hints")
        _exercises[id] = Exercise(
            id=id,
            title=french(title),
            goal=french(" ".join(goal.split())),
            points=points,
            needs=tuple(needs),
            hints=tuple(french(hint) for hint in hints),
            mistakes={name: Slip(s.message, french(s.hint)) for name, s in mistakes.items()},
            makes=makes,
            check=check,
        )
        return check

    return register


def order(id: str) -> tuple[int, ...]:
    """Sort key: « 2.10 » comes after « 2.9 »."""
    return tuple(int(part) for part in id.split("."))


def named(word: str) -> list[str]:
    """The ids that a person's word names: « 2.7 », « 2,7 », « phase-2 », « 2 »; else none."""
    word = word.strip().lower().replace(",", ".")
    phase = re.fullmatch(r"(?:phase)?[ -]?(\d+)", word)
    exercises = catalogue()
    if phase:
        return [id for id, exercise in exercises.items() if str(exercise.phase) == phase[1]]
    return [word] if word in exercises else []


def catalogue() -> dict[str, Exercise]:
    """Every exercise of the course by id, in order."""
    for module in _MODULES:
        importlib.import_module(module)
    return {id: _exercises[id] for id in sorted(_exercises, key=order)}
