"""A notebook as a page: one plain function, notebook → Markdown.

What a learner types comes from `notebooks/`; what is printed, from the executed and tested twins in
`tests/notebooks/golden`: same notebooks, same bytes. The result is ordinary Markdown (admonitions,
`<details markdown>`), so that another generator than MkDocs can take it over.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from checks.exercise import Exercise, catalogue
from checks.typography import french, plural
from publish.markdown import PageError, outside_fences
from workshop.lab import DEFAULT_HUB, ROOT

NOTEBOOKS = ROOT / "notebooks"
EXECUTED = ROOT / "tests" / "notebooks" / "golden"
SOLUTIONS = ROOT / "solutions"
ORDINALS = ("Premier indice", "Deuxième indice", "Troisième indice")
_TERMINAL = re.compile(r"%%terminal\b.*\n")
_HIDDEN = re.compile(r"^\s*(%(re)?load_ext\b|progression\(\)|verifier\()")


def published() -> list[Path]:
    """The notebooks, in order of phase."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def read(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook; raises `PageError` when it cannot be read."""
    try:
        cells: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    except json.JSONDecodeError as error:
        raise PageError(path.name, error.lineno, f"ce JSON est mal formé : {error.msg}.") from error
    return cells


def markdown(path: Path) -> str:
    """The page of a notebook, in Markdown.

    Raises `PageError` when its executed twin is missing, older, or lacks an output or a verdict.
    """
    try:
        outputs = {cell["id"]: cell for cell in read(EXECUTED / path.name)}
    except OSError as error:
        raise PageError(path.name, 1, "ce notebook n'a pas été exécuté.") from error
    parts = []
    shift = False
    for number, cell in enumerate(read(path)):
        source = "".join(cell["source"])
        try:
            if cell["cell_type"] == "markdown":
                # The steps of a notebook are first-level titles; a page has only one of those.
                shift = shift or (number > 0 and re.search(r"(?m)^# ", source) is not None)
                source = _deeper(source) if shift else source
                parts.append(_prose(source, download=path.name if number == 0 else None))
            elif cell["cell_type"] == "code":
                parts.append(_code(cell, source, outputs))
        except PageError as problem:
            raise PageError(path.name, _line(path, cell["id"], problem.line),
                            f"cellule {cell['id']} : {problem.message}") from problem  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(path: Path, id: str, line: int) -> int:
    """Where the file has a line of the source of a cell."""
    text = path.read_text()
    start = text.find('"source":', max(0, text.find(f'"id": {json.dumps(id)}')))
    return text.count("\n", 0, start) + 1 + (line if text.startswith('"source": [\n', start) else 0)


def line_with(path: Path, words: str) -> int:
    """The line of a notebook or of a chapter where some words stand; 1 when they do not."""
    if path.suffix == ".ipynb":
        words = json.dumps(words, ensure_ascii=False)[1:-1]
    text = path.read_text()
    return text.count("\n", 0, max(0, text.find(words))) + 1


# --- prose ----------------------------------------------------------------------------------

_MISSION = re.compile(r'<div class="mission"[^>]*>\n(.*?)\n</div>', re.DOTALL)
_ALERT = re.compile(r'<div class="alert alert-(\w+)"[^>]*>\n?(.*?)\n?</div>', re.DOTALL)
_ALERTS = {"info": "note", "success": "tip", "warning": "warning", "danger": "danger"}


def _prose(source: str, download: str | None) -> str:
    source = _MISSION.sub(lambda match: _mission(match[1]), source)
    source = _ALERT.sub(_admonition, source)
    source = re.sub(r"\]\(((?:[\w-]+/)*[\w-]+)\.ipynb(#[\w-]*)?\)", r"](\1.md\2)", source)
    source = re.sub(r"(?m)^---\n+(?=#)", "", source)
    if download is None:
        return source
    title, newline, rest = source.partition("\n")
    words = french("ou, dans l'atelier, par")
    button = (
        f'[Télécharger le notebook]({download}){{ .md-button .md-button--primary download="" }} '
        f"{words} `./atelier ouvrir`.\n{{ .telecharger }}\n"
    )
    return f"{title}{newline}\n{button}\n{rest}"


def _deeper(source: str) -> str:
    """The same with every title one level down."""
    lines = outside_fences(source, "notebook")
    return "\n".join(
        f"#{line}" if is_prose and re.match(r"#+ ", line) else line for _, line, is_prose in lines
    )


def _mission(body: str) -> str:
    """The card of an exercise: its title becomes a heading that one can link to."""
    heading = re.match(r"\s*\*\*Mission ([\d.]+) · (.+?)\*\*(?: — (.+))?\n", body)
    if heading is None:
        return f'<div class="mission" markdown>\n{body}\n</div>'
    id, title, facts = heading.groups()
    slug = anchor(id)
    rest = body[heading.end() :].strip("\n")
    return (
        f"### Mission {id} · {title} {{ #{slug} .mission-titre }}\n\n"
        f'<div class="mission" markdown data-exercice="{id}">\n\n'
        + (f'<p class="mission-faits">{facts}</p>\n\n' if facts else "")
        + rest
        + "\n\n</div>"
    )


def anchor(id: str) -> str:
    """The anchor of an exercise in its notebook's page."""
    return "mission-" + id.replace(".", "-")


def _admonition(match: re.Match[str]) -> str:
    kind = _ALERTS.get(match[1])
    if kind is None:
        line = match.string.count("\n", 0, match.start()) + 1
        raise PageError("notebook", line, f"encadré inconnu : « alert-{match[1]} ».")
    body = "\n".join(f"    {line}" if line else "" for line in match[2].strip().splitlines())
    return f'!!! {kind} ""\n{body}'


# --- code -----------------------------------------------------------------------------------


def _code(cell: dict[str, Any], source: str, outputs: dict[str, dict[str, Any]]) -> str:
    twin = outputs.get(cell["id"])
    if twin is None:
        raise PageError("notebook", 1, "cette cellule n'a pas été exécutée.")
    ours = cell["metadata"].get("atelier", {})
    if "answer" in ours:
        # A question is answered in the next cell: there may be nothing to print on the way.
        silent = "silent" in ours or f"reponse-{ours['answer'].replace('.', '-')}" in outputs
        return _practice(catalogue()[ours["answer"]], _outputs(twin, silent), outputs)
    if "check" in ours or _HIDDEN.match(source):
        return ""
    if "fields" in ours:
        return fence(source.rstrip("\n"), "python")
    if "".join(twin["source"]) != source:
        raise PageError(
            "notebook", 1, "la sortie gardée est celle d'une autre version de la cellule."
        )
    only_comments = all(line.lstrip()[:1] in ("", "#", "%") for line in source.splitlines())
    shown = _outputs(twin, "silent" in ours or only_comments)
    if _TERMINAL.match(source):
        return fence(_TERMINAL.sub("", source, count=1).rstrip("\n"), "terminal") + shown
    hidden = cell["metadata"].get("jupyter", {}).get("source_hidden")
    return shown.lstrip("\n") if hidden else fence(source.rstrip("\n"), "python") + shown


def _practice(exercise: Exercise, shown: str, outputs: dict[str, dict[str, Any]]) -> str:
    """Hints one by one, then the answer, each folded."""
    parts = ['<div class="a-vous" markdown data-search-exclude>', ""]
    for label, hint in zip(ORDINALS, exercise.hints, strict=True):
        parts += [_folded("indice", label, hint), ""]
    script = (SOLUTIONS / f"{exercise.id}.sh").read_text().rstrip("\n")
    verdict = outputs.get("verification-" + exercise.id.replace(".", "-"), {"outputs": []})
    text = "".join(
        _joined(output.get("data", {}).get("text/plain", "")) for output in verdict["outputs"]
    )
    if not text.strip():
        raise PageError("notebook", 1, f"l'exercice {exercise.id} n'a pas de verdict.")
    text = re.sub(r"(?<=\S) {3,}(?=\S)", "  ", text)  # one line on its own: nothing to align with
    command = f"./atelier verifier {exercise.id}"
    answer = fence(script, "terminal") + shown
    answer += "\n\n" + fence(command, "terminal") + "\n\n" + fence(_public(text), "sortie")
    parts += [_folded("reponse", "La réponse", answer), "", "</div>"]
    return "\n".join(parts)


def _folded(kind: str, title: str, body: str) -> str:
    return f'<details class="{kind}" markdown>\n<summary>{title}</summary>\n\n{body}\n\n</details>'


def _outputs(cell: dict[str, Any], silent: bool) -> str:
    """What a cell printed and drew, as blocks of Markdown; it may print nothing when `silent`."""
    parts = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            raise PageError("notebook", 1, "cette cellule finit par une erreur.")
        data = output.get("data", {})
        text = _public(_joined(output.get("text") or data.get("text/plain", "")))
        if svg := re.search(r"<svg\b.*</svg>", _joined(data.get("text/html", "")), re.DOTALL):
            parts.append(_figure(svg[0], text))
        elif text.strip():
            parts.append(fence(text, "sortie"))
    if not parts and not silent:
        raise PageError("notebook", 1, "cette cellule n'a pas de sortie.")
    return "".join(f"\n\n{part}" for part in parts)


def _figure(svg: str, words: str) -> str:
    """A drawing of the workshop, and what it says in words, as in JupyterLab."""
    svg = re.sub(r"<style\b.*?</style>", "", svg, flags=re.DOTALL)  # it would style the whole page
    svg = re.sub(r'( id="|#)(?=[0-9a-f]{6}-)', r"\1dessin-", svg)  # no name starts with a digit
    svg = re.sub(r"\s*\n\s*", " ", svg)
    caption = "<br>".join(html.escape(line, quote=False) for line in words.splitlines())
    caption = re.sub(r"`([^`]*)`", r"<code>\1</code>", caption)
    return f'<figure class="trace" tabindex="0">{svg}<figcaption>{caption}</figcaption></figure>'


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _public(text: str) -> str:
    """Text as every workshop shows it: the hub at its usual address, no colours, layers once."""
    text = re.sub(r"localhost:50\d\d\b", DEFAULT_HUB, text)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"(?m)^.*\r(?!\n)", "", text).replace("\r", "")
    text = re.sub(r"(?m)^[0-9a-f]{12}: (?!Pull complete|Already exists|Pushed|Layer).*\n", "", text)
    return text.strip("\n")


def fence(code: str, language: str) -> str:
    """A fenced block, its fence longer than any in `code`."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"{ticks}{language}\n{code}\n{ticks}"


def menu_title(phase: int) -> str:
    """What the menu calls the notebook of a phase: « Notebook · La Boréale appareille »."""
    path = next(path for path in published() if path.stem.startswith(f"phase-{phase}-"))
    title = "".join(read(path)[0]["source"]).splitlines()[0]
    return "Notebook · " + re.sub(r"^# (Phase \d · )?|[*`]", "", title)


def facts(phase: int) -> str:
    """« 12 missions, 31 points »."""
    exercises = [exercise for exercise in catalogue().values() if exercise.phase == phase]
    points = sum(exercise.points for exercise in exercises)
    return f"{plural(len(exercises), 'mission')}, {plural(points, 'point')}"
