"""Where the bytes of an archive come from: a file, memory, several parts, a pipe."""

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

CHUNK = 256 * 1024
"""Bytes read at a time: large enough for hashing at full speed, small enough to stay flat."""


class ArchiveError(Exception):
    """A question that an archive cannot answer; the message is a French sentence."""


class UnreadableFile(ArchiveError, OSError):
    """A file that cannot be read at all; `strerror` says why, in French."""

    def __init__(self, code: int, reason: str, path: object) -> None:
        OSError.__init__(self, code, reason, str(path))

    def __str__(self) -> str:
        return self.strerror or ""


@dataclass(frozen=True)
class KnownDigest:
    """What is known of a range whose bytes stayed behind: sha256 of the stored bytes, the diff_id
    (`sha256:…` of the decompressed bytes), and the compression between the two."""

    sha256: str
    diff_id: str | None
    compression: str | None = None


@dataclass(frozen=True)
class Outer:
    """Facts on a file of which only the decompressed content is at hand (see `open_archive`).

    `content_sha256` is that of the content, where some of it stayed behind.
    """

    size: int
    sha256: str
    head: bytes
    compression: tuple[str, ...]
    content_sha256: str = ""


class Source(Protocol):
    """Random-access bytes. `size` is in bytes."""

    size: int

    def read(self, offset: int, n: int) -> bytes:
        """At most `n` bytes from `offset`; fewer only at the end."""

    def known(self, offset: int, size: int) -> KnownDigest | None:
        """The digests of a range that reads as zeros because its bytes stayed behind."""


class BytesSource:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, offset: int, n: int) -> bytes:
        """See `Source.read`."""
        return self._data[offset : offset + n]

    def known(self, offset: int, size: int) -> None:
        """Nothing stayed behind."""
        return None


class FileSource:
    """A regular file, of the size it has when it is opened.

    Raises `UnreadableFile` for what cannot be opened or is no regular file: a directory, a
    socket, a device, a symbolic link (`O_NOFOLLOW`: resolve it first if it is trusted).
    """

    def __init__(self, path: Path) -> None:
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as problem:
            raise _unreadable(problem, path) from problem
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile(errno.EINVAL, _what(status.st_mode), path)
        self.size = status.st_size
        self.stored = status.st_blocks * 512
        """Bytes that the file takes on the disk: far fewer than `size` when it has holes."""

    def read(self, offset: int, n: int) -> bytes:
        """See `Source.read`."""
        return os.pread(self._fd, max(0, min(n, self.size - offset)), offset)

    def known(self, offset: int, size: int) -> None:
        """Nothing stayed behind."""
        return None

    def changed(self) -> bool:
        """Whether the file's size is no longer what it was when it was opened."""
        return os.fstat(self._fd).st_size != self.size

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


class PartsSource:
    """Several sources, one after the other, as one."""

    def __init__(self, parts: Sequence[Source]) -> None:
        self._parts = parts
        self._starts = [0, *accumulate(part.size for part in parts)]
        self.size = self._starts[-1]

    def read(self, offset: int, n: int) -> bytes:
        """See `Source.read`."""
        found, end = [], min(self.size, offset + n)
        while offset < end:
            index = bisect_right(self._starts, offset) - 1
            data = self._parts[index].read(
                offset - self._starts[index], min(end, self._starts[index + 1]) - offset
            )
            if not data:
                break
            found.append(data)
            offset += len(data)
        return b"".join(found)

    def known(self, offset: int, size: int) -> None:
        """Nothing stayed behind."""
        return None


class Watched:
    """A source that calls `seen` with the bytes of each read: for a progress bar."""

    def __init__(self, source: Source, seen: Callable[[int], None]) -> None:
        self._source = source
        self._seen = seen
        self.size = source.size

    def read(self, offset: int, n: int) -> bytes:
        """See `Source.read`."""
        data = self._source.read(offset, n)
        self._seen(len(data))
        return data

    def known(self, offset: int, size: int) -> KnownDigest | None:
        """See `Source.known`."""
        return self._source.known(offset, size)


def chunks(source: Source, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
    """The bytes of a range, in order; all of the source by default."""
    end = source.size if size is None else min(source.size, offset + size)
    while offset < end and (chunk := source.read(offset, min(CHUNK, end - offset))):
        offset += len(chunk)
        yield chunk


def _unreadable(problem: OSError | ValueError, path: Path) -> UnreadableFile:
    code = (problem.errno or 0) if isinstance(problem, OSError) else errno.EINVAL
    reason = {
        errno.ENOENT: "ce fichier n'existe pas",
        errno.EACCES: "vous n'avez pas le droit de le lire",
        errno.EPERM: "vous n'avez pas le droit de le lire",
        errno.ELOOP: "c'est un lien symbolique",
        errno.ENXIO: "c'est une prise réseau ou un périphérique, pas un fichier",
        errno.ENOTDIR: "un des dossiers de son chemin n'en est pas un",
        errno.ENAMETOOLONG: "son nom est trop long",
        errno.EMFILE: "trop de fichiers sont ouverts",
    }.get(code, "le système refuse de l'ouvrir")
    return UnreadableFile(code, reason, path)


def _what(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "c'est un dossier"
    if stat.S_ISFIFO(mode):
        return "c'est un tube nommé"
    return "ce n'est pas un fichier ordinaire"
