"""Where the bytes of an archive come from: random-access, read-only."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CHUNK = 256 * 1024
"""Bytes read at a time: large enough for hashing at full speed, small enough to stay flat."""


@dataclass(frozen=True)
class KnownDigest:
    """What is known of a range whose bytes stayed behind: sha256 of the stored bytes, the diff_id
    (`sha256:…` of the decompressed bytes), and the compression between the two."""

    sha256: str
    diff_id: str | None
    compression: str | None


@dataclass(frozen=True)
class Outer:
    """Facts on a file of which only the decompressed content is at hand (see `open_archive`)."""

    size: int
    sha256: str
    head: bytes
    compression: tuple[str, ...]


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
    """A regular file. Raises `OSError` for anything else (directory, socket, link…)."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._fd)
            self._fd = -1
            raise OSError(22, "ce n'est pas un fichier ordinaire", str(path))
        self.size = status.st_size

    def read(self, offset: int, n: int) -> bytes:
        """See `Source.read`."""
        return os.pread(self._fd, n, offset)

    def known(self, offset: int, size: int) -> None:
        """Nothing stayed behind."""
        return None

    def __del__(self) -> None:
        if getattr(self, "_fd", -1) >= 0:
            os.close(self._fd)
