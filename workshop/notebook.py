"""The notebook side (`%load_ext workshop.notebook`): `%%terminal`, `verifier`, `indice`,
`progression` and `reponse`."""

from __future__ import annotations

import codecs
import difflib
import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from checks.answers import answer_file
from checks.exercise import catalogue
from checks.outcome import EnvironmentProblem, Status
from checks.report import notebook as cards
from checks.report import safe, terminal
from checks.runner import run
from checks.typography import french
from workshop.journal import Journal, next_hint
from workshop.lab import Lab, write_atomically

if TYPE_CHECKING:
    from checks.evidence.live import LiveEvidence

SILENCE = 3.0
"""Seconds without output after which a running command says that it still runs."""


class Card:
    """Something to show: HTML in a notebook, plain text elsewhere."""

    def __init__(self, html: str, text: str) -> None:
        self._html = html
        self._text = french(text)

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def verifier(*ids: str) -> Card:
    """Check exercises (those of every phase when none is named) and show the verdicts."""
    if problem := _unknown(*ids):
        return problem
    try:
        lab = Lab.current()
        results = list(run(ids or catalogue(), _evidence(lab)))
    except EnvironmentProblem as problem:
        return _note(str(problem))
    journal = _journal(lab)
    notes = []
    try:
        journal.record(results)
    except EnvironmentProblem as problem:
        notes.append(str(problem))
    if journal.notice:
        notes.append(journal.notice)
    html = [*map(cards.html, results), *map(cards.note_html, notes)]
    if any(r.status is Status.ENVIRONMENT for r in results):
        _forget()  # the engine may have moved: look for it again next time
    return Card("".join(html), "\n".join([terminal.render(results, color=False), *notes]))


def indice(id: str) -> Card:
    """Show the next hint of an exercise, chosen from the last mistake observed."""
    if problem := _unknown(id):
        return problem
    exercise = catalogue()[id]
    try:
        level, text = next_hint(_journal(Lab.current()), exercise)
    except EnvironmentProblem as problem:
        return _note(str(problem))
    count = len(exercise.hints)
    return Card(cards.hint_html(level, count, text), f"Indice {level} sur {count} : {text}")


def progression() -> Card:
    """Show what has been proven so far."""
    progress = _journal(Lab.current()).progress(list(catalogue().values()))
    rows, points, best = progress["exercises"], progress["points"], progress["max_points"]
    text = "\n".join(
        f"{'✔' if row['passed'] else '·'} {row['id']:<5} {row['title']}  "
        f"{row['points']}/{row['max_points']}"
        for row in rows
    )
    html = cards.progress_html(rows, points, best)
    return Card(html, f"{text}\n{points} points sur {best}")


def reponse(id: str, **fields: Any) -> Card:
    """Note the answer to an exercise; it can be given again as often as one likes."""
    if problem := _unknown(id):
        return problem
    if not fields:
        return _note(f'Donnez au moins un champ : `reponse("{id}", champ=valeur)`.')
    try:
        text = json.dumps(fields, ensure_ascii=False, indent=1, sort_keys=True)
    except (TypeError, ValueError):
        return _note(
            "Une réponse se compose de textes, de nombres, de listes et de dictionnaires : l'une "
            "des valeurs est d'un autre type."
        )
    lab = Lab.current()
    path = lab.workspace / answer_file(id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except OSError as error:
        return _note(f"La réponse n'a pas pu être écrite dans {path} ({error.strerror}).")
    given = ", ".join(f"`{name}`" for name in fields)
    return _note(f"Réponse notée ({given}). Vérifiez-la avec la cellule suivante.")


def run_terminal(line: str, cell: str) -> None:
    """`%%terminal`: run the cell with bash in the workspace, in the workshop's environment."""
    lab = Lab.current()
    try:
        lab.workspace.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            ["bash", "-c", cell], cwd=lab.workspace, env=lab.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        print(french(f"⛔ La commande n'a pas pu démarrer : {error.strerror}."))
        return
    try:
        _stream(process)
        code = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        print("\n⛔ Commande interrompue.")
        return
    if code:
        how = f"avec le code {code}" if code > 0 else f"par le signal {-code}"
        print(f"⛔ La commande s'est terminée {how}.")


def _stream(process: subprocess.Popen[bytes]) -> None:
    """Print what comes as it comes; a long silence is filled by a line that leaves no trace."""
    assert process.stdout is not None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    started = last = time.monotonic()
    shown, waiting = "", False
    descriptor = process.stdout.fileno()
    while True:
        ready, _, _ = select.select([descriptor], [], [], 1.0)
        if not ready:
            if time.monotonic() - last > SILENCE:
                waiting = True
                elapsed = round(time.monotonic() - started)
                _replace(f"{shown}⏳ toujours en cours… {elapsed} s")
            continue
        chunk = os.read(descriptor, 65536)
        text = decoder.decode(chunk, final=not chunk)
        if waiting and (text or not chunk):
            _replace(shown)
            waiting = False
        sys.stdout.write(text)
        sys.stdout.flush()
        if not chunk:
            return
        shown, last = shown + text, time.monotonic()


def _replace(text: str) -> None:
    from IPython.display import clear_output

    clear_output(wait=True)  # type: ignore[no-untyped-call]
    sys.stdout.write(text)
    sys.stdout.flush()


def load_ipython_extension(ipython: Any) -> None:
    """Give the notebook its words."""
    ipython.register_magic_function(run_terminal, "cell", "terminal")
    ipython.push(
        {
            "verifier": verifier,
            "indice": indice,
            "progression": progression,
            "reponse": reponse,
        }
    )


_live: LiveEvidence | None = None


def _evidence(lab: Lab) -> LiveEvidence:
    """Evidence kept from one call to the next: opening an engine costs more than asking it."""
    global _live
    if _live is None:
        _live = lab.evidence()
    return _live


def _forget() -> None:
    global _live
    _live = None


def _journal(lab: Lab) -> Journal:
    return Journal(lab.private / "journal.sqlite")


def _unknown(*ids: str) -> Card | None:
    for id in ids:
        if id not in catalogue():
            near = difflib.get_close_matches(str(id), catalogue(), n=1, cutoff=0.4)
            hint = f" Vouliez-vous dire `{near[0]}` ?" if near else ""
            return _note(f"Aucun exercice ne s'appelle « {safe(str(id))} ».{hint}")
    return None


def _note(text: str) -> Card:
    return Card(cards.note_html(text), text)
