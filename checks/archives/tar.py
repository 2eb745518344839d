"""Walking the members of a tar stream, without extracting and without trusting anything.

Formats: POSIX ustar and pax (IEEE Std 1003.1-2017, `pax`, "ustar Interchange Format" and "pax
Extended Header"), GNU tar's long names, base-256 numbers and sparse files (GNU tar manual,
appendix "Tar Internals"). Python's `tarfile` hangs, overflows or stops silently on crafted input;
this walker does neither: whatever it cannot follow is a named problem, and ends the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from checks.archives.problems import MOST, Problem, error, shown, warning
from checks.archives.source import CHUNK, Source

BLOCK = 512
MAX_MEMBERS = 200_000
MAX_EXTENDED = 1 << 20
"""Bytes of one extended header (pax records, long name)."""
MAX_NAME = 4096
"""Bytes of a name or of a link's target: `PATH_MAX` of Linux."""
MAX_TRAILING = 64 << 20
"""Bytes after the end that are looked at; engines look at none."""
_TYPES = {
    b"0": "file", b"\0": "file", b"7": "file", b"1": "hardlink", b"2": "symlink", b"3": "char",
    b"4": "block", b"5": "directory", b"6": "fifo",
}  # fmt: skip
_SECONDS = re.compile(rb"-?\d{1,18}(?=[.\n])")
"""The whole seconds of a pax time; its fractions are left."""
_EXTENDED = (b"x", b"X", b"g", b"L", b"K")


class Member(NamedTuple):
    """One entry. `size` and `offset` are in bytes, `offset` of its content in the tar stream;
    `mtime` is in whole seconds since 1970.

    `type` is `file`, `directory`, `symlink`, `hardlink`, `char`, `block`, `fifo` or `other`.
    `name` is normalised: no leading `./`, no trailing `/`, `.` for the top folder.
    """

    name: str
    type: str
    size: int
    offset: int
    mode: int = 0
    uid: int = 0
    gid: int = 0
    linkname: str = ""
    mtime: int = 0


class Reader(Protocol):
    """Forward reading of a stream."""

    position: int

    def read(self, n: int) -> bytes:
        """Exactly `n` bytes, fewer at the end."""

    def skip(self, n: int) -> int:
        """Pass over `n` bytes; how many there really were."""


class SeekReader:
    """Reads a range of a source; skipping costs nothing."""

    def __init__(self, source: Source, start: int = 0, size: int | None = None) -> None:
        self._source = source
        self._start = start
        self._size = source.size - start if size is None else min(size, source.size - start)
        self.position = 0

    def read(self, n: int) -> bytes:
        """See `Reader.read`."""
        n = min(n, self._size - self.position)
        data = self._source.read(self._start + self.position, n)
        self.position += len(data)
        return data

    def skip(self, n: int) -> int:
        """See `Reader.skip`."""
        there = max(0, min(n, self._size - self.position))
        self.position += there
        return there


class StreamReader:
    """Reads a stream of chunks once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._at = 0
        self.position = 0

    def read(self, n: int) -> bytes:
        """See `Reader.read`."""
        if self._at + n <= len(self._chunk):
            self._at += n
            self.position += n
            return self._chunk[self._at - n : self._at]
        return b"".join(self.take(n))

    def skip(self, n: int) -> int:
        """See `Reader.skip`."""
        return sum(map(len, self.take(n)))

    def take(self, n: int) -> Iterator[bytes]:
        """The next `n` bytes, in pieces; fewer at the end."""
        while n > 0:
            if self._at == len(self._chunk):
                self._chunk, self._at = next(self._chunks, b""), 0
                if not self._chunk:
                    return
            piece = self._chunk
            if self._at or n < len(piece):
                piece = piece[self._at : self._at + n]
            self._at += len(piece)
            n -= len(piece)
            self.position += len(piece)
            yield piece


@dataclass
class Walk:
    """One walk over a tar stream: iterate `members()`, then look at `problems`.

    Between two members, the caller may read the content with the reader; what it leaves is
    skipped. `whole` tells whether the end-of-archive mark was reached, `trailing` where, after
    it, something else than zeros starts (in bytes).
    """

    reader: Reader
    problems: list[Problem] = field(default_factory=list)
    is_tar: bool = True
    whole: bool = False
    trailing: int | None = None
    escaping: int = 0

    def members(self) -> Iterator[Member]:
        """The members, in order. Never raises on what the stream holds."""
        reader, count = self.reader, 0
        extended: dict[str, str] = {}
        while True:
            start = reader.position
            block = reader.read(BLOCK)
            if len(block) < BLOCK:
                if count or extended:
                    self._cut(start)
                else:
                    self.is_tar = False
                return
            if block[0] == 0 and not any(block):
                self.is_tar = count > 0
                self.whole = True
                return
            header = parse_header(block)
            if header is None:
                self.is_tar = count > 0 or bool(extended) or block[257:262] == b"ustar"
                if self.is_tar:
                    self._broken(f"L'en-tête placé à l'octet {start} est abîmé.")
                return
            count += 1
            if count > MAX_MEMBERS:
                self.problems.append(
                    error("trop-de-membres", f"L'archive compte plus de {MAX_MEMBERS} entrées.")
                )
                return
            if header.flag in _EXTENDED:
                if not self._extend(extended, header, start):
                    return
                continue
            member = self._member(header, extended, start)
            if member is None:
                return
            extended = {}
            end = member.offset + member.size
            yield member
            reader.skip(end - reader.position)
            padding = -member.size % BLOCK
            if reader.position < end or (padding and reader.skip(padding) < padding):
                self._cut(reader.position)
                return

    def finish(self) -> None:
        """Look at what follows the first zero block: a second one, then nothing but zeros.

        Reads at most `MAX_TRAILING` bytes. POSIX: "at least two 512-octet logical records filled
        with binary zeros".
        """
        if not self.whole:
            return
        second = self.reader.read(BLOCK)
        if len(second) < BLOCK and not any(second):
            self.problems.append(
                warning("fin-incomplete", "Le second bloc de zéros qui termine un tar manque.")
            )
            return
        read, block = 0, second
        while block and read < MAX_TRAILING:
            if any(block):
                self._trailing(block)
                return
            read += len(block)
            block = self.reader.read(BLOCK if read < 64 * BLOCK else CHUNK)

    def _trailing(self, block: bytes) -> None:
        for start in range(0, len(block), BLOCK):
            record = block[start : start + BLOCK]
            if any(record):
                self.trailing = self.reader.position - len(block) + start
                if len(record) == BLOCK and parse_header(record) is not None:
                    self.problems.append(
                        error(
                            "donnees-apres-la-fin",
                            "Une seconde archive suit la fin de la première : les moteurs ne la "
                            "liront pas.",
                        )
                    )
                    return
                break
        self.problems.append(
            warning("octets-superflus", "Des octets inutiles suivent la fin de l'archive.")
        )

    def _member(self, header: Header, extended: dict[str, str], start: int) -> Member | None:
        if header.flag == b"S" or any(key.startswith("GNU.sparse") for key in extended):
            self.problems.append(
                error(
                    "fichier-creux",
                    "L'archive contient un fichier creux (sparse) : quelques octets y "
                    "annonceraient des téraoctets.",
                )
            )
            return None
        name, link = extended.get("path", header.name), extended.get("linkpath", header.linkname)
        if len(name) > MAX_NAME or len(link) > MAX_NAME:
            self._broken(f"L'entrée placée à l'octet {start} porte un nom démesuré.")
            return None
        size = header.size
        if "size" in extended:
            announced = int(extended["size"])
            # pax is for sizes that ustar cannot hold; two different sizes are two archives.
            if size not in (0, announced) and announced < 8 << 30:
                self._broken(f"L'entrée placée à l'octet {start} annonce deux tailles.")
                return None
            size = announced
        kind = _TYPES.get(header.flag, "other")
        if kind == "file" and name.endswith("/"):  # before POSIX, this is how a folder was told
            kind = "directory"
        if kind not in ("file", "other") and size:
            # Some readers skip this content, others read it as headers (CVE-2025-62518).
            self._broken(f"L'entrée placée à l'octet {start} ne devrait pas avoir de contenu.")
            return None
        normal = normal_name(name)
        escapes = name.startswith("/") or ".." in name.split("/")
        if escapes and self.escaping < MOST:
            self.escaping += 1
            self.problems.append(
                error(
                    "nom-evade",
                    f"L'entrée `{shown(name)}` porte un nom qui sort du dossier d'extraction.",
                )
            )
        mtime = int(extended["mtime"]) if "mtime" in extended else header.mtime
        return Member(
            normal,
            kind,
            size,
            self.reader.position,
            header.mode,
            header.uid,
            header.gid,
            link,
            mtime,
        )

    def _extend(self, extended: dict[str, str], header: Header, start: int) -> bool:
        """Take the records of an extended header; False when the walk cannot go on."""
        if header.size > MAX_EXTENDED:
            self.problems.append(
                error("entete-trop-grand", "Un en-tête étendu dépasse la limite d'un mébioctet.")
            )
            return False
        data = self.reader.read(header.size)
        padding = -header.size % BLOCK
        if len(data) < header.size or self.reader.skip(padding) < padding:
            self._cut(start)
            return False
        if header.flag in (b"L", b"K"):
            extended["path" if header.flag == b"L" else "linkpath"] = _text(data)
            return True
        records = parse_pax(data)
        if records is None:
            self._broken(f"L'en-tête étendu placé à l'octet {start} est illisible.")
            return False
        if header.flag == b"g":
            if records.keys() & {"path", "linkpath", "size"}:
                # Go's reader ignores them, GNU tar obeys: two readings of one file.
                self._broken("Un en-tête global renomme ou redimensionne toutes les entrées.")
                return False
            return True
        extended.update(records)
        return True

    def _cut(self, position: int) -> None:
        self.problems.append(
            error(
                "archive-tronquee",
                f"L'archive s'interrompt à l'octet {position}, avant sa fin normale.",
            )
        )

    def _broken(self, message: str) -> None:
        self.problems.append(error("entete-invalide", message))


class Header(NamedTuple):
    """The fields of a header block, as written."""

    name: str
    mode: int
    uid: int
    gid: int
    size: int
    flag: bytes
    linkname: str
    mtime: int


def parse_header(block: bytes) -> Header | None:
    """The fields of a header block; None when its checksum or a number is wrong."""
    checksum = number(block[148:156])
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if checksum != total:
        # Some old writers summed signed bytes; every reader accepts it.
        signed = total - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
        if checksum is None or checksum != signed:
            return None
    size, mode = number(block[124:136]), number(block[100:108])
    uid, gid = number(block[108:116]), number(block[116:124])
    mtime = number(block[136:148])
    if size is None:
        return None
    name = _text(block[:100])
    if block[345] and block[257:263] == b"ustar\0":  # GNU's magic has no prefix field
        name = f"{_text(block[345:500])}/{name}"
    link = _text(block[157:257])
    return Header(name, mode or 0, uid or 0, gid or 0, size, block[156:157], link, mtime or 0)


def number(data: bytes) -> int | None:
    """A header number, octal or GNU base-256; None when malformed, negative or above 2⁶²."""
    if data[0] & 0x80:
        value = int.from_bytes(data[1:], "big")
        return value if data[0] == 0x80 and value < 1 << 62 else None
    text = data.strip(b" \0")
    if not text:
        return 0
    try:
        return int(text, 8) if text.isdigit() else None
    except ValueError:
        return None


def parse_pax(data: bytes) -> dict[str, str] | None:
    """The records `"%d %s=%s\\n"` that matter here, of a pax header; None when malformed."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 9)
        if space < 0 or not data[at:space].isdigit():
            return found if not data[at:].strip(b"\0") else None
        end = at + int(data[at:space])
        key, equal, value = data[space + 1 : end].partition(b"=")
        if end > len(data) or end <= space or not equal or not value.endswith(b"\n"):
            return None
        if key in (b"path", b"linkpath", b"size") or key.startswith(b"GNU.sparse"):
            text = value[:-1].decode("utf-8", "surrogateescape")
            size = key == b"size"
            if "\0" in text or (size and not (value[:-1].isdigit() and len(value) < 20)):
                return None
            found[key.decode("ascii", "replace")] = text
        elif key == b"mtime" and (seconds := _SECONDS.match(value)):
            found["mtime"] = seconds[0].decode()
        at = end
    return found


def normal_name(name: str) -> str:
    """`name` without `./`, doubled or trailing `/`; `.` for the top folder."""
    if name.startswith("/"):
        return "/" + "/".join(part for part in name.split("/") if part not in ("", "."))
    if "./" in name or "//" in name or name[-1:] in ("/", "."):
        name = "/".join(part for part in name.split("/") if part not in ("", "."))
    return name or "."


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
