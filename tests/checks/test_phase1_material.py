"""What phase 1 gives is coherent for every learner, and tells one mistake from another."""

from __future__ import annotations

import json

import pytest

from checks.identity import Identity
from checks.material import phase1
from checks.material.making import digest

LEARNERS = [Identity("x", f"{n * 0x1234567 % (1 << 32):08x}") for n in range(200)]
LEARNERS.append(Identity("x", "00000002"))
BASE = (b"base layer",)


def test_the_room_is_too_large_for_one_address() -> None:
    served = [phase1.limit(learner).learners_served for learner in LEARNERS]
    assert max(served) < 30, "else all 30 are served, and the division answers something else"
    assert len(set(served)) > 3


@pytest.mark.parametrize("learner", LEARNERS[:60], ids=lambda learner: learner.id)
def test_two_instruments_share_what_is_under_their_settings(learner: Identity) -> None:
    first, second = (
        phase1.instrument(learner, title).built(BASE) for title in (phase1.FIRST, phase1.SECOND)
    )
    configs = [json.loads(image.config_blob) for image in (first, second)]
    one, other = (config["rootfs"]["diff_ids"] for config in configs)
    shared = sum(a == b for a, b in zip(one, other, strict=False))
    assert one[:shared] == other[:shared] and not set(one[shared:]) & set(other[shared:])
    assert shared == 1 + phase1.instrument_layers(learner, phase1.FIRST)[0]
    assert one[0] == digest(BASE[0]) and len(set(one)) == len(one)
    for config, image in zip(configs, (first, second), strict=True):
        steps = [step for step in config["history"] if not step.get("empty_layer")]
        assert len(steps) == len(image.all_layers) == len(config["rootfs"]["diff_ids"])
        assert steps[shared]["created_by"] == phase1.TWIN
        words = [step["created_by"] for step in config["history"]]
        assert words.count("ENV TZ=UTC") == 2
    # Alike, but for what they say.
    twins = [image.all_layers[shared] for image in (first, second)]
    assert len(twins[0]) == len(twins[1]) and twins[0] != twins[1]
    # What each mistake would answer is no other's answer, nor the right one.
    a, b = len(one), len(other)
    assert len({shared, shared + 1, 0, 1, *_common_lines(configs)}) == 6
    assert len({b, b - shared, shared}) == 3 and a != b
    assert len({a + b, a + b - shared}) == 2
    assert all(len(config["history"]) > len(config["rootfs"]["diff_ids"]) for config in configs)


def _common_lines(configs: list[dict[str, list[dict[str, str]]]]) -> tuple[int, int]:
    lines = [[step["created_by"] for step in config["history"]] for config in configs]
    told = next(n for n, (a, b) in enumerate(zip(*lines, strict=False)) if a != b)
    return told, told - 1


def test_instruments_are_not_the_same_for_all() -> None:
    shapes = {
        tuple(phase1.instrument_layers(learner, title) for title in (phase1.FIRST, phase1.SECOND))
        for learner in LEARNERS
    }
    assert len(shapes) == 8
