"""The French of chapters, notebooks and messages: typography, spelling, grammar."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish import executed, prose
from tests.conftest import quiet
from workshop.debian import ensure_programs

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_grammalecte_finds_nothing() -> None:
    ensure_programs({prose.PROGRAM: "grammalecte-cli"}, quiet)
    words = {word for line in lines("mots.txt") for word in line.split()}
    known = [tuple(line.split(": ", 1)) for line in lines("faux-positifs.txt")]
    left = [
        remark
        for remark in prose.remarks()
        if not (remark.rule == "mot" and _known(remark.words, words))
        and not any(remark.words == w and excerpt in remark.context for w, excerpt in known)
    ]
    assert not left, "\n".join(
        f"{r.where}: « {r.words} » {r.message} ({r.rule})\n    {r.context[:200]}" for r in left
    )


def _known(word: str, words: set[str]) -> bool:
    return word in words or word.startswith("CVE-") or prose.NOUN in word


@pytest.mark.parametrize("path", executed.pages(), ids=executed.name)
def test_typography_is_french(path: Path) -> None:
    text = path.read_text()
    assert prose.typography(text, executed.name(path)) == text, "./atelier site --actualiser"


def test_prose_is_freed_of_markdown() -> None:
    text = (
        "# Un *titre* { #id }\n\nDu `code` et [un lien](a.md#b){ .x }.\n\n"
        "| a `b` | **c** |\n|---|---|\n"
        "- [x] Oui\n  > Car _oui_.\n\n```terminal\nlss\n```\n<!-- corrige: D01 -->\n"
    )
    assert list(prose.paragraphs(text, "page.md")) == [
        "Un titre", "Du Docker et un lien.", "a Docker", "c", "Oui", "Car oui.",
    ]  # fmt: skip
