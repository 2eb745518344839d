"""A tar archive taken apart, changed, and put together again: what the tests damage."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name.removesuffix(".tar.xz") for path in GOLDEN.glob("*.tar.xz"))


@cache
def golden(name: str) -> bytes:
    """The bytes of a golden archive, uncompressed."""
    return lzma.decompress((GOLDEN / f"{name}.tar.xz").read_bytes())


@dataclass
class Item:
    """One entry; `extra` are attributes of its `TarInfo`."""

    name: str
    data: bytes = b""
    type: bytes = tarfile.REGTYPE
    extra: dict[str, Any] = field(default_factory=dict)


class Box:
    """The entries of an archive, in order."""

    def __init__(self, data: bytes) -> None:
        self.items: list[Item] = []
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for info in tar:
                stream = tar.extractfile(info) if info.isreg() else None
                extra = {"linkname": info.linkname, "mode": info.mode}
                body = stream.read() if stream else b""
                self.items.append(Item(info.name, body, info.type, extra))

    def bytes(self) -> bytes:
        """The archive again."""
        return tar_of(self.items)

    def __getitem__(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)

    def __contains__(self, name: str) -> bool:
        return any(item.name == name for item in self.items)

    def remove(self, name: str) -> None:
        """Take an entry away."""
        self.items.remove(self[name])

    def json(self, name: str) -> Any:
        """The document in an entry."""
        return json.loads(self[name].data)

    def edit(self, name: str, change: Callable[[Any], Any]) -> None:
        """Change the document in an entry; a blob gets its new digest, and so do those that
        name it."""
        document = self.json(name)
        change(document)
        self.replace(name, json.dumps(document).encode())

    def replace(self, name: str, data: bytes) -> None:
        """Change the bytes of an entry, coherently: names and descriptors follow."""
        item = self[name]
        item.data = data
        old = name.removeprefix("blobs/sha256/").split(".")[0]
        if len(old) != 64:
            return
        new = hashlib.sha256(data).hexdigest()
        item.name = name.replace(old, new)
        for other in list(self.items):
            if old in other.extra.get("linkname", ""):
                other.extra["linkname"] = other.extra["linkname"].replace(old, new)
            if other.data[:1] in (b"{", b"[") and old.encode() in other.data:
                document = json.loads(other.data)
                _redirect(document, old, new, len(data))
                self.replace(other.name, json.dumps(document).encode())

    # -- where things are --

    @property
    def config(self) -> str:
        """The entry that holds the (first) image's config."""
        if "manifest.json" in self:
            return str(self.json("manifest.json")[0]["Config"])
        return _path(self.json(self.manifest)["config"])

    @property
    def manifest(self) -> str:
        """The entry that holds the OCI manifest of the (first) image."""
        name = "index.json"
        while "manifests" in self.json(name):
            name = _path(self.json(name)["manifests"][0])
        return name

    @property
    def layers(self) -> list[str]:
        """The entries that hold the layers, base first."""
        if "manifest.json" in self:
            return [str(name) for name in self.json("manifest.json")[0]["Layers"]]
        return [_path(layer) for layer in self.json(self.manifest)["layers"]]


def tar_of(items: list[Item]) -> bytes:
    """A tar of these entries."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for item in items:
            info = tarfile.TarInfo(item.name)
            info.type = item.type
            for key, value in item.extra.items():
                setattr(info, key, value)
            info.size = len(item.data)
            tar.addfile(info, io.BytesIO(item.data))
    return stream.getvalue()


def checksummed(header: bytearray) -> bytes:
    """A header block with the right checksum."""
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def image(layers: list[bytes], **config: Any) -> bytes:
    """A `docker save` archive, old layout, of these layers (tars)."""
    ids = [hashlib.sha256(layer).hexdigest() for layer in layers]
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in ids]},
        **config,
    }
    data = json.dumps(document).encode()
    name = hashlib.sha256(data).hexdigest() + ".json"
    entry = {"Config": name, "RepoTags": ["essai:1"], "Layers": [f"{i}/layer.tar" for i in ids]}
    stored = dict(zip(ids, layers, strict=True))
    items = [Item(f"{one}/layer.tar", layer) for one, layer in stored.items()]
    return tar_of([Item(name, data), *items, Item("manifest.json", json.dumps([entry]).encode())])


def gz(data: bytes) -> bytes:
    """`data` compressed, always to the same bytes."""
    return gzip.compress(data, 6, mtime=0)


def salted(data: bytes, salt: int) -> bytes:
    """The golden image with other texts in its first two layers, every digest made again.

    No engine can have these layers already.
    """
    box = Box(data)
    for number, text in enumerate((b"je reste\n", b"je reste, modifie\n")):
        name = box.layers[number]
        stored = box[name].data
        plain = gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
        new = plain.replace(text, b"%09d" % salt + text[9:])
        assert new != plain
        box.replace(name, gz(new) if plain != stored else new)
        before, after = (f"sha256:{hashlib.sha256(one).hexdigest()}" for one in (plain, new))
        config = box[box.config].data.replace(before.encode(), after.encode())
        if config != box[box.config].data:  # else the layer's name was its diff_id, and followed
            box.replace(box.config, config)
    return box.bytes()


def _path(descriptor: dict[str, Any]) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/")


def _redirect(value: Any, old: str, new: str, size: int) -> None:
    if isinstance(value, dict):
        if value.get("digest") == f"sha256:{old}" and "size" in value:
            value["size"] = size
        for key, inner in list(value.items()):
            if isinstance(inner, str):
                value[key] = inner.replace(old, new)
            elif old in key:
                value[key.replace(old, new)] = value.pop(key)
            else:
                _redirect(inner, old, new, size)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, str):
                value[index] = inner.replace(old, new)
            else:
                _redirect(inner, old, new, size)
