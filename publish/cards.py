"""The pictures that social networks show beside a link to a page: drawn here, with our own fonts.

Made only when the site's address is known (`SITE_URL`): Open Graph (https://ogp.me/) wants an
absolute address, and a site read from files is not linked to.
"""

from __future__ import annotations

import html
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).with_name("theme") / "assets" / "polices"
FOLDER = "assets/cartes"
SIZE = (1200, 630)
MARGIN = 90
INK, PAPER, GREY, BLUE = "#e6edf3", "#12263a", "#9db0c2", "#6db3f2"
LAYERS = ("#f3c766", "#f08a6c", "#6db3f2")
"""Those of the logo, the lowest first."""


def address(source: str) -> str:
    """Where the card of a page is in the site: `a/b.md` → `assets/cartes/a-b.png`."""
    return f"{FOLDER}/{source.removesuffix('.md').replace('/', '-')}.png"


def tags(title: str, site: str, description: str, page: str, picture: str) -> str:
    """What goes into the page's head; `page` and `picture` are absolute addresses."""
    rows = [
        ("property", "og:type", "article"),
        ("property", "og:locale", "fr_FR"),
        ("property", "og:site_name", site),
        ("property", "og:title", title),
        ("property", "og:description", description),
        ("property", "og:url", page),
        ("property", "og:image", picture),
        ("property", "og:image:width", str(SIZE[0])),
        ("property", "og:image:height", str(SIZE[1])),
        ("property", "og:image:alt", title),
        ("name", "twitter:card", "summary_large_image"),
    ]
    return "".join(
        f'<meta {kind}="{name}" content="{html.escape(value, quote=True)}">\n'
        for kind, name, value in rows
        if value
    )


def draw(title: str, above: str, below: str) -> bytes:
    """A card as PNG: the title in large type, as many lines as it takes, `above` and `below` it."""
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    _logo(pen, SIZE[0] - MARGIN - 190, MARGIN - 10, 190)
    pen.text((MARGIN, MARGIN), above, font=_font(34, "700"), fill=BLUE)
    width = SIZE[0] - 2 * MARGIN
    size, lines = 84, [title]
    while size > 30:
        lines = _wrapped(title, _font(size, "700"), width)
        if len(lines) * size * 1.16 <= 270:
            break
        size -= 4
    top = 470 - len(lines) * size * 1.16
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + number * size * 1.16), line, font=_font(size, "700"), fill=INK)
    pen.text((MARGIN, SIZE[1] - MARGIN - 26), below, font=_font(32, "400"), fill=GREY)
    data = BytesIO()
    image.quantize(64).save(data, "PNG", optimize=True)
    return data.getvalue()


def _font(size: int, weight: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"atkinson-hyperlegible-latin-{weight}-normal.woff2", size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):  # a no-break space does not end a line
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _logo(pen: ImageDraw.ImageDraw, left: float, top: float, width: float) -> None:
    """Three layers, as in `logo.svg` (a square of 32 units)."""
    unit = width / 26
    for number, colour in enumerate(LAYERS):
        y = top + (12 - 6 * number) * unit
        shape = [(0, 6.5), (13, 0), (26, 6.5), (13, 13)]
        outline = [(left + x * unit, y + dy * unit) for x, dy in shape]
        pen.polygon(outline, fill=colour, outline=PAPER, width=7)
