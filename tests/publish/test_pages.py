"""Pages made of notebooks and chapters: what is promised to authors, and what stops the build."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checks.exercise import catalogue
from publish import chapter, glossary, home, hooks, pages, quiz
from publish.chapter import WAGERS, Context
from publish.markdown import PageError, fences, front_matter
from workshop.lab import ROOT


@pytest.mark.parametrize("path", pages.published(), ids=lambda path: path.stem)
def test_a_notebook_becomes_a_page_with_everything(path: Path) -> None:
    text = pages.markdown(path)
    phase = int(path.stem.split("-")[1])
    own = [e for e in catalogue().values() if e.phase == phase]
    cards = re.findall(r'<div class="mission" markdown data-exercice="([\d.]+)">', text)
    assert set(cards) <= {e.id for e in own} and cards
    for id in cards:
        exercise = catalogue()[id]
        assert exercise.goal in text
        assert all(f"\n{hint}\n" in text for hint in exercise.hints)
        script = (ROOT / "solutions" / f"{id}.sh").read_text().rstrip("\n")
        assert f"```terminal\n{script}\n```" in text
        assert f"✔ {id}" in text
    assert text.count("<details") == 4 * len(cards)
    assert not re.search(r"(?m)^✔ .*   ", text), "the verdict would wrap"
    golden = json.loads((ROOT / "tests" / "notebooks" / "golden" / path.name).read_text())
    drawn = [c["id"] for c in golden["cells"] if "<svg" in json.dumps(c.get("outputs", []))]
    assert text.count("<figure") == text.count("<figcaption>") == len(drawn)
    assert "%%terminal\n" not in text and "localhost:5001" not in text
    assert sum(line.startswith("# ") for line in text.splitlines() if line) >= 1
    assert [f.language for f in fences(text, path.name)].count("sortie") > len(cards)


def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any) -> Path:
    """A published notebook, changed on its way, with its executed twin."""
    path = pages.published()[0]
    monkeypatch.setattr(pages, "EXECUTED", tmp_path)
    executed = json.loads((ROOT / "tests" / "notebooks" / "golden" / path.name).read_text())
    changed = tmp_path / "notebooks" / path.name
    changed.parent.mkdir()
    own = json.loads(path.read_text())
    change(own, executed)
    changed.write_text(json.dumps(own, indent=1, ensure_ascii=False))
    (tmp_path / path.name).write_text(json.dumps(executed))
    return changed


def shown(book: Any) -> Any:
    """A cell whose source is shown as it is."""
    return next(
        c for c in book["cells"]
        if c["cell_type"] == "code" and not c["metadata"].get("atelier") and c.get("outputs")
    )  # fmt: skip


def answer(book: Any) -> Any:
    """A cell of the learner's, that prints."""
    return next(c for c in book["cells"] if c["id"] == "travail-1-3")


def verdict(book: Any) -> Any:
    return next(c for c in book["cells"] if c["id"] == "verification-1-3")


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda own, done: done["cells"].remove(shown(done)), "pas été exécutée"),
        (lambda own, done: shown(done).update(source="%%terminal\nls\n"), "une autre version"),
        (
            lambda own, done: shown(done).update(
                outputs=[{"output_type": "error", "ename": "", "evalue": "", "traceback": []}]
            ),
            "erreur",
        ),
        (
            lambda own, done: own["cells"][1].update(
                source='<div class="alert alert-mystere">\nx\n</div>'
            ),
            "encadré inconnu",
        ),
        (lambda own, done: shown(done).update(outputs=[]), "pas de sortie"),
        (lambda own, done: answer(done).update(outputs=[]), "pas de sortie"),
        (lambda own, done: verdict(done).update(outputs=[]), "pas de verdict"),
        (lambda own, done: done["cells"].remove(verdict(done)), "pas de verdict"),
        (
            lambda own, done: own["cells"][1].update(source=["# Un\n", "\n", "```terminal\n"]),
            "ne se termine pas",
        ),
    ],
)
def test_a_wrong_notebook_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, words: str
) -> None:
    path = notebook(tmp_path, monkeypatch, change)
    with pytest.raises(PageError, match=r"^phase-1-.*\.ipynb:\d+: cellule .*" + words) as caught:
        pages.markdown(path)
    line = int(str(caught.value).split(":")[1])
    assert '"source":' in "".join(path.read_text().splitlines()[max(0, line - 4) : line])


def test_a_notebook_that_was_never_executed_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notebook(tmp_path, monkeypatch, lambda own, done: None)
    (tmp_path / path.name).unlink()
    with pytest.raises(PageError, match=r"^phase-1-.*\.ipynb:1: ce notebook n’a pas été exécuté"):
        pages.markdown(path)


def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "phase-9-essai.ipynb"
    path.write_text((ROOT / "notebooks" / "phase-1-comprendre.ipynb").read_text()[:5000])
    with pytest.raises(PageError, match=r"^phase-9-essai\.ipynb:\d\d+: ce JSON est mal formé"):
        pages.read(path)
    with pytest.raises(PageError, match=r"^page\.md:3: l’en-tête"):
        front_matter("---\ntitle: Un\nminutes: a: b\n---\n# Un\n", "page.md")
    with pytest.raises(PageError, match=r"^page\.md:2: l’en-tête"):
        front_matter("---\nrien\n---\n# Un\n", "page.md")


def context() -> Context:
    return Context("page.md", ROOT / "chapters", {2: "notebooks/phase-2-save-load.md"}, str)


def prepared(text: str, page: str = "page.md") -> str:
    own = context()
    own.page = page
    return chapter.finish(chapter.prepare(text, own), own)


def test_a_chapter_s_blocks_are_for_the_reader() -> None:
    text = prepared(
        "```terminal coulisses\nls\n```\n```terminal code=1\nfalse\n```\n```sortie\nnon\n```\n"
        '```terminal exemple="demande un compte"\ndocker login\n```\n<!-- corrige: D01 -->\n'
    )
    assert "\nls" not in text and "corrige" not in text
    assert "```{ .bash .terminal }\nfalse" in text
    assert '```{ .text .sortie .no-copy title="sortie" }\nnon' in text
    assert 'title="Pas exécuté ici\u00a0: demande un compte"' in text


def test_links_to_exercises_lead_to_their_card() -> None:
    text = prepared("Voyez [la mission 2.7](exercice:2.7).")
    assert text == "Voyez [la mission 2.7](notebooks/phase-2-save-load.md#mission-2-7)."


QUIZ = """## Quiz

### Combien ?

- [ ] Deux.
  > Non : un.
- [x] Un.
  > Oui.

## Suite
"""


def test_a_quiz_is_a_form() -> None:
    html = prepared(QUIZ)
    assert html.count('type="radio"') == 2 and "checkbox" not in html
    assert html.count('data-verdict="vrai"') == 2  # the choice and its comment
    assert "## Suite" in html
    several = prepared(QUIZ.replace("- [ ]", "- [x]"))
    assert several.count('type="checkbox"') == 2 and "plusieurs réponses" in several


@pytest.mark.parametrize(
    "text, words",
    [
        (QUIZ.replace("[x]", "[ ]"), r"page\.md:3: aucune réponse"),
        (QUIZ.replace("  > Oui.\n", ""), r"page\.md:3: .*commentaire"),
        (QUIZ.replace("- [ ] Deux.\n  > Non : un.\n", ""), r"page\.md:3: .*moins de deux"),
        (QUIZ.replace("### Combien", "Combien"), r"page\.md:3: un quiz commence"),
        ("!!! mystere\n    x\n", r"page\.md:1: encadré inconnu"),
        ("![x](assets/absente.svg)\n", r"page\.md:1: l’image"),
    ],
)
def test_a_wrong_chapter_stops_the_build(text: str, words: str) -> None:
    with pytest.raises(PageError, match=words):
        prepared(text)


WAGER = """## Une partie

### « Faux »

**Votre pari.** Combien ?

- [ ] Un.
- [ ] Deux.

**L’expérience.** On compte.

**En vérité.** Deux.

## À retenir
"""


def test_a_wrong_idea_is_a_wager_then_a_folded_truth() -> None:
    html = prepared(WAGER, WAGERS)
    assert html.count('type="radio"') == 2 and html.count("<details") == 1
    assert html.index("## Une partie") < html.index("### « Faux »") < html.index("<form")
    assert html.index("En vérité") < html.index("</details>") < html.index("## À retenir")
    with pytest.raises(PageError, match=r"^idees-recues\.md:3: .*Votre pari"):
        prepared(WAGER.replace("Votre pari", "Un pari"), WAGERS)
    assert "<form" not in prepared(WAGER)  # elsewhere, a title may quote


def test_the_glossary_gives_links_once_a_page() -> None:
    (term,) = glossary.terms("# G\n\n### dépôt\n*repository* · dépôts\n\nCe que `x` range.\n")
    assert (term.anchor, term.forms) == ("depot", ("dépôt", "dépôts"))
    html = "<h2>Dépôts</h2><p>Des dépôts, un <code>dépôt</code>, un dépôt.</p>"
    linked = glossary.linked(html, [term], "glossaire.html")
    assert linked.count("<a ") == 1
    assert (
        '<a class="terme" href="glossaire.html#depot" title="Ce que x range.">dépôts</a>' in linked
    )
    file = '<span class="filename">dépôt</span> <p>un dépôt</p>'
    assert glossary.linked(file, [term], "g.html").startswith('<span class="filename">dépôt</span>')
    with pytest.raises(PageError, match="un terme est suivi"):
        glossary.terms("### dépôt\n\nSans anglais.\n")


def test_every_chapter_has_its_facts() -> None:
    for path in sorted((ROOT / "chapters").glob("[1-4]-*.md")):
        meta, body = front_matter(path.read_text())
        assert meta["description"] and meta["minutes"] > 0 and len(meta["objectifs"]) >= 2
        assert set(map(str, meta["exercices"])) <= set(catalogue()), path.name
        assert "\n## À retenir" in body and "\n## Quiz" in body


def test_a_quiz_asks_enough() -> None:
    for path in sorted((ROOT / "chapters").glob("*.md")):
        _, found, asked = path.read_text().partition("\n## Quiz\n")
        lines = list(enumerate(asked.split("\n")))[1:]
        assert not found or len(quiz.questions(lines, path.name)) >= 8, path.name


def test_commands_of_the_workshop_are_not_said_to_be_examples() -> None:
    text = '```terminal exemple="ouvre JupyterLab"\n./atelier ouvrir\n```\n'
    for page, titles in (("index.md", 0), ("enseigner/salle.md", 0), ("1-noms.md", 1)):
        own = Context(page, ROOT / "chapters", {}, str)
        assert chapter.prepare(text, own).count("title=") == titles


def test_typography_is_put_wherever_the_text_comes_from() -> None:
    page = "<p>« <strong>Quoi</strong> » ? L'<code>a ? b</code></p><pre>x : y</pre>"
    assert hooks.typeset(page) == (
        "<p>«\u00a0<strong>Quoi</strong>\u00a0»\u00a0? L’<code>a ? b</code></p><pre>x : y</pre>"
    )


def test_the_road_leads_to_what_exists() -> None:
    road = home.road({2: "Sauvegarder"}, ROOT / "chapters", {2: "notebooks/phase-2-save-load.md"})
    assert "](2-save-load.md)" in road and "](notebooks/phase-2-save-load.md)" in road
    assert 'data-exercices="2.1 2.2 ' in road
