"""What a repository's page shows of what the registry stores: tags, digests, layers to scale."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import mistune
from markupsafe import Markup

from checks.evidence import RegistryImage
from checks.evidence.registry import Reader

TAGS_PER_PAGE = 20
_NOTHING = re.compile(r"^/bin/sh -c (#\(nop\)\s*)?")


@dataclass(frozen=True)
class Layer:
    """One layer: its digest, its size in bytes as it is stored, what made it, and its share of the
    image in thousandths."""

    digest: str
    size: int
    made_by: str
    share: int


@dataclass(frozen=True)
class Shown:
    """What a tag stands for. `size` is the sum of its layers, as stored, in bytes."""

    tag: str
    digest: str
    is_image: bool = False
    """False for an artifact, a build cache…: of these, nothing but the digest is shown."""
    platforms: tuple[str, ...] = ()
    size: int = 0
    layers: tuple[Layer, ...] = ()
    user: str = ""
    command: str = ""


class Shelf:
    """Reads the hub's own registry with the workshop's key: nothing of it goes into the log."""

    def __init__(self, hub: str, key: str) -> None:
        self._hub, self._key = hub, key

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository, `latest` first, then the highest versions."""
        found = Reader(self._hub, self._key).tags(f"{self._hub}/{repository}")
        return sorted(found, key=_recent, reverse=True)

    def images(self, repository: str, tags: list[str]) -> list[Shown]:
        """What those tags stand for; one that went away meanwhile is left out."""
        reader = Reader(self._hub, self._key)
        found = []
        for tag in tags:
            reference = f"{self._hub}/{repository}:{tag}"
            if image := reader.image(reference, "amd64"):
                found.append(show(tag, image))
            elif digest := reader.digest(reference):
                found.append(Shown(tag, digest))
        return found


def show(tag: str, image: RegistryImage) -> Shown:
    """What the page tells of an image. Its config is whatever somebody pushed."""
    manifest = json.loads(image.documents[-2])
    sizes = [int(layer.get("size", 0)) for layer in manifest["layers"]]
    total = sum(sizes)
    steps = [entry for entry in image.history if not entry.get("empty_layer")]
    if len(steps) != len(sizes):
        steps = [{} for _ in sizes]
    layers = tuple(
        Layer(digest, size, _made_by(step), round(1000 * size / total) if total else 0)
        for digest, size, step in zip(image.layers, sizes, steps, strict=True)
    )
    words: list[Any] = []
    for key in ("Entrypoint", "Cmd"):
        told = image.config.get(key)
        words += told if isinstance(told, list) else []
    return Shown(
        tag=tag,
        digest=image.digest,
        is_image=True,
        platforms=image.platforms,
        size=total,
        layers=layers,
        user=str(image.config.get("User") or ""),
        command=" ".join(map(str, words)),
    )


def _made_by(step: dict[str, Any]) -> str:
    return _NOTHING.sub("", str(step.get("created_by") or step.get("comment") or "")).strip()


def _recent(tag: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """A key that puts `1.10` above `1.9`, and `latest` above everything."""
    parts = re.findall(r"\d+|[^\d.]+", tag)
    key = [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
    return tag == "latest", key


class _Safe(mistune.HTMLRenderer):
    """Markdown without pictures: the page asks nothing of anybody else. HTML is shown as text, and
    links go to the web only (mistune's own rules). `text` is HTML already."""

    _level = 1  # the page's own title

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>{text}</em>" if text else ""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        if not text.strip():
            return ""
        self._level = min(level + 1, self._level + 1, 6)  # no level is skipped
        return f"<h{self._level}>{text}</h{self._level}>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        place = self.safe_url(url)
        return f'<a rel="nofollow noopener" href="{place}">{text.strip() or place}</a>'

    def block_code(self, code: str, info: str | None = None) -> str:
        return _wide("Code", super().block_code(code))

    def table(self, text: str) -> str:
        return _wide("Tableau", f"<table>{text}</table>")

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        tag = "th" if head and text.strip() else "td"
        return f"<{tag}>{text}</{tag}>"


def _wide(what: str, content: str) -> str:
    """What may be wider than the page, and is then scrolled, with the keyboard too."""
    return f'<div class="deborde" tabindex="0" role="group" aria-label="{what}">{content}</div>\n'


def markdown(text: str) -> Markup:
    """A description as HTML that can do no harm."""
    made = mistune.create_markdown(renderer=_Safe(escape=True), plugins=["table", "strikethrough"])
    return Markup(made(text))  # noqa: S704 - escaped by the renderer
