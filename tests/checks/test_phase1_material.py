"""What phase 1 gives holds for every learner."""

from __future__ import annotations

from checks.identity import Identity
from checks.material import phase1 as material

LEARNERS = [Identity("x", f"{n * 0x1234567 % (1 << 32):08x}") for n in range(200)]
LEARNERS.append(Identity("x", "00000002"))


def test_the_room_is_too_large_for_one_address() -> None:
    served = [material.limit(learner).learners_served for learner in LEARNERS]
    assert max(served) < 30, "else all 30 are served, and the division answers something else"
    assert len(set(served)) > 3
