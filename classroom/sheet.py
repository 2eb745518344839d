"""The feedback sheet of the final project: for each criterion, what is proven and what to mend.

Written from results alone, so that the learner's own sheet and the one made from their submission
are the same, line for line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks.exercise import catalogue
from checks.identity import Identity
from checks.outcome import Result, Status
from checks.project import PHASE
from checks.report.text import SIGNS, WORDS, facts, safe
from checks.typography import french, plural

_FOUNDATION = french(
    "Chaque critère est vérifié sur des preuves : l'archive et la signature, par leurs "
    "empreintes ; le registre et le moteur, tels que la machine les déclare."
)


@dataclass(frozen=True)
class Sheet:
    """The results of the project's criteria, in order. `submission` is the sha256 of the graded
    file, "" when the workshop itself was looked at."""

    identity: Identity
    results: tuple[Result, ...]
    submission: str = ""

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(result.points for result in self.results)

    @property
    def max_points(self) -> int:
        """Points of the whole project."""
        return sum(result.max_points for result in self.results)

    @property
    def verdict(self) -> str:
        """What the customer would answer, in French."""
        left = [result for result in self.results if not result.passed]
        if not left:
            return french(
                "Livraison acceptée. L'image examinée, publiée, emballée, signée et restaurée est "
                "la même : la chaîne des preuves est entière."
            )
        if any(result.status in (Status.ENVIRONMENT, Status.ERROR) for result in left):
            return french(
                "Livraison non jugée : une vérification n'a pas pu avoir lieu. Aucun point n'est "
                "perdu ; recommencez quand l'obstacle est levé."
            )
        count = plural(len(self.results) - len(left), "critère prouvé", "critères prouvés")
        return french(
            f"Livraison à compléter : {count} sur {len(self.results)}. Commencez par "
            f"{left[0].exercise}, « {left[0].title} » : les maillons suivants en dépendent."
        )


def criteria() -> list[str]:
    """The ids of the project's criteria."""
    return [id for id, exercise in catalogue().items() if exercise.phase == PHASE]


def sheet(identity: Identity, results: Sequence[Result], submission: str = "") -> Sheet:
    """The sheet of one learner, out of all their results."""
    wanted = set(criteria())
    return Sheet(identity, tuple(r for r in results if r.exercise in wanted), submission)


def advice(result: Result) -> str:
    """What to look at to earn the points that are missing; "" when none is, or no work helps."""
    if result.status is not Status.FAILED:
        return ""
    return catalogue()[result.exercise].hints_for(result.mistake)[0]


def to_text(made: Sheet) -> str:
    """The sheet for a terminal."""
    lines = [
        french(f"Projet final — {safe(made.identity.pseudonym)} ({made.identity.id})"),
        french(f"{made.points} points sur {made.max_points}. {made.verdict}"),
    ]
    for result in made.results:
        lines += [
            "",
            f"{SIGNS[result.status]} {result.exercise} {safe(result.title)} — "
            f"{WORDS[result.status]}, {result.points}/{result.max_points}",
        ]
        lines += [french(f"    prouvé : {key} : {value}") for key, value in facts(result.facts)]
        if result.message:
            lines.append(french("    constaté : ") + safe(result.message))
        if advice(result):
            lines.append(french("    à reprendre : ") + advice(result))
    if made.submission:
        lines += ["", french(f"Rendu corrigé : sha256:{made.submission}")]
    return "\n".join(lines)


def to_html(made: Sheet) -> str:
    """The sheet as a page: self-contained, printed on A4, one section for each criterion."""
    name = html.escape(safe(made.identity.pseudonym))
    sections = "\n".join(map(_section, made.results))
    proof = ""
    if made.submission:
        proof = (
            f"<p>{french('Fiche calculée à partir du rendu')} "
            f"<code>sha256:{made.submission}</code></p>"
        )
    return f"""<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Projet final · {name}</title>
<style>
@page {{ size: A4; margin: 16mm }}
body {{ font: 16px/1.55 "Atkinson Hyperlegible", system-ui, sans-serif; color: #1c2733;
  background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
header {{ border-top: 10px solid #0b64c0; padding-top: 1.2rem }}
h1 {{ font-size: 1.7rem; margin: 0 }}
h2 {{ font-size: 1.1rem; margin: 0; display: flex; gap: 1rem; justify-content: space-between }}
.note {{ font-size: 2rem; font-weight: 700; margin: 0.6rem 0 0 }}
section {{ border-left: 5px solid #4b5f78; padding: 0.1rem 0 0.1rem 1rem; margin: 1.6rem 0;
  break-inside: avoid }}
section.passed {{ border-color: #1a7f37 }}
section.failed {{ border-color: #b8432f }}
p {{ margin: 0.4rem 0 }}
.but {{ color: #41566b; font-size: 0.92rem }}
dt {{ font-weight: 700 }}
dd {{ margin: 0 0 0.3rem; overflow-wrap: anywhere }}
code {{ font: 0.88em "JetBrains Mono", monospace; background: #eef3f8; padding: 0.05em 0.3em;
  overflow-wrap: anywhere }}
footer {{ border-top: 1px solid #d4dde6; color: #41566b; font-size: 0.85rem }}
</style>
<header>
<h1>Projet final · une livraison pour Bjørnøya</h1>
<p>{name} · <code>{made.identity.id}</code></p>
<p class="note">{made.points} / {made.max_points}</p>
<p>{html.escape(made.verdict)}</p>
</header>
<main>
{sections}
</main>
<footer>
<p>{_FOUNDATION}</p>
{proof}
</footer>
</html>
"""


def _section(result: Result) -> str:
    parts = [
        f'<section class="{result.status}">',
        f"<h2><span>{SIGNS[result.status]} {result.exercise} · "
        f"{html.escape(safe(result.title))}</span>"
        f"<span>{result.points} / {result.max_points}</span></h2>",
        f'<p class="but">{_prose(catalogue()[result.exercise].goal)}</p>',
    ]
    if result.facts:
        rows = "".join(
            f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>"
            for key, value in facts(result.facts)
        )
        parts.append(f"<p><strong>Ce qui est prouvé</strong></p><dl>{rows}</dl>")
    if result.message:
        parts.append(f"<p><strong>Ce qui est constaté</strong> — {_prose(result.message)}</p>")
    if advice(result):
        parts.append(f"<p><strong>À reprendre</strong> — {_prose(advice(result))}</p>")
    return "\n".join([*parts, "</section>"])


def _prose(text: str) -> str:
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(safe(text)))
