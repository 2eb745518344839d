"""Personal values, and the images made from them."""

import pytest

from checks import material
from checks.identity import Identity
from checks.material import making
from checks.references import canonical, normalise

MINE, OTHER = Identity("moi", "5ea0b0a7"), Identity("autre", "0badcafe")


def test_seals_are_stable_and_personal() -> None:
    assert MINE.seal("a") == MINE.seal("a") != MINE.seal("b")
    assert MINE.seal("a") != OTHER.seal("a")


@pytest.mark.parametrize("id", ["", "5EA0B0A7", "5ea0b0a", "../../etc"])
def test_an_identity_has_one_form(id: str) -> None:
    with pytest.raises(ValueError, match="identifiant"):
        Identity("x", id)


def test_course_images_differ_from_one_learner_to_the_next() -> None:
    for mine, other in zip(
        material.registry_images(MINE), material.registry_images(OTHER), strict=True
    ):
        assert mine[0].own_diff_ids != other[0].own_diff_ids
        assert mine[0].own_diff_ids == tuple(making.digest(data) for data in mine[0].layers)


def test_supplies_are_the_same_at_every_call() -> None:
    base = [making.layer({"bin/sh": "x"})]
    assert material.supplies(MINE, "localhost:5000", base) == material.supplies(
        MINE, "localhost:5000", base
    )


@pytest.mark.parametrize(
    ("reference", "short", "whole"),
    [
        ("nginx", "nginx:latest", "docker.io/library/nginx:latest"),
        ("docker.io/library/nginx:1", "nginx:1", "docker.io/library/nginx:1"),
        ("moi/app", "moi/app:latest", "docker.io/moi/app:latest"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest", "localhost:5000/a/b:latest"),
        ("localhost/x:1", "x:1", "docker.io/library/x:1"),
        ("ghcr.io/o/x@sha256:ab", "ghcr.io/o/x@sha256:ab", "ghcr.io/o/x@sha256:ab"),
    ],
)
def test_names_are_compared_in_one_form(reference: str, short: str, whole: str) -> None:
    assert normalise(reference) == short
    assert canonical(reference) == whole
