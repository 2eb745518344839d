"""The built site, and a browser that only ever reads files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from publish import site
from publish.screenshot import ARGUMENTS


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The site, built once, and what the strict build complains of."""
    folder = tmp_path_factory.mktemp("site")
    problems = site.build(folder)
    assert (folder / "index.html").exists(), problems
    return folder, problems


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield chromium
        chromium.close()
