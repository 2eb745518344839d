"""Social cards: drawn without a network, named in the head of each page."""

from __future__ import annotations

from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from PIL import Image, ImageChops

from publish import cards

LONG = "Les limites de téléchargement, les comptes, les jetons\u00a0: ce que l’on vous demandera"


@pytest.mark.parametrize("title", ["Choisir", LONG, LONG * 2])
def test_a_card_holds_its_whole_title(title: str) -> None:
    first = cards.draw(title, "Phase 1", "Le cours")
    image = Image.open(BytesIO(first)).convert("RGB")
    assert image.size == cards.SIZE
    frame = image.copy()
    frame.paste(cards.PAPER, (40, 40, cards.SIZE[0] - 40, cards.SIZE[1] - 40))
    flat = Image.new("RGB", cards.SIZE, frame.getpixel((0, 0)))
    assert ImageChops.difference(frame, flat).getbbox() is None  # nothing near the edges
    again, longer = (cards.draw(text, "Phase 1", "Le cours") for text in (title, title + "\u00a0!"))
    assert again == first != longer


def test_the_head_names_it() -> None:
    picture = "https://cours.example/" + cards.address("notebooks/phase-1.md")
    assert picture.endswith("/notebooks-phase-1.png")
    head = cards.tags('Un « "titre" »', "Le cours", "", "https://cours.example/a.html", picture)
    metas = BeautifulSoup(head, "html.parser").find_all("meta")
    found = {str(m.get("property") or m.get("name")): m["content"] for m in metas}
    assert found["og:image"] == picture and found["og:title"] == 'Un « "titre" »'
    assert found["twitter:card"] == "summary_large_image" and "og:description" not in found
