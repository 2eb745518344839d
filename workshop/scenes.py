"""Scenes: what happens around the learner while they do an exercise.

A scene may be played twice; `reinitialiser` undoes it, for the exercise says what it touches.
"""

from __future__ import annotations

from collections.abc import Callable

from checks.material import phase1
from workshop.lab import Lab


def play(lab: Lab, exercise: str) -> str:
    """Play the scene of `exercise` and return what happened, in French.

    Raises `KeyError` when it has none, `EnvironmentProblem` when the hub does not answer.
    """
    return SCENES[exercise](lab)


def _tide(lab: Lab) -> str:
    from workshop import images
    from workshop.hub import registry

    image = phase1.maree(lab.identity, moved=True).built(images.busybox_layers(lab.state))
    registry.push(lab.hub, [image.name], [image])
    return f"Le service des marées vient de publier une édition corrigée de {lab.hub}/{image.name}."


SCENES: dict[str, Callable[[Lab], str]] = {"1.8": _tide}
