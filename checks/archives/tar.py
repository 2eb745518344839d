"""Walking the members of a tar stream, without extracting and without trusting anything.

Formats: POSIX ustar and pax (IEEE Std 1003.1, `pax`), GNU tar's long names and base-256 numbers.
Python's `tarfile` hangs, overflows or stops silently on crafted input; this walker does neither:
every limit crossed is a named problem.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from checks.archives.compression import CompressionError, decompress, detect
from checks.archives.problems import Problem, error, warning
from checks.archives.source import CHUNK, Source

BLOCK = 512
MAX_MEMBERS = 200_000
MAX_EXTENDED = 1 << 20
"""Bytes of one extended header (pax record, long name)."""
KEEP = 8 << 20
"""Bytes that a member may have to be kept while streaming, and `KEEP_ALL` in total."""
KEEP_ALL = 32 << 20
_TYPES = {
    b"0": "file", b"\0": "file", b"7": "file", b"1": "hardlink", b"2": "symlink", b"3": "char",
    b"4": "block", b"5": "directory", b"6": "fifo",
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One entry. `size` and `offset` are in bytes, `offset` of its content in the tar stream."""

    name: str
    type: str
    size: int
    offset: int
    mode: int = 0
    uid: int = 0
    gid: int = 0
    linkname: str = ""


@dataclass
class Digests:
    """Of one member: sha256 of its bytes, and of its decompressed bytes (equal when plain)."""

    sha256: str
    content_sha256: str
    compression: str | None = None
    damage: str | None = None


@dataclass
class Scan:
    """What a walk found. `digests` and `kept` are only filled by a streaming walk, by offset."""

    members: dict[str, Member] = field(default_factory=dict)
    order: list[Member] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    digests: dict[int, Digests] = field(default_factory=dict)
    kept: dict[int, bytes] = field(default_factory=dict)
    is_tar: bool = True
    trailing: int | None = None
    """Where what follows the end of the archive starts, in bytes, when it is not zeros."""


class Reader(Protocol):
    """Forward reading."""

    position: int

    def read(self, n: int) -> bytes:
        """Exactly `n` bytes, fewer at the end."""

    def body(self, member: Member, scan: Scan) -> int:
        """Pass over the content of `member`; returns the bytes really there."""


class SeekReader:
    """Reads headers only: bodies are jumped over."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.position = 0

    def read(self, n: int) -> bytes:
        """See `Reader.read`."""
        data = self._source.read(self.position, n)
        self.position += len(data)
        return data

    def body(self, member: Member, scan: Scan) -> int:
        """See `Reader.body`."""
        there = max(0, min(member.size, self._source.size - self.position))
        self.position += there
        return there


class StreamReader:
    """Reads everything once: bodies are hashed, small ones kept."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._kept = 0
        self.position = 0

    def read(self, n: int) -> bytes:
        """See `Reader.read`."""
        parts, wanted = [], n
        for part in self._take(n):
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _take(self, n: int) -> Iterator[bytes]:
        while n > 0:
            if not self._buffer:
                self._buffer = next(self._chunks, b"")
                if not self._buffer:
                    return
            part, self._buffer = self._buffer[:n], self._buffer[n:]
            n -= len(part)
            self.position += len(part)
            yield part

    def body(self, member: Member, scan: Scan) -> int:
        """See `Reader.body`."""
        keep = member.size <= KEEP and self._kept + member.size <= KEEP_ALL
        kept: list[bytes] = []
        start = self.position

        def tee() -> Iterator[bytes]:
            for part in self._take(member.size):
                if keep:
                    kept.append(part)
                yield part

        scan.digests[member.offset] = digests(tee())
        there = self.position - start
        if keep and there == member.size:
            scan.kept[member.offset] = b"".join(kept)
            self._kept += member.size
        return there


def digests(chunks: Iterator[bytes]) -> Digests:
    """Hash a member, and what it decompresses to when its first bytes announce a compression."""
    first = next(chunks, b"")
    raw = hashlib.sha256(first)
    name = detect(first)
    if name is None:
        for chunk in chunks:
            raw.update(chunk)
        return Digests(raw.hexdigest(), raw.hexdigest())

    def tee() -> Iterator[bytes]:
        yield first
        for chunk in chunks:
            raw.update(chunk)
            yield chunk

    stream, content, damage = tee(), hashlib.sha256(), None
    try:
        for output in decompress(name, stream):
            content.update(output)
    except CompressionError as problem:
        damage = problem.reason
        for _ in stream:  # the raw digest still covers all of it
            pass
    return Digests(raw.hexdigest(), content.hexdigest(), name, damage)


def scan(reader: Reader) -> Scan:
    """Walk a whole tar stream. Never raises on its content: what is wrong is in `problems`."""
    found = Scan()
    extended: dict[str, Any] = {}
    while True:
        start = reader.position
        header = reader.read(BLOCK)
        if len(header) < BLOCK:
            found.is_tar = bool(found.order)
            found.problems.append(_cut(start))
            return found
        if header == bytes(BLOCK):
            _finish(reader, found)
            return found
        fields = parse_header(header)
        if fields is None:
            if not found.order:
                found.is_tar = False
                return found
            found.problems.append(
                error("entete-invalide", f"L'en-tête placé à l'octet {start} est abîmé.")
            )
            return found
        if len(found.order) >= MAX_MEMBERS:
            found.problems.append(
                error("trop-de-membres", f"L'archive compte plus de {MAX_MEMBERS} entrées.")
            )
            return found
        kind, size = fields["type"], fields["size"]
        if kind in (b"x", b"g", b"L", b"K"):
            if size > MAX_EXTENDED:
                found.problems.append(
                    error("entete-trop-grand", "Un en-tête étendu dépasse un mébioctet.")
                )
                return found
            data = reader.read(size)
            reader.read(-size % BLOCK)
            if len(data) < size:
                found.problems.append(_cut(start))
                return found
            if kind != b"g" and not _extend(extended, kind, data):
                found.problems.append(error("entete-invalide", "Un en-tête étendu est illisible."))
                return found
            continue
        if kind == b"S" or any(key.startswith("GNU.sparse") for key in extended):
            found.problems.append(error("fichier-creux", "L'archive contient un fichier creux."))
            return found
        size = extended.get("size", size)
        member = Member(
            name=normal_name(extended.get("path", fields["name"])),
            type=_TYPES.get(kind, "other"),
            size=size if kind in (b"0", b"\0", b"7") else 0,
            offset=reader.position,
            mode=fields["mode"],
            uid=fields["uid"],
            gid=fields["gid"],
            linkname=extended.get("linkpath", fields["linkname"]),
        )
        extended = {}
        _judge_name(member, found)
        found.order.append(member)
        found.members[member.name] = member
        if member.size:
            there = reader.body(member, found)
            padding = reader.read(-member.size % BLOCK) if there == member.size else b""
            if there < member.size or len(padding) < -member.size % BLOCK:
                found.problems.append(_cut(reader.position))
                return found


def _cut(position: int) -> Problem:
    return error(
        "archive-tronquee", f"L'archive s'interrompt à l'octet {position}, avant sa fin normale."
    )


def _finish(reader: Reader, found: Scan) -> None:
    """After the first zero block: the second one, then nothing but zeros."""
    second = reader.read(BLOCK)
    if len(second) < BLOCK:
        found.problems.append(
            warning("fin-incomplete", "Le second bloc de fin de l'archive manque.")
        )
        return
    block = second
    while block:
        if block.count(0) != len(block):
            found.trailing = reader.position - len(block)
            if len(block) == BLOCK and parse_header(block) is not None:
                found.problems.append(
                    error(
                        "donnees-apres-la-fin",
                        "Une seconde archive suit la fin de la première ; elle ne sera pas lue.",
                    )
                )
            else:
                found.problems.append(
                    warning("octets-superflus", "Des octets inutiles suivent la fin de l'archive.")
                )
            # A streaming walk must reach the end for the digests of the whole to be right.
            while reader.read(CHUNK):
                pass
            return
        block = reader.read(BLOCK)


def parse_header(block: bytes) -> dict[str, Any] | None:
    """The fields of a header block; None when its checksum or a number is wrong."""
    checksum = number(block[148:156])
    if checksum is None:
        return None
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    if checksum != unsigned:
        return None
    size = number(block[124:136])
    if size is None:
        return None
    name = _text(block[:100])
    if block[257:262] == b"ustar" and block[345] and block[257:265] != b"ustar  \0":
        name = f"{_text(block[345:500])}/{name}"
    return {
        "name": name,
        "mode": number(block[100:108]) or 0,
        "uid": number(block[108:116]) or 0,
        "gid": number(block[116:124]) or 0,
        "size": size,
        "type": block[156:157],
        "linkname": _text(block[157:257]),
    }


def number(data: bytes) -> int | None:
    """A header number, octal or GNU base-256; None when malformed or negative."""
    if data[0] & 0x80:
        value = int.from_bytes(bytes([data[0] & 0x7F]) + data[1:], "big")
        return value if data[0] == 0x80 and value < 1 << 62 else None
    text = data.strip(b" \0")
    if not text:
        return 0
    try:
        value = int(text, 8)
    except ValueError:
        return None
    return value if value >= 0 else None


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _extend(extended: dict[str, Any], kind: bytes, data: bytes) -> bool:
    """Take the records of an extended header (pax, or GNU long name); False when malformed."""
    if kind in (b"L", b"K"):
        extended["path" if kind == b"L" else "linkpath"] = _text(data)
        return True
    while data:
        length, space, _ = data.partition(b" ")
        if not space or not length.isdigit() or len(length) > 8:
            return not data.strip(b"\0")
        size = int(length)
        record = data[len(length) + 1 : size]
        key, equal, value = record.partition(b"=")
        if not equal or not value.endswith(b"\n") or size <= len(length) + 1:
            return False
        name, text = key.decode("utf-8", "replace"), value[:-1].decode("utf-8", "surrogateescape")
        if name == "size":
            if not text.isdigit() or len(text) > 19:
                return False
            extended["size"] = int(text)
        elif name in ("path", "linkpath") or name.startswith("GNU.sparse"):
            extended[name] = text
        data = data[size:]
    return True


def normal_name(name: str) -> str:
    """`name` without leading `./` nor trailing `/`."""
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name.rstrip("/") or "."


def _judge_name(member: Member, found: Scan) -> None:
    if member.name.startswith("/") or ".." in member.name.split("/"):
        found.problems.append(
            error("nom-evade", "Une entrée porte un nom qui sort du dossier d'extraction.")
        )
    elif member.name in found.members and member.type == "file":
        found.problems.append(
            error("membre-en-double", "Deux entrées de l'archive portent le même nom.")
        )
