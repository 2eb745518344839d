"""The teacher's corner: schedules, exercises and mistakes written out of the course itself, so that
they cannot drift from it.

A fenced block `seance` is a half-day: its first line is the time at hand in minutes, then one line
for each moment: `15 Texte` (minutes and what happens) or the id of an exercise, whose minutes are
those of its notebook.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from string import Formatter

from checks.exercise import HINTS, THRESHOLD, Exercise, catalogue
from checks.project import PHASE
from checks.typography import french, plural
from publish.markdown import Fence, PageError, fences
from publish.pages import NOTEBOOKS, read

FOLDER = "enseigner/"
PAGES = ("deroule.md", "salle.md", "erreurs.md", "noter.md")
"""In the order of the menu."""
SESSION = "seance"
EVERYWHERE = 4
"""A mistake told in the same words in so many exercises is told once, for all of them."""
_EVERYWHERE = french(
    "Ces erreurs reviennent dans beaucoup d'exercices. Plus bas, chacun n'en donne que le nom."
)
_CARD = re.compile(r"\*\*Mission ([\d.]+) · [^\n]*?(\d+) minutes environ")


@functools.cache
def minutes() -> dict[str, int]:
    """How long each exercise takes, as its notebook announces it."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in read(path):
            for id, count in _CARD.findall("".join(cell["source"])):
                found[id] = int(count)
    return found


def prepare(text: str, page: str) -> str:
    """The page with its sessions and its marks (`<!-- exercices -->`, `erreurs`, `bareme`) written
    out.

    Raises `PageError` when a session holds more than its time, names an exercise that does not
    exist, or one before those that it needs.
    """
    lines = text.split("\n")
    blocks = [fence for fence in fences(text, page) if fence.language == SESSION]
    done: dict[int, set[str]] = {}  # by section: the half-days of one section follow one another
    tables = []
    for fence in blocks:
        section = sum(line.startswith("## ") for line in lines[: fence.start])
        tables.append(_session(fence, page, done.setdefault(section, set())))
    for fence, table in reversed(list(zip(blocks, tables, strict=True))):
        lines[fence.start : fence.end + 1] = ["", *table, ""]
    text = "\n".join(lines)
    for mark, written in (("exercices", exercises), ("erreurs", mistakes), ("bareme", scale)):
        if f"<!-- {mark} -->" in text:
            text = text.replace(f"<!-- {mark} -->", written())
    return text


def _session(fence: Fence, page: str, done: set[str]) -> list[str]:
    """The table of a half-day; `done` are the exercises done so far, and gets those of this one."""
    first, *rest = [line.strip() for line in fence.code.splitlines() if line.strip()]
    rows = ["| Début | Durée | Ce qui se passe |", "|---|---|---|"]
    clock = 0
    for line in rest:
        if exercise := catalogue().get(line):
            missing = [need for need in exercise.needs if need not in done]
            if missing or line not in minutes():
                why = f"demande {', '.join(missing)} d'abord" if missing else "n'a pas de durée"
                raise PageError(page, fence.start + 1, f"l'exercice {line} {why}.")
            done.add(line)
            length, words = minutes()[line], f"Mission [{line}](exercice:{line}) · {exercise.title}"
        else:
            match = re.match(r"(\d+) (\D.*)", line)
            if match is None:
                raise PageError(page, fence.start + 1, f"« {line} » n'est ni un exercice, ni un "
                                "moment (`15 Texte`).")  # fmt: skip
            length, words = int(match[1]), match[2]
        rows.append(f"| {hours(clock)} | {length}\u00a0min | {words} |")
        clock += length
    if clock > int(first):
        raise PageError(
            page, fence.start + 1, f"cette séance dure {clock} minutes, pour {first} annoncées."
        )
    if left := int(first) - clock:
        rows.append(f"| {hours(clock)} | {left}\u00a0min | *Marge.* |")
    return [french(row) for row in rows]


def exercises() -> str:
    """Every exercise: minutes, points, what it needs; with the total of each phase."""
    rows = ["| Mission | Durée | Points | Après |", "|---|---|---|---|"]
    by_phase: dict[int, list[Exercise]] = {}
    for exercise in catalogue().values():
        if exercise.id in minutes():
            by_phase.setdefault(exercise.phase, []).append(exercise)
    for phase, own in by_phase.items():
        for each in own:
            rows.append(
                f"| [{each.id}](exercice:{each.id}) · {each.title} | {minutes()[each.id]}\u00a0min "
                f"| {each.points} | {', '.join(each.needs)} |"
            )
        total = sum(minutes()[each.id] for each in own)
        rows.append(
            f"| **{_phase(phase)}, {plural(len(own), 'mission')}** | **{hours(total)}** "
            f"| **{sum(each.points for each in own)}** | |"
        )
    return french("\n".join(rows))


def scale() -> str:
    """The points of each phase, of the course, and of the certificate."""
    rows = ["| | Missions | Points |", "|---|---|---|"]
    every = list(catalogue().values())
    for phase in sorted({each.phase for each in every}):
        points = [each.points for each in every if each.phase == phase]
        rows.append(f"| {_phase(phase)} | {len(points)} | {sum(points)} |")
    points = [each.points for each in every]
    rows.append(f"| **Tout le cours** | **{len(points)}** | **{sum(points)}** |")
    needed = -(-sum(points) * THRESHOLD // 100)
    rows.append(f"| **Attestation**, à partir de {THRESHOLD} % | | **{needed}** |")
    return french("\n".join(rows))


def mistakes() -> str:
    """What learners do wrong, exercise by exercise: the name, what they read, what to say."""
    every = catalogue().values()
    slips = {
        each.id: [(name, s.message, s.hint or each.hints[0]) for name, s in each.mistakes.items()]
        for each in every
    }
    count = Counter(slip for own in slips.values() for slip in own)
    shared = [slip for slip, number in count.items() if number >= EVERYWHERE]
    parts = ["## Partout", "", _EVERYWHERE, ""]
    parts += _table(shared)
    phase = 0
    for each in every:
        if each.phase != phase:
            phase = each.phase
            parts += ["", f"## {_phase(phase)}"]
        own = [slip for slip in slips[each.id] if slip not in shared]
        common = [slip[0] for slip in slips[each.id] if slip in shared]
        parts += ["", f"### {each.id} · {each.title} {{ #erreurs-{each.id.replace('.', '-')} }}"]
        parts += ["", f"[L’énoncé](exercice:{each.id}). {each.goal}"]
        if own:
            parts += ["", *_table(own)]
        if common:
            parts += ["", french(f"Et aussi : {', '.join(f'`{name}`' for name in common)}.")]
        parts += ["", french("S'il reste bloqué, dans l'ordre :"), ""]
        parts += [f"{rank + 1}. {each.hints[rank]}" for rank in range(HINTS)]
    return "\n".join(parts)


def hours(count: int) -> str:
    """Minutes as hours and minutes."""
    return f"{count // 60}\u00a0h\u00a0{count % 60:02}"


def _phase(phase: int) -> str:
    return "Projet final" if phase == PHASE else f"Phase {phase}"


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    lines = ["| Ce qu’il lit | Ce que vous pouvez dire |", "|---|---|"]
    for name in dict.fromkeys(name for name, _, _ in rows):  # one name may have several wordings
        every = {_cell(_said(message)): "" for own, message, _ in rows if own == name}
        said = [one for one in every if not any(o != one and o.startswith(one) for o in every)]
        hints = dict.fromkeys(_cell(hint) for own, _, hint in rows if own == name)
        lines.append(f"| **{name}** {'<br>'.join(said)} | {'<br>'.join(hints)} |")
    return ['<div class="erreurs" markdown>', "", *lines, "", "</div>"]


def _said(template: str) -> str:
    """A message with an ellipsis for what is only known when the mistake is made; one for
    neighbours, and no full stop after it."""
    parts = [
        literal + ("…" if field is not None else "")
        for literal, field, _, _ in Formatter().parse(template)
    ]
    text = re.sub(r"(`…`|…)(?:[\s,]*(?:`…`|…))+", r"\1", "".join(parts))
    return french(re.sub(r"…\.(?=\s|$)", "…", text))


def _cell(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", text).strip().replace("|", "\\|")
