"""An archive of images or of a container's files: what it is, what it holds, what is wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from checks.archives import nature, verify
from checks.archives.compression import (
    NESTING,
    Budget,
    CompressionError,
    decompress,
    detect,
    peek,
    unwrap,
)
from checks.archives.digests import Contents, Digests, examine, starts_as_tar, summarise
from checks.archives.documents import SIZE, TOTAL, Documents
from checks.archives.images import MAX_SLASHES, ImageEntry, Listing, read_index, read_manifest
from checks.archives.problems import MOST, Problem, error, shown
from checks.archives.source import (
    CHUNK,
    ArchiveError,
    FileSource,
    Outer,
    Source,
    chunks,
)
from checks.archives.tar import BLOCK, Member, Reader, SeekReader, StreamReader, Walk, normal_name

HEAD = 512
SMALL = 16 << 10
"""Bytes of a member that is kept while streaming, whatever it holds (documents: see `SIZE`)."""
_LARGE = 128 << 10
"""Bytes from which a member is hashed on the way wherever it is; a smaller one only down to the
depth of `blobs/sha256/<hex>`, for nothing deeper belongs to an image."""
_PARALLEL = 1 << 20
"""Bytes of a member from which hashing it in another thread is worth it."""
_HOLES = 1 << 30
"""Size in bytes from which a file made nearly only of holes is not hashed."""


@dataclass
class _Scan:
    """What walking the content found. The rest is only filled by a streaming walk."""

    members: dict[str, Member] = field(default_factory=dict)
    entries: list[Member] = field(default_factory=list)
    trailing: int | None = None
    twins: int = 0
    problems: list[Problem] = field(default_factory=list)
    is_tar: bool = True
    cut: bool = False
    digests: dict[int, Digests] = field(default_factory=dict)
    kept: dict[int, bytes] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Take one more member; a name that comes twice is two readings of one archive."""
        if member.name in self.members and member.type != "directory" and self.twins < MOST:
            self.twins += 1
            self.problems.append(
                error(
                    "membre-en-double",
                    f"Deux entrées de l'archive s'appellent `{shown(member.name)}` : "
                    "selon l'outil, l'une ou l'autre serait lue.",
                )
            )
        self.members[member.name] = member
        self.entries.append(member)

    def end(self, walk: Walk) -> None:
        """Take what the walk says once it is over."""
        walk.finish()
        self.is_tar, self.trailing = walk.is_tar, walk.trailing
        self.cut = not walk.whole
        self.problems += walk.problems


@dataclass
class _Pass:
    """What one streaming pass over the whole file found."""

    compression: tuple[str, ...]
    deeper: bool
    damage: str | None
    head: bytes
    content_head: bytes
    size: int
    sha256: str
    content_size: int
    content_sha256: str
    scan: _Scan


class Archive:
    """An archive, read as little as the questions need, and each thing once.

    An uncompressed file is read by seeking: its headers, then what a question needs. A compressed
    file or a pipe is read in one forward pass, which hashes every member and keeps the small ones.
    Nothing is written anywhere. `OSError` is raised only when the disk itself fails.
    """

    def __init__(
        self,
        source: Source | None,
        name: str,
        outer: Outer | None = None,
        stream: BinaryIO | None = None,
    ) -> None:
        self._source = source
        self._outer = outer
        self._stream = stream
        self._budget = Budget()
        self.name = name

    # -- the file --

    @property
    def size(self) -> int:
        """Bytes of the file."""
        if self._outer:
            return self._outer.size
        return self._pass.size if self._source is None else self._source.size

    @cached_property
    def head(self) -> bytes:
        """The first 512 bytes of the file."""
        if self._outer:
            return self._outer.head
        return self._pass.head if self._source is None else self._source.read(0, HEAD)

    @cached_property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        if self._outer:
            return self._outer.sha256
        return self._pass.sha256 if self._source is None else _hash(self.raw_chunks())

    @cached_property
    def compression(self) -> tuple[str, ...]:
        """The compressions around the content, outermost first; at most three are undone."""
        if self._outer:
            return self._outer.compression
        if self._source is None:
            return self._pass.compression
        return unwrap(self.raw_chunks(), self._allowance()).names

    def raw_chunks(self) -> Iterator[bytes]:
        """The bytes of the source, in order. Raises `ArchiveError` for a pipe."""
        if self._source is None:
            raise ArchiveError("Un tube ne se lit qu'une fois.")
        return chunks(self._source)

    def chunks(self) -> Iterator[bytes]:
        """The decompressed content, in order; stops where the compression is damaged.

        Raises `ArchiveError` for a pipe.
        """
        if self._outer:
            return self.raw_chunks()
        return unwrap(self.raw_chunks(), self._allowance()).chunks()

    def _allowance(self) -> Budget:
        return Budget(0 if self._source is None else self._source.size)

    @cached_property
    def content_sha256(self) -> str:
        """Of the decompressed content, in hexadecimal."""
        if self._streamed:
            return self._pass.content_sha256
        if self._outer and self._outer.content_sha256:
            return self._outer.content_sha256
        return self.sha256 if self._outer is None else _hash(self.raw_chunks())

    @property
    def content_size(self) -> int:
        """Bytes of the decompressed content."""
        return self._pass.content_size if self._streamed else self._random.size

    @property
    def _streamed(self) -> bool:
        return self._source is None or (self._outer is None and bool(self.compression))

    @property
    def _random(self) -> Source:
        """The source, where it holds the content itself."""
        if self._source is None or self._streamed:
            raise ArchiveError("Le contenu ne se lit que dans l'ordre.")
        return self._source

    # -- reading --

    @cached_property
    def _pass(self) -> _Pass:
        """One streaming pass: everything is hashed, documents are kept."""
        raw = hashlib.sha256()
        size, pipe = 0, self._source is None

        def incoming() -> Iterator[bytes]:
            nonlocal size
            for chunk in self._forward():
                size += len(chunk)
                self._budget.size += len(chunk)
                if pipe:  # a file's own digest is computed only when asked
                    raw.update(chunk)
                yield chunk

        head, stream = peek(incoming())
        content = unwrap(stream, self._budget, threads=True)
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in content.chunks():
                digest.update(chunk)
                yield chunk

        reader = StreamReader(hashed())
        scan = self._scan_stream(reader)
        reader.skip(1 << 62)
        return _Pass(
            compression=content.names,
            deeper=content.deeper,
            damage=content.damage,
            head=head,
            content_head=content.head,
            size=size,
            sha256=raw.hexdigest(),
            content_size=reader.position,
            content_sha256=digest.hexdigest(),
            scan=scan,
        )

    def _forward(self) -> Iterator[bytes]:
        if self._stream is None:
            yield from self.raw_chunks()
            return
        while chunk := self._stream.read(CHUNK):
            yield chunk

    def _scan_stream(self, reader: StreamReader) -> _Scan:
        scan, walk, room = _Scan(), Walk(reader), TOTAL
        for member in walk.members():
            scan.add(member)
            if (
                member.type != "file"
                or not member.size
                or (member.name.count("/") > MAX_SLASHES and member.size < _LARGE)
            ):
                continue
            first, body = peek(reader.take(member.size))
            document = first.lstrip()[:1] in (b"{", b"[") and member.size <= SIZE
            if (document or member.size <= SMALL) and member.size <= room:
                data = b"".join(body)
                room -= len(data)
                if len(data) == member.size:
                    scan.kept[member.offset] = data
                body = iter((data,))
            scan.digests[member.offset] = examine(body, member.size, self._budget, count=True)
        scan.end(walk)
        return scan

    @cached_property
    def _scan(self) -> _Scan:
        if self._streamed:
            return self._pass.scan
        self._budget.size = self._random.size
        scan, walk = _Scan(), Walk(SeekReader(self._random))
        for member in walk.members():
            scan.add(member)
        scan.end(walk)
        return scan

    @property
    def members(self) -> Mapping[str, Member]:
        """The entries of the tar by normalised name; empty for what is no tar."""
        return self._scan.members

    @property
    def entries(self) -> list[Member]:
        """The entries in the order of the archive, duplicates included."""
        return self._scan.entries

    @property
    def trailing(self) -> int | None:
        """Where something else than zeros starts after the end of the tar, in bytes."""
        return self._scan.trailing

    def resolve(self, name: str) -> Member | None:
        """The file that `name` is, through one link inside the archive.

        moby `image/tarexport/save.go` (≤ 24) stores a repeated layer as a symbolic link, Podman
        its legacy `layer.tar` too.
        """
        member = self.members.get(name)
        if member is not None and member.type in ("symlink", "hardlink"):
            target = member.linkname
            if member.type == "symlink":
                target = _join(name.rpartition("/")[0], target)
            member = self.members.get(normal_name(target))
        return member if member is not None and member.type == "file" else None

    def read(self, name: str, limit: int = 1 << 20) -> bytes:
        """The content of a member of at most `limit` bytes. Raises `ArchiveError`."""
        member = self.resolve(name)
        if member is None:
            raise ArchiveError(f"L'archive ne contient pas de fichier `{shown(name)}`.")
        if member.size > limit:
            raise ArchiveError(f"`{shown(name)}` dépasse la limite de {limit} octets.")
        kept = self._scan.kept.get(member.offset)
        data = b"".join(self.content(member)) if kept is None else kept
        if len(data) < member.size:
            raise ArchiveError(f"`{shown(name)}` est tronqué.")
        return data

    def content(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member, in order; a pass over a compressed archive."""
        if not member.size:
            return iter(())
        if not self._streamed:
            return chunks(self._random, member.offset, member.size)
        reader = StreamReader(self.chunks())
        reader.skip(member.offset)
        return reader.take(member.size)

    def stored(self, name: str) -> Iterator[bytes]:
        """The bytes of the member `name`, in order. Raises `ArchiveError`."""
        member = self.resolve(name)
        if member is None:
            raise ArchiveError(f"L'archive ne contient pas de fichier `{shown(name)}`.")
        return self.content(member)

    def digests(self, name: str) -> Digests:
        """The digests of a member. Raises `ArchiveError` when it is not there."""
        member = self.resolve(name)
        if member is None:
            raise ArchiveError(f"L'archive ne contient pas de fichier `{shown(name)}`.")
        return self.digests_of(member)

    def digests_of(self, member: Member) -> Digests:
        """The digests of an entry; computed once."""
        known = self._scan.digests
        if member.offset not in known:
            known[member.offset] = self._examine(member)
        return known[member.offset]

    def _examine(self, member: Member) -> Digests:
        if self._streamed:  # too deep in the tree to have been hashed on the way
            return examine(self.content(member), member.size, self._allowance(), count=False)
        stayed = self._random.known(member.offset, member.size)
        if stayed is not None:
            content = (stayed.diff_id or stayed.sha256).removeprefix("sha256:")
            return Digests(stayed.sha256, content, member.size, stayed.compression, is_tar=True)
        compressed = self._first_bytes(member)[0] is not None
        body = self.content(member)
        return examine(body, member.size, self._budget, count=compressed)

    def hash_all(self, names: Iterable[str]) -> None:
        """Compute the digests of many members, the large ones on all cores."""
        members = {m.offset: m for name in names if (m := self.resolve(name))}
        todo = [m for offset, m in members.items() if offset not in self._scan.digests]
        large = [m for m in todo if m.size >= _PARALLEL and not self._streamed]
        if len(large) > 1:
            large.sort(key=lambda member: -member.size)
            with ThreadPoolExecutor(min(len(large), os.cpu_count() or 1)) as pool:
                for member, found in zip(large, pool.map(self._examine, large), strict=True):
                    self._scan.digests[member.offset] = found
        for member in todo:
            if member.offset not in self._scan.digests:
                self._scan.digests[member.offset] = self._examine(member)

    def compression_of(self, name: str) -> str | None:
        """The compression of a member, from its first bytes."""
        member = self.resolve(name)
        return None if member is None else self._first_bytes(member)[0]

    def _first_bytes(self, member: Member) -> tuple[str | None, bool]:
        """The compression of a member, and whether it is a plain tar."""
        found = self._scan.digests.get(member.offset)
        if found is not None:
            return found.compression, found.is_tar and found.compression is None
        if self._streamed:
            return None, False
        stayed = self._random.known(member.offset, member.size)
        if stayed is not None:
            return stayed.compression, stayed.compression is None
        first = self._random.read(member.offset, min(BLOCK, member.size))
        return detect(first), starts_as_tar(first)

    def contents(self, name: str) -> Contents | None:
        """What a layer holds, in numbers; None when it is no tar or stayed behind."""
        member = self.resolve(name)
        if member is None:
            return None
        compression, plain = self._first_bytes(member)
        if self._streamed or compression:
            return self.digests_of(member).contents
        if not plain or self._random.known(member.offset, member.size):
            return None
        return summarise(Walk(SeekReader(self._random, member.offset, member.size)))

    def layer_reader(self, name: str) -> Reader:
        """The decompressed tar of a layer, from its start. Raises `ArchiveError`."""
        member = self.resolve(name)
        if member is None or self._streamed or self.compression_of(name):
            return StreamReader(self.layer_chunks(name))
        self.layer_chunks(name)  # refuses a layer that stayed behind
        return SeekReader(self._random, member.offset, member.size)

    def layer_chunks(self, name: str) -> Iterator[bytes]:
        """The decompressed bytes of a layer, until their end or their first damage.

        Raises `ArchiveError` when they are not here.
        """
        content, member = self.stored(name), self.resolve(name)
        if member and not self._streamed and self._random.known(member.offset, member.size):
            raise ArchiveError("Cette couche est restée sur la machine d'origine.")
        compression = self.compression_of(name)
        if compression:
            content = decompress(compression, content, self._allowance())
        return _until_damage(content)

    # -- what it is --

    @property
    def kind(self) -> str:
        """`docker-save`, `oci`, `rootfs`, `encrypted`, `part` or `unknown`."""
        return self._nature.kind

    @property
    def detail(self) -> str:
        """The finer nature, in kebab-case: `legacy`, `oci-layout`, `podman`, `oci-only`, `export`,
        `tar-of-tars`, `nested-directory`, `no-manifest`, `plain-tar`, `truncated`, `empty`,
        `gzip-of-nothing`, `zip`, `7z`, `lz4`, `html`, `json`, `base64`, `text`, `openpgp`…"""
        return self._nature.detail

    @cached_property
    def _nature(self) -> nature.Nature:
        found = self._bytes_nature()
        cut = found.detail in ("truncated", "binary") or (
            self._streamed and self._pass.damage == "truncated"
        )
        if cut and nature.part(self.name):
            return nature.Nature("part", found.detail)
        return found

    def _bytes_nature(self) -> nature.Nature:
        if self.size == 0:
            return nature.Nature("unknown", "empty")
        if self._streamed and self.content_size == 0 and self._pass.damage is None:
            return nature.Nature("unknown", "gzip-of-nothing")
        scan = self._scan
        if scan.is_tar:
            return nature.of_tar(scan.members, cut=scan.cut, nested=self._holds_only_archives())
        if self._streamed and (self._pass.deeper or not self._pass.content_head):
            return nature.Nature("unknown", "binary")
        head = self._pass.content_head if self._streamed else self._random.read(0, HEAD)
        return nature.of_bytes(head)

    def _holds_only_archives(self) -> bool:
        """Whether this tar holds one or several archives, and nothing else."""
        files = [m for m in self.members.values() if m.type == "file"]
        others = any(m.type not in ("file", "directory") for m in self.members.values())
        if not files or others or len(files) > 100:
            return False
        natures = [self._first_bytes(member) for member in files]
        return all(compression or tar for compression, tar in natures)

    # -- what it holds --

    @cached_property
    def documents(self) -> Documents:
        """The JSON documents read so far, with what is wrong in them."""
        return Documents()

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        return {}

    def document(self, name: str) -> Any:
        """The JSON value of a member; None when it is missing or malformed."""
        if name not in self._parsed:
            member = self.resolve(name)
            if member and member.size and self._streamed and member.offset not in self._scan.kept:
                # Reading it would take another pass, for each of the documents of a stranger.
                self.documents.refuse(name)
                self._parsed[name] = None
                return None
            try:
                data = self.read(name, SIZE)
            except ArchiveError:
                self._parsed[name] = None
            else:
                self._parsed[name] = self.documents.parse(name, data)
        return self._parsed[name]

    def json_object(self, name: str) -> dict[str, Any] | None:
        """A member that holds a JSON object; None when it is missing or malformed."""
        value = self.document(name)
        return value if isinstance(value, dict) else None

    @cached_property
    def manifest(self) -> Listing:
        """What `manifest.json` announces."""
        return read_manifest(self)

    @cached_property
    def index(self) -> Listing:
        """What `index.json` announces."""
        return read_index(self)

    @cached_property
    def images(self) -> tuple[ImageEntry, ...]:
        """The images, in the order of `manifest.json`, then those that only `index.json` has."""
        if self.kind not in ("docker-save", "oci"):
            return ()
        found = list(self.manifest.images)
        have = {(image.config, image.layers) for image in found}
        found += [image for image in self.index.images if (image.config, image.layers) not in have]
        return tuple(ImageEntry(self, listed) for listed in found)

    # -- what is wrong --

    @cached_property
    def structure_problems(self) -> tuple[Problem, ...]:
        """What can be seen without hashing (a compressed archive is decompressed all the same)."""
        found: list[Problem] = []
        damage, deeper = None, False
        if self._streamed:
            damage, deeper = self._pass.damage, self._pass.deeper
            if problem := verify.damage(damage):
                found.append(problem)
            if deeper:
                found.append(verify.too_wrapped(NESTING))
        lost = damage not in (None, "trailing")
        # Damaged compression cuts the tar as well: the cause is said once.
        found += [p for p in self._scan.problems if not (lost and p.code == "archive-tronquee")]
        if self._hollow:
            found.append(verify.hollow(self.size))
        found += verify.structure(self)
        return tuple(dict.fromkeys(found))

    @property
    def _hollow(self) -> bool:
        stored = getattr(self._source, "stored", None)
        return stored is not None and self.size > _HOLES and stored * 64 < self.size

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything, every digest recomputed. The first error makes the archive invalid."""
        if self._hollow:
            return self.structure_problems
        return tuple(dict.fromkeys((*self.structure_problems, *verify.contents(self))))

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong enough to distrust the archive."""
        return not any(problem.severity == "error" for problem in self.problems)


def open_archive(
    path_or_source: Path | Source, *, name: str = "", outer: Outer | None = None
) -> Archive:
    """An archive over a file or any `Source`; nothing is read yet.

    `outer` describes the file when the source only gives its decompressed content. Raises
    `UnreadableFile` (an `ArchiveError` and an `OSError`) when the path is no readable regular
    file.
    """
    if isinstance(path_or_source, Path):
        return Archive(FileSource(path_or_source), name or path_or_source.name, outer)
    return Archive(path_or_source, name, outer)


def open_stream(stream: BinaryIO, *, name: str = "") -> Archive:
    """An archive that arrives through a pipe: read once, forwards, when first asked.

    What that pass keeps answers everything but `ImageEntry.files`.
    """
    return Archive(None, name, stream=stream)


def _hash(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _until_damage(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except CompressionError:
        return


def _join(folder: str, target: str) -> str:
    parts = [part for part in folder.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "" if target.startswith("/") else "/".join(parts)
