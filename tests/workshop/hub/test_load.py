"""What `benchmarks/hub.py` measures at length, for a few seconds: a crowd, and a big layer."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hub import GROWTH, Client, big_layer, crowd, memory
from checks.evidence.registry import KEY_HEADER
from tests.workshop.hub.people import quiet
from workshop.hub import registry


@pytest.fixture
def state() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    registry.stop(path)
    shutil.rmtree(path, ignore_errors=True)


def test_a_crowd_loses_nothing_and_a_big_layer_is_never_held(state: Path) -> None:
    port = int(registry.ensure(state, quiet).rpartition(":")[2])
    assert crowd(port, state, 8, 5)
    shown = {KEY_HEADER: (state / "hub" / "key").read_text()}
    assert big_layer(Client(port, shown), state, 200) < GROWTH
    assert memory(state)[1] < 256, "eight accounts, a layer of 200 MiB"
