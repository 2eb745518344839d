"""The notebook side: `%load_ext workshop.notebook` gives `%%terminal`, `verifier("2.1")`,
`indice("2.1")`, `reponse("2.2", …)` and `progression()`."""

from __future__ import annotations

import codecs
import contextlib
import inspect
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import IO, TYPE_CHECKING, Any, ParamSpec

from checks.answers import answer_file
from checks.exercise import Exercise, catalogue, named
from checks.outcome import EnvironmentProblem, reason
from checks.report import notebook as cards
from checks.report import terminal
from checks.report.text import safe
from checks.runner import run
from checks.typography import french, octets, plural
from workshop.journal import Journal, next_hint
from workshop.lab import Lab, write_atomically

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

P = ParamSpec("P")

QUIET = 3.0
"""Seconds of silence after which a running command says that it is still running."""
SILENCE_LIMIT = 15 * 60.0
"""Seconds of silence after which a command is stopped: a build that waits for ever, say."""
TIME_LIMIT = 60 * 60.0
"""Seconds after which a command is stopped, even if it still writes."""
OUTPUT_LIMIT = 200_000
"""Characters shown at most: `docker save` without `-o` would pour a whole archive in the page."""
TOKEN_LENGTH = 200
"""Characters of the longest access token that is recognised across two readings."""
PATIENCE = 2.0
"""Seconds between two ever firmer ways to interrupt a command."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magic and the functions (called by IPython)."""
    shell.register_magic_function(run_terminal, "cell", "terminal")  # type: ignore[arg-type]
    shell.register_magic_function(_not_in_bash, "line", NOT_IN_BASH)  # type: ignore[arg-type]
    transforms = shell.input_transformers_cleanup
    name = find_bash.__name__
    transforms[:] = [each for each in transforms if getattr(each, "__name__", "") != name]
    transforms.append(find_bash)  # once, however often the extension is loaded
    for function in (verifier, indice, reponse, progression):
        shell.user_ns[function.__name__] = function


@dataclass(frozen=True)
class Shown:
    """What a cell displays: plain text, and HTML where there is a page."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


class Refusal(Exception):
    """The call itself is wrong: the message is shown in place of the result."""


def _kindly(function: Callable[P, Shown]) -> Callable[P, Shown]:
    """Show what is wrong in a call or around it as a message, never as a traceback."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> Shown:
        try:
            inspect.signature(function).bind(*arguments, **options)
        except TypeError:
            return _note(_usage(function.__name__))
        try:
            return function(*arguments, **options)
        except (Refusal, EnvironmentProblem) as problem:
            return _note(str(problem))
        except ImportError as error:  # half of the code in memory is older than the files
            return _note(
                "Le cours a sans doute été mis à jour depuis l'ouverture de ce notebook. "
                f"Redémarrez le noyau (menu « Noyau »), puis recommencez. ({error})"
            )

    return call


def _usage(name: str) -> str:
    example = next(iter(catalogue()))
    call = f'{name}("{example}", champ="valeur")' if name == "reponse" else f'{name}("{example}")'
    return f"Rien n'a été fait. Écrivez plutôt : `{call}`."


def _note(message: str) -> Shown:
    return Shown(safe(french(message)), cards.note_html(message))


# --- what the learner calls -----------------------------------------------------------------


@_kindly
def verifier(*exercices: str) -> Shown:
    """Vérifie des missions, ou une phase ; sans argument, toutes celles du notebook."""
    ids = _select(exercices)
    lab = Lab.current()
    results = list(run(ids, lab.evidence()))
    shown = Shown(terminal.render(results, color=False), cards.results_html(results))
    journal = _journal(lab)
    try:
        journal.record(results, tried=any(len(named(word)) == 1 for word in exercices))
    except EnvironmentProblem as problem:  # a verdict is worth more than its record
        shown = _together(shown, _note(str(problem)))
    return _together(shown, _note(journal.notice)) if journal.notice else shown


@_kindly
def indice(exercice: str) -> Shown:
    """Donne l'indice suivant d'une mission."""
    exercise = _exercise(exercice)
    journal = _journal(Lab.current())
    level, text = next_hint(journal, exercise)
    levels = len(exercise.hints)
    shown = _note(text)
    if level:
        shown = Shown(
            french(f"Indice {level} sur {levels} : {text}"),
            cards.hint_html(exercise.id, level, levels, text),
        )
    return _together(shown, _note(journal.notice)) if journal.notice else shown


@_kindly
def progression() -> Shown:
    """Montre où vous en êtes."""
    journal, phase, course = _journal(Lab.current()), _phase(), list(catalogue().values())
    whole = journal.progress(course)
    progress = journal.progress([e for e in course if phase in (None, e.phase)])
    lines = [
        f"{'✔' if row['passed'] else '○'} {row['id']:<5} {row['title']}"
        for row in progress["exercises"]
    ]
    lines.append(f"{plural(progress['points'], 'point')} sur {progress['max_points']}.")
    beyond = ""
    if phase is not None:
        points = plural(whole["points"], "point")
        beyond = f"Dans tout le cours : {points} sur {whole['max_points']}."
        lines.append(beyond)
    shown = Shown(french("\n".join(lines)), cards.progress_html(progress, french(beyond)))
    return _together(shown, _note(journal.notice)) if journal.notice else shown


@_kindly
def reponse(exercice: str, **champs: Any) -> Shown:
    """Note votre réponse à une mission dans `reponses/`, champ par champ."""
    exercise = _exercise(exercice)
    name = answer_file(exercise.id)
    if name not in exercise.makes.files:
        raise Refusal(
            f"La mission {exercise.id} n'attend pas de réponse écrite : "
            f'`verifier("{exercise.id}")` suffit.'
        )
    if not champs:
        raise Refusal(f'Donnez au moins un champ : `reponse("{exercise.id}", champ="valeur")`.')
    for field, value in champs.items():
        _check_json(field, value)
    if _blank(champs):
        raise Refusal("Tous les champs sont vides : rien n'a été noté. Remplissez-les d'abord.")
    lab = Lab.current()
    path = lab.workspace / name
    text = json.dumps(champs, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except (OSError, UnicodeEncodeError) as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire `{name}` ({_why(error, 'texte invalide')})."
        ) from error
    title = french(f"Réponse notée dans `{name}` :")
    return Shown(f"{title}\n{safe(text)}", cards.answer_html(exercise.id, champs))


def _why(error: Exception, otherwise: str) -> str:
    return reason(error) if isinstance(error, OSError) else otherwise


def _journal(lab: Lab) -> Journal:
    return Journal(lab.private / "journal.sqlite")


def _together(*parts: Shown) -> Shown:
    return Shown("\n".join(part.text for part in parts), "".join(part.html for part in parts))


def _check_json(field: str, value: Any) -> None:
    """Refuse what a JSON document cannot hold, naming the field."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise Refusal(
            f"Le champ `{field}` ne peut pas être noté : sa valeur (`{type(value).__name__}`) "
            "n'est pas faite de textes, de nombres, de listes `[…]` et de dictionnaires `{…}`."
        ) from error


def _blank(value: Any) -> bool:
    """Whether nothing has been filled in, at any depth."""
    if isinstance(value, dict):
        return all(map(_blank, value.values()))
    return value in ("", None, [], ())


def _exercise(word: object) -> Exercise:
    """The one exercise that `word` names; raises `Refusal`."""
    exercises = catalogue()
    if not isinstance(word, str):
        # Without quotes 1.10 is a number, and is 1.1.
        meant = [id for id in (str(word), f"{word}0") if id in exercises] or [next(iter(exercises))]
        example = " ou ".join(f'`"{id}"`' for id in meant)
        raise Refusal(f"Écrivez le numéro de la mission entre guillemets : {example}.")
    found = named(word)
    if len(found) != 1:
        raise Refusal(f"Aucune mission ne s'appelle « {word} ».")
    return exercises[found[0]]


def _select(words: tuple[str, ...]) -> list[str]:
    """The ids that `words` (« 2.7 », « phase-2 ») name, each once; without words, those of this
    notebook's phase."""
    if words:
        ids: list[str] = []
        for word in words:
            ids += (isinstance(word, str) and named(word)) or [_exercise(word).id]
        return list(dict.fromkeys(ids))
    phase = _phase()
    return [id for id, e in catalogue().items() if phase in (None, e.phase)]


def _phase() -> int | None:
    """The phase that this notebook is about, from its file name when the server tells it."""
    match = re.search(r"phase-(\d)", os.environ.get("JPY_SESSION_NAME", ""))
    return int(match[1]) if match else None


# --- %%terminal -----------------------------------------------------------------------------


NOT_IN_BASH = "cellule_sans_terminal"
_MAGIC = re.compile(r"\s*%%\s*terminal\s*\n?", re.IGNORECASE)
_COMMAND = re.compile(r"(sudo\s+)?(docker|(\./)?atelier)\s+[\w$-]|%\s*terminal\b", re.IGNORECASE)
_CALL = re.compile(r"(verifier|indice|reponse)\s+(?:[\d\"']|phase)")


def find_bash(lines: list[str]) -> list[str]:
    """See to it that commands reach bash (an IPython input transformer: lines in, lines out).

    A `%%terminal` below comments is brought first, where IPython wants it; a cell that begins with
    a command of Docker's, or a function called as one, which Python cannot read, is answered by
    what it lacks.
    """
    for place, line in enumerate(lines):
        if _MAGIC.fullmatch(line):
            # IPython wants something in the cell, be it a blank line.
            return ["%%terminal\n", *([*lines[:place], *lines[place + 1 :]] or ["\n"])]
        if _COMMAND.match(line):
            return [f"%{NOT_IN_BASH}\n"]
        if called := _CALL.match(line):
            return [f"%{NOT_IN_BASH} {called[1]}\n"]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return lines


def _not_in_bash(line: str) -> Shown:
    if line:
        return _note(_usage(line))
    return _note(
        "Rien n'a été exécuté : sans `%%terminal` à sa première ligne, une cellule parle Python, "
        "et non à bash. Ajoutez cette ligne au-dessus de vos commandes."
    )


class Interrupted(KeyboardInterrupt):
    """Stops the cells that follow, as an interruption should, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [french("⛔ Commande interrompue.")]


def run_terminal(line: str, cell: str) -> None:
    """Run the cell with bash, in the workspace, as a terminal of the workshop would."""
    lab = Lab.current()
    screen = Screen()
    try:
        lab.workspace.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            ["bash", "-c", cell], cwd=lab.workspace, env=lab.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        why = _why(error, "elle contient un caractère nul")
        screen.close(f"⛔ La commande n'a pas pu démarrer : {why}.")
        return
    assert process.stdout is not None
    try:
        with process.stdout:
            for text in _output(process, process.stdout):
                screen.show(text)
                if screen.silence > SILENCE_LIMIT or screen.age > TIME_LIMIT:
                    _interrupt(process)
                    why = (
                        f"n'a plus rien écrit depuis {SILENCE_LIMIT / 60:g} min"
                        if screen.silence > SILENCE_LIMIT
                        else f"durait depuis {TIME_LIMIT / 60:g} min"
                    )
                    screen.close(
                        f"⛔ La commande {why} : elle a été arrêtée. Attend-elle une réponse, ou "
                        "ne finit-elle jamais ?"
                    )
                    return
            code = process.wait()
    except KeyboardInterrupt:
        _interrupt(process)
        screen.close("")
        raise Interrupted from None
    screen.close(_farewell(code))


def _farewell(code: int) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"⛔ La commande a été arrêtée par le signal {signal.Signals(-code).name}."
    return f"⛔ La commande s'est terminée avec le code {code}."


def _output(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> Iterator[str]:
    """What the command says, as it comes, and "" at least every half second.

    Ends with the command, even when something that it left in the background keeps the pipe open.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while True:
        ended = process.poll() is not None
        ready, _, _ = select.select([pipe], [], [], 0 if ended else 0.5)
        data = os.read(pipe.fileno(), 1 << 20) if ready else b""
        last = ended or (ready and not data)
        yield decoder.decode(data, final=bool(last))
        if last:
            return


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End the command and all it started, politely first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < deadline:
                process.poll()
                if not _group_alive(process.pid):
                    return
                time.sleep(0.02)


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


_TOKEN = re.compile(r"(dckr_[op]at_)[A-Za-z0-9_-]{8,}")
_BEGUN = re.compile(
    r"(?:d|dc|dck|dckr|dckr_|dckr_[op]|dckr_[op]a|dckr_[op]at|dckr_[op]at_[A-Za-z0-9_-]*)\Z"
)


class Screen:
    """The output area of one cell: text as it comes, and a passing line when nothing does.

    The passing line leaves no trace: the area is cleared and its text written again. Access tokens
    are masked: a notebook keeps its outputs.
    """

    def __init__(self) -> None:
        self._text = ""
        self._begun = ""
        self._masked = False
        self._hidden = 0
        self._start = self._last = time.monotonic()
        self._waiting: Any = None

    @property
    def silence(self) -> float:
        """Seconds since the command said anything."""
        return time.monotonic() - self._last

    @property
    def age(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._start

    def show(self, text: str) -> None:
        """Add `text`; an empty one only lets time pass."""
        now = time.monotonic()
        if text:
            self._last = now
            text = self._begun + _printable(text)
            begun = _BEGUN.search(text, max(0, len(text) - TOKEN_LENGTH))  # the rest is to come
            self._begun = begun[0] if begun else ""
            self._write(self._discreet(text.removesuffix(self._begun)))
        elif self._begun:
            self._release()
        elif now - self._last > QUIET:
            self._say_waiting(f"toujours en cours… {now - self._start:.0f} s")

    def close(self, message: str) -> None:
        """The command is over: what was cut is said, then `message`."""
        self._release()
        self._stop_waiting()
        lines = [message] if message else []
        if self._masked:
            lines.insert(
                0,
                "🔒 Un jeton a été masqué : un notebook garde ses sorties. Redirigez la commande "
                "vers un fichier que vous seul lisez, ou lancez-la dans un terminal.",
            )
        if self._hidden:
            lines.insert(0, f"✂ La suite n'est pas affichée ({octets(self._hidden)}).")
        if lines:
            before = "\n" if self._text and not self._text.endswith("\n") else ""
            self._emit(before + french("\n".join(lines)) + "\n")

    def _release(self) -> None:
        begun, self._begun = self._begun, ""
        if begun:
            self._write(self._discreet(begun))

    def _discreet(self, text: str) -> str:
        shown = _TOKEN.sub(r"\1••••••••", text)
        self._masked |= shown != text
        return shown

    def _write(self, text: str) -> None:
        self._stop_waiting()
        kept = text[: max(0, OUTPUT_LIMIT - len(self._text))]
        self._hidden += len(text) - len(kept)
        self._text += kept
        self._emit(kept)

    def _emit(self, text: str) -> None:
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()

    def _say_waiting(self, words: str) -> None:
        from IPython.display import display

        bundle = {
            "text/plain": french(words),
            "text/html": f'<em style="opacity: 0.75">{french(words)}</em>',
        }
        if self._waiting is None:
            self._waiting = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._waiting.update(bundle, raw=True)

    def _stop_waiting(self) -> None:
        from IPython.display import clear_output

        if self._waiting is not None:
            self._waiting = None
            # With text to write again, the page waits for it: no flicker.
            clear_output(wait=bool(self._text))  # type: ignore[no-untyped-call]
            self._emit(self._text)


def _printable(text: str) -> str:
    """`text` without the control characters of binary data; colours and `\\r` stay."""
    return re.sub("[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text)
