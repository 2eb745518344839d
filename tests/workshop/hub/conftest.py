"""One hub for all the tests that leave it as they found it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.hub.people import IMAGE, Hub
from workshop.hub import registry


@pytest.fixture(scope="session")
def hub() -> Iterator[Hub]:
    """A running hub with the accounts of `people`."""
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    try:
        hub = Hub(state)
        registry.push(hub.address, ["cours/public:1", "library/nginx:1.31"], [IMAGE])
        yield hub
    finally:
        registry.stop(state)
        shutil.rmtree(state, ignore_errors=True)
