"""Pictures of the learner's own archives, for notebooks:

    from workshop.pictures import dessiner_couches
    dessiner_couches("outil-1.2.tar")

Vector drawings that take the page's text colour, so that they read well in both schemes; hatching
and labels carry the meaning, colours only repeat it; a caption says in words what is drawn.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

from checks.archives import Archive, ArchiveError, ImageEntry, open_archive
from checks.report.text import safe
from checks.typography import french, listing, octets, plural
from workshop.lab import Lab

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")

_INK = "#010203"
"""Stands for the text colour of the page: replaced by `currentColor`."""
_BLUE, _ORANGE, _GREY = "#3d7fc4", "#c4713a", "#8a8a8a"
_WIDTH = 8.0
"""Inches; the page shrinks the drawing when it must."""
_ROW = 0.34
"""Inches of height for one bar."""
_LONGEST = 38
"""Characters of a bar's name."""
_LIMIT = 256 << 20
"""Bytes of an archive that is compressed for the sake of a picture, at most."""


@dataclass(frozen=True)
class Picture:
    """What a cell displays: words, and a drawing where there is a page."""

    text: str
    svg: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        words = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(self.text)).replace("\n", "<br>")
        caption = f'<figcaption style="opacity: 0.85; font-size: 0.92em">{words}</figcaption>'
        return f'<figure style="margin: 0.6em 0; max-width: 56em">{self.svg}{caption}</figure>'


class Undrawable(Exception):
    """There is nothing to draw yet; the message says why, in French."""


def _kindly(function: Callable[P, Picture]) -> Callable[P, Picture]:
    """Say what is missing instead of raising."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> Picture:
        try:
            return function(*arguments, **options)
        except (Undrawable, ArchiveError, OSError) as problem:
            return Picture(french(safe(f"Pas de dessin pour l'instant : {problem}")))

    return call


# --- what the learner calls -----------------------------------------------------------------


@_kindly
def dessiner_couches(*archives: str) -> Picture:
    """Dessine à l'échelle les couches des images que contiennent des archives de `docker save`.

    La partie hachurée d'une couche n'est plus visible dans un conteneur : une couche suivante l'a
    supprimée ou remplacée, mais l'archive la transporte toujours. Une couche « partagée » sert à
    plusieurs des images dessinées, et n'est écrite qu'une fois dans une même archive.
    """
    images = [(name, image) for name in archives for image in _images(name)]
    rows: list[_Row] = []
    words = []
    for name, image in images:
        layers = _layer_rows(image)
        title = image.tags[0] if image.tags else name
        rows += [_Row(title, heading=True), *reversed(layers)]
        hidden = sum(row.hidden for row in layers)
        told = f"{title} : {_sizes(layers)}"
        if hidden:
            told += f", dont {octets(hidden)} qu'un conteneur ne voit plus (partie hachurée)"
        words.append(told + ".")
    layers_drawn = [row for row in rows if not row.heading]
    times = Counter(row.diff_id for row in layers_drawn)
    for row in layers_drawn:
        row.shared = times[row.diff_id] > 1
    if shared := sum(count > 1 for count in times.values()):
        together = plural(shared, "couche est partagée", "couches sont partagées")
        words.append(f"{together} entre plusieurs de ces images.")
    return _drawn(rows, french("\n".join(words)), "octets de chaque couche, décompressée")


@_kindly
def dessiner_tailles(*archives: str) -> Picture:
    """Dessine à l'échelle la taille d'archives de `docker save` et de `docker export`.

    Hachuré : les fichiers qu'un conteneur ne voit plus, et que seule la sauvegarde transporte.
    """
    rows, words = [], []
    for name in archives:
        archive = _open(name)
        hidden = sum(sum(r.hidden for r in _layer_rows(image)) for image in archive.images)
        if archive.compression:
            hidden = 0  # its share of the compressed file is nobody's to tell
        rows.append(_Row(name, archive.size - hidden, hidden))
        told = f"{name} : {octets(archive.size)}"
        words.append(told + (f", dont {octets(hidden)} de fichiers cachés." if hidden else "."))
    if not rows:
        raise Undrawable("donnez au moins un nom de fichier.")
    return _drawn(rows, french("\n".join(words)), "octets du fichier")


@_kindly
def dessiner_compressions(archive: str) -> Picture:
    """Compresse une archive de six façons, et dessine le temps passé et la taille obtenue."""
    opened = _open(archive)
    if opened.content_size > _LIMIT:
        raise Undrawable(f"`{archive}` est trop grande pour être compressée six fois.")
    data = b"".join(opened.chunks())
    points = []
    for name, compress in _methods().items():
        start = time.perf_counter()
        size = len(compress(data))
        points.append((name, time.perf_counter() - start, size))
    smallest = min(points, key=lambda point: point[2])
    fastest = min(points, key=lambda point: point[1])
    text = french(
        f"{archive} ({octets(len(data))}) : le plus petit résultat vient de {smallest[0]} "
        f"({octets(smallest[2])}), le plus rapide de {fastest[0]} ({fastest[1] * 1000:.0f} ms). "
        "Plus un point est bas, plus le fichier est petit ; plus il est à gauche, plus c'est "
        "rapide."
    )
    return Picture(text, _scatter(points, len(data)))


# --- reading --------------------------------------------------------------------------------


def _open(name: str) -> Archive:
    path = Lab.current().workspace / Path(name)
    if not path.is_file():
        raise Undrawable(f"`{name}` n'existe pas encore dans votre dossier de travail.")
    return open_archive(path.resolve(), name=name)


def _images(name: str) -> tuple[ImageEntry, ...]:
    images = _open(name).images
    if not images:
        raise Undrawable(f"`{name}` n'est pas une archive d'images.")
    # An engine writes them in any order.
    return tuple(sorted(images, key=lambda image: (-len(image.diff_ids), image.tags)))


@dataclass
class _Row:
    """One bar: bytes that are seen, and bytes that are carried but hidden."""

    name: str
    seen: int = 0
    hidden: int = 0
    diff_id: str = ""
    shared: bool = False
    heading: bool = field(default=False, kw_only=True)


def _layer_rows(image: ImageEntry) -> list[_Row]:
    """One row per layer, the lowest first."""
    steps = [step for step in image.history if not step.get("empty_layer")]
    hidden = [0] * len(image.layers)
    for gone in image.files.hidden:
        index, member = gone.file.content
        if index == gone.file.layer and member.type == "file":
            hidden[index] += member.size
    rows = []
    for number, layer in enumerate(image.layers):
        step = steps[number] if number < len(steps) else {}
        name = str(step.get("created_by") or step.get("comment") or "couche importée")
        name = re.sub(r"^/bin/sh -c (#\(nop\) +)?", "", name)
        size = layer.content_size
        title = f"{number + 1}. {name}"
        rows.append(_Row(title, size - hidden[number], hidden[number], layer.diff_id))
    return rows


def _sizes(rows: list[_Row]) -> str:
    return f"{len(rows)} couche{'s' * (len(rows) > 1)} de " + listing(
        [octets(row.seen + row.hidden) for row in rows]
    )


def _methods() -> dict[str, Callable[[bytes], bytes]]:
    import zstandard

    return {
        "gzip -1": lambda data: gzip.compress(data, 1),
        "gzip": lambda data: gzip.compress(data, 6),
        "bzip2": bz2.compress,
        "xz": lambda data: lzma.compress(data, preset=6),
        "zstd": zstandard.ZstdCompressor(level=3).compress,
        "zstd -19": zstandard.ZstdCompressor(level=19).compress,
    }


# --- drawing --------------------------------------------------------------------------------


def _drawn(rows: list[_Row], text: str, unit: str) -> Picture:
    """Horizontal bars to one scale, from top to bottom."""
    figure = _figure(_ROW * len(rows) + 0.6)
    axes = _axes(figure)
    longest = max((row.seen + row.hidden for row in rows), default=0) or 1
    for place, row in enumerate(rows):
        if row.heading:
            continue
        axes.barh(place, row.seen, height=0.62, color=_BLUE, linewidth=0)
        if row.hidden:
            axes.barh(
                place, row.hidden, left=row.seen, height=0.62, facecolor="none",
                edgecolor=_ORANGE, hatch="////", linewidth=1.2,
            )  # fmt: skip
        end = row.seen + row.hidden
        label = octets(end)
        if row.hidden:
            label += f" (cachés : {octets(row.hidden)})"
        if row.shared:
            label += ", partagée"
        axes.text(end + longest * 0.012, place, label, va="center", fontsize=9, color=_INK)
    axes.set_yticks(range(len(rows)), [_short(row.name) for row in rows])
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if row.heading else "normal")
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.34)
    axes.set_xlabel(f"{unit} (même échelle pour toutes les barres)", fontsize=9, color=_INK)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    return Picture(text, _svg(figure, text))


def _scatter(points: list[tuple[str, float, int]], original: int) -> str:
    figure = _figure(4.0)
    axes = _axes(figure)
    markers = {"gzip": "o", "bzip2": "s", "xz": "^", "zstd": "D"}
    for rank, (name, seconds, size) in enumerate(sorted(points, key=lambda point: point[1])):
        marker = markers[name.split()[0]]
        axes.plot(seconds * 1000, 100 * size / original, marker, color=_BLUE, markersize=8)
        axes.annotate(
            name, (seconds * 1000, 100 * size / original), xytext=((-9, 9)[rank % 2], 0),
            textcoords="offset points", ha=("right", "left")[rank % 2], va="center",
            fontsize=9, color=_INK,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))
    axes.margins(x=0.15, y=0.15)
    axes.set_xlabel("temps, en millisecondes (échelle logarithmique)", fontsize=9, color=_INK)
    axes.set_ylabel("taille, en % de l'original".replace("'", "’"), fontsize=9, color=_INK)
    return _svg(figure, " ".join(name for name, _, _ in points) + str(original))


def _figure(height: float) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.patch.set_alpha(0)
    return figure


def _axes(figure: Figure) -> Axes:
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_GREY)
    axes.tick_params(which="both", colors=_INK, labelsize=9, length=0)
    return axes


def _short(name: str) -> str:
    name = " ".join(safe(name).split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _svg(figure: Figure, text: str) -> str:
    """The drawing as an SVG element that may stand in a page, its text kept as text."""
    from matplotlib import rc_context

    # Names of parts are unique in a page, and the same at every run.
    salt = hashlib.sha256(text.encode()).hexdigest()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "font.family": "sans-serif"}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :].replace(_INK, "currentColor")
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 sans-serif", drawing)
    drawing = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{salt[:6]}-", drawing)
    sized = 'style="width: 100%; height: auto; max-width: 52em" '
    return drawing.replace("<svg ", f'<svg role="img" aria-hidden="true" {sized}', 1)
