"""`./atelier site`: refresh the outputs of chapters, build the site, print it, serve it."""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from checks.outcome import EnvironmentProblem, reason
from checks.typography import french, plural
from workshop.lab import ROOT, Lab

SITE = ROOT / "site"


def run(lab: Lab, options: argparse.Namespace, say: Callable[[str], None]) -> bool:
    """Do what the command line asks; returns whether all is well."""
    if options.actualiser is not None and not actualise(lab, options.actualiser, say):
        return False
    problems = build(SITE)
    for problem in problems:
        say(problem)
    if problems:
        return False
    say(f"Le site est dans {SITE}/ : ouvrez {SITE / 'index.html'}, même sans réseau.")
    if options.pdf is not None:
        from publish import booklet

        target = Path(options.pdf) if options.pdf else SITE / booklet.NAME
        say("Impression du cours (une minute)…")
        count = booklet.write(SITE, target)
        say(f"Le cours entier, sommaire et réponses compris, est dans {target} : {count} pages.")
    if options.servir:
        serve(lab, options.port, say)
    return True


def build(folder: Path) -> list[str]:
    """Build the site into `folder`; returns what is wrong with it, nothing when all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    found = re.findall(
        r"(?m)^(?:WARNING|ERROR) +-  (.*(?:\n(?!INFO|WARNING|ERROR).*)*)", done.stderr
    )
    if done.returncode and not found:
        found = [done.stderr.strip()]
    return [_told(re.sub(r"\x1b\[[0-9;]*m", "", problem).strip()) for problem in found]


_LINK = re.compile(r"Doc file '([^']+)' contains an? (?:[a-z ]+ )?link '([^']*)'")


def _told(problem: str) -> str:
    """A broken link said in French, with file and line; other problems as they are."""
    from publish import pages

    if match := re.match(r"notebooks/([\w-]+)\.md:\d+: (l’exercice ([\d.]+) .*)", problem):
        path = pages.NOTEBOOKS / f"{match[1]}.ipynb"
        return f"{path.name}:{pages.line_with(path, f'exercice:{match[3]}')}: {match[2]}"
    match = _LINK.match(problem)
    if match is None:
        return problem
    path, link = ROOT / "chapters" / match[1], match[2]
    written = [f"({link}", link]
    if match[1].startswith("notebooks/"):
        path = pages.NOTEBOOKS / Path(match[1]).with_suffix(".ipynb").name
        written.insert(0, f"({link.replace('.md', '.ipynb')}")
    line = next((n for n in (pages.line_with(path, words) for words in written) if n > 1), 1)
    return french(f"{path.name if path.suffix == '.ipynb' else match[1]}:{line}: "
                  f"ce lien ne mène nulle part : « {link} ».")  # fmt: skip


def serve(lab: Lab, port: int, say: Callable[[str], None]) -> None:
    """Show the site on this machine, with the learner's own progress, until Ctrl+C.

    Raises `EnvironmentProblem` when the port is taken.
    """
    handler = functools.partial(_Handler, lab, directory=str(SITE))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise EnvironmentProblem(
            f"Le port {port} ne peut pas servir ({reason(error)}). Essayez `--port`."
        ) from error
    say(f"http://localhost:{server.server_port}/ (Ctrl+C pour arrêter)")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def progression(lab: Lab) -> dict[str, list[str]]:
    """What the site asks of the workshop: the exercises that have passed."""
    from workshop.journal import Journal

    return {"missions": sorted(Journal(lab.private / "journal.sqlite").passed())}


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the site, and `/progression.json`, which marked pages ask for."""

    def __init__(self, lab: Lab, *arguments: Any, **options: Any) -> None:
        self.lab = lab
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer the one address that is not a file."""
        if self.path != "/progression.json":
            super().do_GET()
            return
        self._answer(200, "application/json", json.dumps(progression(self.lab)).encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say that there is no such page as the published site does."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            super().send_error(code, message, explain)
            return
        self._answer(404, "text/html; charset=utf-8", page.read_bytes())

    def end_headers(self) -> None:
        """Mark what is served: a header that scripts can read."""
        self.send_header("Server-Timing", "atelier")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def _answer(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of each request."""


def actualise(lab: Lab, names: Sequence[str], say: Callable[[str], None]) -> bool:
    """Run the blocks of pages and write what they print; a page that fails is said and skipped."""
    from publish import executed, prose
    from publish.markdown import PageError

    wrong = changed = 0
    with executed.workshop(lab.state / "redaction", say) as own:
        for path in executed.pages(names):
            page = executed.name(path)
            try:
                ran = executed.run_page(own, path, say)
                before = path.read_text()
                after = prose.typography(executed.refreshed(before, page, ran), page)
            except PageError as problem:
                say(str(problem))
                wrong += 1
                continue
            if after != before:
                path.write_text(after)
                changed += 1
                say(f"{page} : mise à jour.")
    say(f"{plural(changed, 'page')} à relire (`git diff chapters`).")
    return not wrong
