"""Lighthouse (https://github.com/GoogleChrome/lighthouse) on pages served compressed, as hosts do.

Speed is not asserted here: `benchmarks/site.py` measures it, on a machine that does nothing else.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from publish.screenshot import ARGUMENTS
from tests.publish.test_quality import CACHE, install
from tests.publish.test_site import NOTEBOOK, Built, served

LIGHTHOUSE = "lighthouse@12.8.2"
PAGES = ("index.html", "2-save-load.html", f"notebooks/{NOTEBOOK}")
PERFECT = ("accessibility", "best-practices")

pytestmark = [
    pytest.mark.skipif(not shutil.which("npm"), reason="needs node and npm"),
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium"),
]


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Files, compressed where a host would."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(urlsplit(self.path).path))
        if path.suffix not in (".html", ".css", ".js", ".json", ".svg") or not path.is_file():
            super().do_GET()
            return
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of each request."""


def program() -> Path:
    """Lighthouse, downloaded once."""
    folder = CACHE / LIGHTHOUSE
    if not folder.exists():
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix"]
        install(folder, lambda part: [*npm, str(part), LIGHTHOUSE])
    return folder / "node_modules" / "lighthouse" / "cli" / "index.js"


def scores(address: str, *categories: str) -> dict[str, float]:
    """What Lighthouse gives a page, from 0 to 100, and what it holds against it."""
    flags = " ".join(["--headless=new", *ARGUMENTS])
    done = subprocess.run(
        ["node", str(program()), address, "--output=json", "--quiet", f"--chrome-flags={flags}",
         f"--only-categories={','.join(categories)}"],
        env=os.environ | {"CHROME_PATH": str(shutil.which("chromium"))},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    for name in categories:
        for audit in report["categories"][name]["auditRefs"]:
            found = report["audits"][audit["id"]]
            if audit["weight"] and found["score"] is not None and found["score"] < 0.9:
                print(f"{address}: {name}: {found['title']} {found.get('displayValue', '')}")
    return {name: 100 * report["categories"][name]["score"] for name in categories}


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    with served(functools.partial(Compressing, directory=str(built[0]))) as address:
        yield address


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_held_against_a_page(address: str, page: str) -> None:
    assert scores(f"{address}/{page}", *PERFECT) == dict.fromkeys(PERFECT, 100)
