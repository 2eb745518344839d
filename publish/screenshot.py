"""Take the README's picture: the notebook in JupyterLab, with one success and one failure.

Run again at will: `.venv/bin/python -m publish.screenshot` from a prepared workshop
(Chromium is needed). It works in a workspace of its own and stops what it starts.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from workshop import jupyter, prepare
from workshop.lab import ROOT, Lab

PICTURES = ROOT / "chapters" / "assets"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--lang=fr-FR"]  # fmt: skip


def main() -> int:
    """Write `notebook.png` and `notebook-sombre.png`."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp(prefix="atelier-image-"))
    state = Path(os.environ.get("ATELIER_ETAT", ROOT / ".atelier"))
    lab = Lab(state, folder / "travail")
    (lab.private).mkdir(parents=True)
    (lab.private / "identite.json").write_text('{"pseudonyme": "camille", "id": "5ea0b0a7"}')
    os.environ["ATELIER_TRAVAIL"] = str(lab.workspace)
    browser_lab = Lab(folder / "etat", lab.workspace)
    try:
        prepare.prepare(lab, print, only=("busybox",))
        shutil.copy(lab.state / "lab.json", _folder(browser_lab.state) / "lab.json")
        address = jupyter.open_lab(browser_lab, port=None, browser=False, say=print)
        PICTURES.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM
            )
            page = browser.new_page(
                viewport={"width": 1180, "height": 1400}, device_scale_factor=1.5, locale="fr-FR"
            )
            _play(page, address)
            page.screenshot(path=PICTURES / "notebook.png")
            _darken(page, address)
            page.screenshot(path=PICTURES / "notebook-sombre.png")
            browser.close()
    finally:
        jupyter.stop(browser_lab)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _play(page: Any, address: str) -> None:
    """Solve 2.3, get 2.4 wrong, and bring both verdicts into view."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_timeout(4000)
    right = ROOT / "solutions" / "2.3.sh"
    wrong = ROOT / "tests" / "mistakes" / "2.4" / "encore-sans-nom.sh"
    # Check cells are folded: a click would unfold them, so they are reached from the one above.
    for cell, script in (("reponse-2-3", right), ("reponse-2-4", wrong)):
        _select(page, cell).locator(".cm-content").click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text("%%terminal\n" + script.read_text().strip())
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(5000)
    page.keyboard.press("Control+S")
    page.wait_for_timeout(1500)
    _show(page)


def _show(page: Any) -> None:
    _select(page, "exercice-2-3", click=False).evaluate(
        "node => node.scrollIntoView({block: 'start'})"
    )
    page.wait_for_timeout(1500)


def _select(page: Any, cell_id: str, *, click: bool = True) -> Any:
    notebook = json.loads((ROOT / "notebooks" / jupyter.FIRST_NOTEBOOK).read_text())
    index = [cell["id"] for cell in notebook["cells"]].index(cell_id)
    cell = page.locator(".jp-Notebook .jp-Cell").nth(index)
    cell.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    if click:
        cell.click(position={"x": 300, "y": 10})
    return cell


def _darken(page: Any, address: str) -> None:
    """Choose the dark theme as the settings editor does, then load the page again."""
    base, _, token = address.partition("?token=")
    host = base.split("/doc/")[0]
    page.request.put(
        f"{host}/lab/api/settings/@jupyterlab/apputils-extension:themes",
        headers={"Authorization": f"token {token}"},
        data=json.dumps({"raw": json.dumps({"theme": "JupyterLab Dark"})}),
    )
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_timeout(5000)
    _show(page)


if __name__ == "__main__":
    sys.exit(main())
