"""What the learner is given for phase 3."""

from __future__ import annotations

from collections.abc import Sequence

from checks.identity import Identity
from checks.material.making import CourseImage

ALIASES: dict[str, str] = {}


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    return []


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    return {}
