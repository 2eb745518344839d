"""What one member of an archive is: its digests, what it decompresses to, what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from checks.archives.compression import Budget, CompressionError, ahead, decompress, detect, peek
from checks.archives.tar import BLOCK, StreamReader, Walk, parse_header

AHEAD = 4 << 20
"""Compressed bytes from which a thread of its own for decompression pays for itself."""
WHITEOUT = ".wh."
"""OCI image-spec v1.1, `layer.md`, "Whiteouts": `.wh.NAME` deletes NAME of the layers below."""


class Contents(NamedTuple):
    """What a layer's tar holds: numbers of entries, and `size`, the bytes of its files."""

    files: int = 0
    links: int = 0
    directories: int = 0
    deleted: int = 0
    size: int = 0
    first: tuple[str, ...] = ()
    """The names of a few files (or of what is deleted), in the order of the tar."""


class Digests(NamedTuple):
    """Of one member: sha256 of its bytes and of its decompressed bytes (equal when plain).

    `content_size` is in bytes. `damage` is the reason of a `CompressionError`. `is_tar` tells
    whether the decompressed bytes start as a tar.
    """

    sha256: str
    content_sha256: str
    content_size: int
    compression: str | None = None
    damage: str | None = None
    is_tar: bool = False
    contents: Contents | None = None


def examine(chunks: Iterator[bytes], size: int, budget: Budget, *, count: bool) -> Digests:
    """Hash the `size` bytes of a member and what they decompress to; both to the end.

    `count` asks for `contents` too: worth it when reading these bytes again would be dear.
    """
    raw = hashlib.sha256()
    head, stream = peek(_tee(chunks, raw.update))
    name = detect(head)
    damage = None
    if name is None:
        content_hash, content = raw, stream
    else:
        content_hash = hashlib.sha256()
        content = decompress(name, stream, budget)
        if size >= AHEAD:
            content = ahead(content)
        content = _tee(content, content_hash.update)
    length, is_tar, contents = 0, False, None
    try:
        first, content = peek(content, BLOCK)
        is_tar = starts_as_tar(first)
        reader = StreamReader(content)
        if count and is_tar:
            contents = summarise(Walk(reader))
        reader.skip(1 << 62)
        length = reader.position
    except CompressionError as problem:
        damage = problem.reason
        for _ in stream:  # the raw digest still covers all of it
            pass
    return Digests(
        raw.hexdigest(), content_hash.hexdigest(), length, name, damage, is_tar, contents
    )


def starts_as_tar(block: bytes) -> bool:
    """Whether a first block is a tar's: a header, or the zeros of an empty one."""
    return len(block) >= BLOCK and (
        not any(block[:BLOCK]) or parse_header(block[:BLOCK]) is not None
    )


def summarise(walk: Walk) -> Contents:
    """Count what a layer holds, in one walk and constant memory."""
    files = links = directories = deleted = size = 0
    first: list[str] = []
    for member in walk.members():
        name = member.name.rpartition("/")[2]
        if name.startswith(WHITEOUT):
            deleted += 1
            size += member.size
        elif member.type == "directory":
            directories += 1
            continue
        elif member.type in ("symlink", "hardlink"):
            links += 1
        else:
            files += 1
            size += member.size
        if len(first) < 3:
            first.append(member.name)
    return Contents(files, links, directories, deleted, size, tuple(first))


def _tee(chunks: Iterator[bytes], feed: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in chunks:
        feed(chunk)
        yield chunk
