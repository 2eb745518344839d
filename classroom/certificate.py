"""The certificate: what a learner has proven, on a page, with what a teacher needs to verify it.

The page itself proves nothing, and says so: it names, by its SHA-256, the submission written at
the same time, which `./atelier corriger` grades again.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from checks.evidence import Evidence
from checks.exercise import THRESHOLD
from checks.identity import Identity
from checks.outcome import EnvironmentProblem, Result, reason
from checks.report.text import facts, safe
from checks.typography import french, plural
from classroom.grade import grade
from classroom.submit import submit, without_evidence

TITLE = "Trouver et partager des images Docker"
_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_VERIFY = (
    "Cette page ne prouve rien à elle seule. La preuve est dans le rendu qui l'accompagne : la "
    "commande « ./atelier corriger » en recalcule la note, exercice par exercice, et affiche son "
    "empreinte, qui doit être celle-ci :"
)


@dataclass(frozen=True)
class Certificate:
    """What is certified. `submission` is the sha256 of the submission's file."""

    identity: Identity
    day: date
    submission: str
    results: tuple[Result, ...]

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(result.points for result in self.results)

    @property
    def max_points(self) -> int:
        """Points of the whole course."""
        return sum(result.max_points for result in self.results)

    @property
    def needed(self) -> int:
        """Points from which there is a certificate."""
        return -(-self.max_points * THRESHOLD // 100)

    @property
    def passed(self) -> list[Result]:
        """What was proven, in order."""
        return [result for result in self.results if result.passed]

    @property
    def sentence(self) -> str:
        """What is certified, in one French sentence."""
        day = f"{'1er' if self.day.day == 1 else self.day.day} {_MONTHS[self.day.month - 1]}"
        return french(
            f"a prouvé, le {day} {self.day.year}, {plural(len(self.passed), 'exercice')} sur "
            f"{len(self.results)}, soit {self.points} points sur {self.max_points}."
        )


def certify(evidence: Evidence, folder: Path, day: date, *, whole: bool = False) -> Certificate:
    """Check everything, write the submission in `folder`, and, from `THRESHOLD` percent of the
    points, `attestation.html` and `attestation.pdf` beside it.

    Raises `EnvironmentProblem` when a file cannot be written and, if `whole` is asked for, when
    something could not be looked at: nothing is written then.
    """
    path = folder / f"rendu-{evidence.identity.id}.zip"
    submitted = submit(evidence, path, whole=whole)
    if not submitted["file"]:
        raise EnvironmentProblem(
            f"{without_evidence(submitted['missing'])}\nRien n'a été écrit. Recommencez ; "
            "`--quand-meme` s'en passe."
        )
    # Graded as a teacher will, so that the page cannot say more than the submission.
    graded = grade(path)
    certificate = Certificate(graded.identity, day, graded.sha256, tuple(graded.results))
    if certificate.points >= certificate.needed:
        try:
            (folder / "attestation.html").write_text(to_html(certificate))
            (folder / "attestation.pdf").write_bytes(to_pdf(certificate))
        except OSError as error:
            raise EnvironmentProblem(
                f"Impossible d'écrire l'attestation dans {folder} ({reason(error)})."
            ) from error
    return certificate


def proof(result: Result) -> str:
    """The fact that tells most: a digest when there is one."""
    told = [f"{key} : {value}" for key, value in facts(result.facts)]
    digests = [line for line in told if re.search(r"\b[0-9a-f]{64}\b", line)]
    return french((digests or told or [""])[0])


def to_html(certificate: Certificate) -> str:
    """The page, self-contained, made to be printed on A4."""
    rows = "\n".join(
        f"<tr><td>{result.exercise}</td><td>{html.escape(result.title)}</td>"
        f"<td>{result.points}/{result.max_points}</td>"
        f"<td class=preuve>{html.escape(proof(result))}</td></tr>"
        for result in certificate.passed
    )
    name = html.escape(safe(certificate.identity.pseudonym))
    return f"""<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Attestation de {name} · {TITLE}</title>
<style>
@page {{ size: A4; margin: 18mm }}
body {{ font: 16px/1.5 "Atkinson Hyperlegible", system-ui, sans-serif; color: #1c2733;
  background: #fff; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
header {{ border-top: 10px solid #0b64c0; padding-top: 2rem; text-align: center }}
h1 {{ font-size: 2rem; margin: 0.3rem 0 }}
.cours {{ color: #41566b; letter-spacing: 0.02em }}
.nom {{ font-size: 2.2rem; font-weight: 700; margin: 1.5rem 0 0 }}
table {{ border-collapse: collapse; width: 100%; margin: 2rem 0; font-size: 0.9rem }}
th, td {{ text-align: left; padding: 0.35rem 0.6rem; border-bottom: 1px solid #d4dde6;
  vertical-align: top }}
tr {{ break-inside: avoid }}
.preuve, code {{ font: 0.75rem/1.4 "JetBrains Mono", monospace; overflow-wrap: anywhere }}
footer {{ border-left: 5px solid #0b64c0; padding-left: 1rem; font-size: 0.9rem }}
</style>
<header>
<p class="cours">{TITLE}</p>
<h1>Attestation</h1>
<p class="nom">{name}</p>
<p>{html.escape(certificate.sentence)}</p>
</header>
<table>
<thead><tr><th>N°</th><th>Exercice</th><th>Points</th><th>Ce qui l’a prouvé</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<footer>
<p>{html.escape(french(_VERIFY))}</p>
<p><code>sha256:{certificate.submission}</code></p>
<p>Identifiant de l’apprenant : <code>{html.escape(certificate.identity.id)}</code></p>
</footer>
</html>
"""


def to_pdf(certificate: Certificate) -> bytes:
    """The same as a PDF document on A4 pages."""
    from fpdf import FPDF, FontFace

    fonts = _fonts()
    pdf = FPDF(format="A4")
    pdf.set_lang("fr")
    pdf.set_title(f"Attestation de {safe(certificate.identity.pseudonym)}")
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font("texte", style, fonts / name)
    pdf.set_margin(18)
    pdf.set_auto_page_break(True, 18)
    pdf.add_page()
    pdf.set_fill_color("#0b64c0")
    pdf.rect(18, 18, 174, 3, style="F")
    pdf.set_fill_color("#ffffff")  # or the table would be blue too
    pdf.set_y(32)
    for size, style, text in (
        (11, "", TITLE),
        (22, "B", "Attestation"),
        (20, "B", safe(certificate.identity.pseudonym)),
        (11, "", certificate.sentence),
    ):
        pdf.set_font("texte", style, size)
        pdf.multi_cell(0, size * 0.55, text, align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    pdf.set_font("texte", "", 8)
    with pdf.table(
        col_widths=(12, 62, 14, 86), text_align="LEFT", borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD"), line_height=4.5, padding=1,
    ) as table:  # fmt: skip
        table.row(("N°", "Exercice", "Points", "Ce qui l’a prouvé"))
        for result in certificate.passed:
            points = f"{result.points}/{result.max_points}"
            table.row((result.exercise, result.title, points, proof(result)))
    pdf.ln(6)
    pdf.set_font("texte", "", 9)
    for text in (
        french(_VERIFY),
        f"sha256:{certificate.submission}",
        french(f"Identifiant de l'apprenant : {certificate.identity.id}"),
    ):
        pdf.multi_cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _fonts() -> Path:
    """Fonts that know French: those that come with Matplotlib, already on board."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"
