"""The course on paper."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from pypdf import PdfReader

from checks.outcome import EnvironmentProblem
from publish import booklet, pages
from tests.publish.test_site import Built
from workshop.lab import ROOT

CHAPTER, NOTEBOOK = "choisir.html", "notebooks/phase-1-comprendre.html"


def test_it_holds_every_chapter_and_answer(built: Built) -> None:
    text = booklet.document(built[0])
    page = BeautifulSoup(text, "html.parser")
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    links = {str(tag["href"])[1:] for tag in page.select('a[href^="#"]')}
    assert links <= set(ids)
    for path in (ROOT / "chapters").glob("[1-9]-*.md"):
        assert path.stem in ids
    missions = page.select(".mission")
    for path in pages.published():
        assert "notebooks-" + path.stem in ids
    assert len(page.select(".chapitre:not(.reponses) .reponse")) == 0
    assert len(page.select(".reponses .reponse")) == len(missions) > 40
    assert not page.select("nav.phases, input, .chapitre:not(.reponses) .quiz-commentaire")


def test_its_page_numbers_are_true(built: Built, browser: Browser, tmp_path: Path) -> None:
    site, target = tmp_path / "site", tmp_path / "cours.pdf"
    for name in ("index.html", CHAPTER, NOTEBOOK):  # the whole course takes longer to print
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built[0] / name, site / name)
    shutil.copytree(built[0] / "assets", site / "assets")
    count = booklet.printed(site, target, browser)
    reader = PdfReader(target)
    texts = [page.extract_text() for page in reader.pages]
    assert count == len(texts) > 10
    entries = dict(re.findall(r"(?m)^(.*?)\s*(\d+)$", texts[1]))
    assert len(entries) >= 3
    answers = next(title for title in entries if title.startswith("Indices"))
    assert texts[int(entries[answers]) - 1].lstrip().startswith("Indices et réponses")
    page = next(int(n) for text in texts for n in re.findall(r"réponse\s:\spage\s(\d+)", text))
    assert "Mission 1.1" in texts[page - 1] and page >= int(entries[answers])
    assert reader.outline
    assert booklet.UNKNOWN not in entries.values()


def test_without_chromium_it_is_said(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="apt-get install chromium"):
        booklet.write(built[0], tmp_path / "cours.pdf")
