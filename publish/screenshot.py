"""Take the pictures of the notebook in JupyterLab: `python -m publish.screenshot ADRESSE`.

ADRESSE is what `./atelier ouvrir --sans-navigateur` printed. The notebook that is shown is made
for the picture, in the workspace, and removed afterwards: one success, one failure. Needs
Chromium and the learner's images (`./atelier preparer`).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, TimeoutError, sync_playwright

from workshop.lab import ROOT, Lab

NAME = "la-boreale.ipynb"
MISTAKE = 'docker pull -q "$HUB/cours/atlas:1"\ndocker save -o atlas.tar.gz "$HUB/cours/atlas:1"'
SIZE = {"width": 1280, "height": 1190}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main(address: str) -> None:
    """Write `chapters/assets/notebook.png` and its dark twin."""
    path = Lab.current().workspace / NAME
    path.write_text(json.dumps(_story(), ensure_ascii=False))
    parts = urlsplit(address)
    page_address = f"{parts.scheme}://{parts.netloc}/doc/tree/{NAME}?{parts.query}&reset"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            page = browser.new_page(viewport=SIZE, locale="fr-FR", device_scale_factor=1.5)  # type: ignore[arg-type]
            for scheme, suffix in (("light", ""), ("dark", "-sombre")):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                _open_and_run(page, page_address)
                page.screenshot(path=ROOT / "chapters" / "assets" / f"notebook{suffix}.png")
            browser.close()
    finally:
        path.unlink(missing_ok=True)


def _story() -> dict[str, Any]:
    """A short notebook: a mission that succeeds, then one that is to be taken up again."""
    path = ROOT / "notebooks" / "phase-2-save-load.ipynb"
    course: dict[str, Any] = json.loads(path.read_text())
    cells = {cell["id"]: cell for cell in course["cells"]}
    success = (ROOT / "solutions" / "2.1.sh").read_text().replace("docker pull", "docker pull -q")
    title = cells["titre"] | {"source": cells["titre"]["source"][:1]}
    right = cells["travail-2-1"] | {"source": "%%terminal\n" + success.strip()}
    wrong = cells["travail-2-3"] | {"source": "%%terminal\n" + MISTAKE}
    shown = [
        title, cells["ouverture"],
        cells["mission-2-1"], right, cells["verification-2-1"],
        cells["mission-2-3"], wrong, cells["verification-2-3"],
    ]  # fmt: skip
    return course | {"cells": shown}


def _open_and_run(page: Page, address: str) -> None:
    """Run the whole notebook; JupyterLab may not hear the first request while it settles."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector(".jp-NotebookPanel [data-status=idle]")
    failed = page.get_by_text("à reprendre")
    for _ in range(5):
        page.get_by_text("Exécution", exact=True).click()
        page.get_by_text("Exécuter toutes les cellules", exact=True).click()
        with contextlib.suppress(TimeoutError):
            failed.wait_for(timeout=15_000)
            break
    page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main(sys.argv[1])
