"""The built site."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish import site


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The site, built once, and what the strict build complains of."""
    folder = tmp_path_factory.mktemp("site")
    problems = site.build(folder)
    assert (folder / "index.html").exists(), problems
    return folder, problems
