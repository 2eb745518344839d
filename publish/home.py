"""The home page: the road in four phases and a project; the phases above each page."""

from __future__ import annotations

import posixpath
from pathlib import Path

from checks.exercise import catalogue
from publish.markdown import front_matter
from publish.pages import facts

PROMISES = {
    1: "Ce qu’est une image, comment la nommer sans ambiguïté, où la chercher et à qui se fier.",
    2: "Mettre des images en fichiers, les contrôler, les chiffrer, les restaurer sans réseau.",
    3: "Ce qu’un conteneur a changé, ce qu’un export garde, et ce qu’il perd en route.",
    4: "Construire, étiqueter, pousser, automatiser, signer : publier proprement, de bout en bout.",
    5: "Livrer une application à un client sans Internet, et prouver qu’il a reçu la bonne.",
}


def road(phases: dict[int, str], folder: Path, notebooks: dict[int, str]) -> str:
    """The phases as cards with the reader's progress, in HTML that Markdown leaves alone."""
    cards = []
    for phase, title in phases.items():
        links = []
        minutes = 0
        for path in sorted(folder.glob(f"{phase}-*.md")):
            meta, body = front_matter(path.read_text())
            name = next(line[2:] for line in body.splitlines() if line.startswith("# "))
            minutes += int(meta.get("minutes", 0))
            links.append(f"- [{name}]({path.name})")
        if phase in notebooks:
            links.append(f"- [Le notebook : {facts(phase)}]({notebooks[phase]})")
        ids = " ".join(id for id, exercise in catalogue().items() if exercise.phase == phase)
        listed = "\n".join(links) or "*En préparation.*"
        cards.append(
            f'<li class="etape" data-phase="{phase}" data-exercices="{ids}" markdown="block">\n\n'
            f'<p class="etape-numero" aria-hidden="true">{phase}</p>\n\n'
            f"## {title} {{ #phase-{phase} }}\n\n{PROMISES[phase]}\n\n{listed}\n\n"
            '<p class="etape-progres" hidden></p>\n\n</li>'
        )
    return '<ol class="route" markdown="block">\n' + "\n".join(cards) + "\n</ol>\n"


def bearings(folder: Path, groups: dict[str, list[str]]) -> str:
    """A line of links for each group of pages that belong to no phase, in Markdown."""
    lines = []
    for name, pages in groups.items():
        links = " ".join(f"[{_title(folder / page)}]({page})" for page in pages)
        lines.append(f"**{name}.** {links}")
    return '<div class="reperes" markdown>\n\n' + "\n\n".join(lines) + "\n\n</div>\n"


def _title(path: Path) -> str:
    """What the menu calls a page."""
    meta, body = front_matter(path.read_text())
    title = next(line[2:] for line in body.splitlines() if line.startswith("# "))
    return str(meta.get("title", title))


def stepper(phases: dict[int, str], first: dict[int, str], page: str, phase: int) -> str:
    """The phases in a row, each a link to its first page, in HTML; `phase` is where we are."""
    steps = []
    for number, title in phases.items():
        address = posixpath.relpath(first[number], posixpath.dirname(page) or ".")
        here = ' aria-current="step"' if number == phase else ""
        steps.append(
            f'<li><a href="{address.removesuffix(".md")}.html"{here}>{number} · {title}</a></li>'
        )
    items = "".join(steps)
    return (
        '<nav class="phases" aria-label="Phases du cours" data-search-exclude>'
        f"<ol>{items}</ol></nav>"
    )
