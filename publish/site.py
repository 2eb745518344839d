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
from checks.typography import plural
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
    return [re.sub(r"\x1b\[[0-9;]*m", "", problem).strip() for problem in found]


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
    """Files of the site, and `/progression.json`."""

    def __init__(self, lab: Lab, *arguments: Any, **options: Any) -> None:
        self.lab = lab
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer the one address that is not a file."""
        if self.path != "/progression.json":
            super().do_GET()
            return
        body = json.dumps(progression(self.lab)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
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
