"""What the course gives each learner: images and archives made from their identity.

Everything here is a pure function of the identity (and, for images that run, of the busybox base
at hand), so a check knows what to expect without asking anybody, and a neighbour's copy shows.
`making` has the tools, `phaseN` what each phase gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.identity import Identity
from checks.material import phase1, phase2, phase2_traps, phase3, phase4, project
from checks.material.making import CourseImage

SUPPLIES = "fournitures"
_PHASES = (phase1, phase2, phase2_traps, phase3, phase4, project)

ALIASES: dict[str, str] = {
    alias: target for phase in _PHASES for alias, target in phase.ALIASES.items()
}
"""Further tags on the hub: name → the image it names."""


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """What is pushed to the hub for the learner: one list per tag, several when multi-platform."""
    return [variants for phase in _PHASES for variants in phase.registry_images(identity)]


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """The files put in the workspace's `fournitures/`: name → content."""
    files: dict[str, bytes] = {}
    for phase in _PHASES:
        files |= phase.supplies(identity, hub, base_layers)
    return files
