"""What a repository's page shows of what the registry stores: tags, digests, layers to scale."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import mistune
from markupsafe import Markup, escape

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
    """An image under a tag. `size` is the sum of its layers, as stored, in bytes."""

    tag: str
    digest: str
    platforms: tuple[str, ...]
    size: int
    layers: tuple[Layer, ...]
    user: str
    command: str


class Shelf:
    """Reads the hub's own registry with the workshop's key: nothing of it goes into the log."""

    def __init__(self, hub: str, key: str) -> None:
        self._hub, self._key = hub, key

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository, `latest` first, then the highest versions."""
        found = Reader(self._hub, self._key).tags(f"{self._hub}/{repository}")
        return sorted(found, key=_recent, reverse=True)

    def images(self, repository: str, tags: list[str]) -> list[Shown]:
        """Those images; a tag that went away meanwhile is left out."""
        reader = Reader(self._hub, self._key)
        told = ((tag, reader.image(f"{self._hub}/{repository}:{tag}", "amd64")) for tag in tags)
        return [show(tag, image) for tag, image in told if image]


def show(tag: str, image: RegistryImage) -> Shown:
    """What the page tells of an image."""
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
    words = [*(image.config.get("Entrypoint") or ()), *(image.config.get("Cmd") or ())]
    return Shown(
        tag=tag,
        digest=image.digest,
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
    links go to the web only (mistune's own rules)."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>{escape(text)}</em>"

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return f"<h{min(level + 2, 6)}>{text}</h{min(level + 2, 6)}>\n"  # under the page's own

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return f'<a rel="nofollow noopener" href="{escape(self.safe_url(url))}">{text}</a>'


def markdown(text: str) -> Markup:
    """A description as HTML that can do no harm."""
    made = mistune.create_markdown(renderer=_Safe(escape=True), plugins=["table", "strikethrough"])
    return Markup(made(text))  # noqa: S704 - escaped by the renderer
