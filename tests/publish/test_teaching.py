"""The teacher's corner is written out of the course: it says what the course says."""

from __future__ import annotations

import html
import re

import pytest

from checks.exercise import catalogue
from publish import teaching
from publish.markdown import PageError
from tests.publish.test_site import Built


def session(*lines: str) -> str:
    return "## Un jour\n\n```seance\n" + "\n".join(lines) + "\n```\n"


def test_every_exercise_has_minutes() -> None:
    assert set(teaching.minutes()) == set(catalogue())


def test_a_session_tells_the_time() -> None:
    text = teaching.prepare(session("60", "10 Accueil.", "1.1", "1.4"), "page.md")
    length = teaching.minutes()["1.1"]
    start = f"| 0\u00a0h\u00a0{10 + length:02} | {teaching.minutes()['1.4']}\u00a0min |"
    assert f"{start} Mission [1.4](exercice:1.4)" in text
    assert f"| {60 - 10 - length - teaching.minutes()['1.4']}\u00a0min | *Marge.* |" in text


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("20", "10 Accueil.", "1.1"), "dure .* minutes, pour 20"),
        (("60", "1.5"), "1.5 demande 1.4"),
        (("60", "9.9"), "ni un exercice"),
        (("60", "Accueil."), "ni un exercice"),
    ],
)
def test_a_session_that_cannot_be_held_stops_the_build(lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(PageError, match=words):
        teaching.prepare(session(*lines), "page.md")


def test_half_days_of_a_section_follow_one_another() -> None:
    morning, afternoon = session("60", "1.4"), session("60", "1.5")
    teaching.prepare(morning + afternoon.removeprefix("## Un jour\n"), "page.md")
    with pytest.raises(PageError, match=r"1\.5 demande"):
        teaching.prepare(morning + afternoon, "page.md")


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def test_every_mistake_is_told_with_what_to_say(built: Built) -> None:
    page = (built[0] / "enseigner" / "erreurs.html").read_text()
    sections = re.split(r'<h[23] id="(?:erreurs-)?([^"]+)"', page)
    told = dict(zip(sections[1::2], sections[2::2], strict=True))
    everywhere = re.findall(r"<strong>([^<]+)</strong>", told["partout"])
    for exercise in catalogue().values():
        own = told[exercise.id.replace(".", "-")]
        for name, slip in exercise.mistakes.items():
            where = own if f"<strong>{name}</strong>" in own else told["partout"]
            assert f"<strong>{name}</strong>" in where, (exercise.id, name)
            assert name in own, (exercise.id, name)
            plain = html.unescape(re.sub(r"<[^>]+>", "", where))
            assert letters(slip.hint or exercise.hints[0]) in letters(plain), name
    assert len(everywhere) > 10 and len(everywhere) == len(set(everywhere))
    prose = re.sub(r"<code>.*?</code>", "X", page[: page.index("</article>")])
    plain = html.unescape(re.sub(r"<[^>]+>", "", prose))
    assert not re.search(r"…\.(?!\S)|…[\s,]*…", plain), "one ellipsis, and no full stop after it"
    assert not re.search(r"\{\w+\}", re.sub(r"<code>.*?</code>", "", told["partout"]))
