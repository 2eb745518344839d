"""Compression: recognised by its first bytes, undone as a stream, within limits."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

MAGIC = {
    "gzip": b"\x1f\x8b",  # RFC 1952, section 2.3.1
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",  # xz file format 1.2.1, section 2.1.1.1
    "zstd": b"\x28\xb5\x2f\xfd",  # RFC 8878, section 3.1.1
}
MAX_RATIO = 1100
"""Output over input: just above what deflate can reach. Past it and `FREE_OUTPUT`, a bomb."""
FREE_OUTPUT = 1 << 30
"""Bytes that any input, however small, may give."""
_STEP = 1 << 20
_WINDOW = 128 << 20
"""Bytes of memory that a zstd frame or an xz stream may ask for."""


class CompressionError(ValueError):
    """The stream cannot be undone; `reason` is `damaged`, `truncated` or `bomb`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def detect(head: bytes) -> str | None:
    """The compression that `head` (6 bytes or more) announces."""
    return next((name for name, magic in MAGIC.items() if head.startswith(magic)), None)


def decompress(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The decompressed stream, following members included; raises `CompressionError`.

    Zeros after the last member are padding, as for gzip(1).
    """
    consumed = produced = 0

    def counted() -> Iterator[bytes]:
        nonlocal consumed
        for chunk in chunks:
            consumed += len(chunk)
            yield chunk

    try:
        for output in _UNDO[name](counted()):
            produced += len(output)
            if produced > FREE_OUTPUT and produced > MAX_RATIO * consumed:
                raise CompressionError("bomb")
            yield output
    except CompressionError:
        raise
    except Exception as error:
        if isinstance(error, (zlib.error, OSError, lzma.LZMAError, EOFError, _zstd_error())):
            raise CompressionError("damaged") from error
        raise


def _members(
    make: Callable[[], Any], step: Callable[[Any, bytes], Iterator[bytes]], chunks: Iterable[bytes]
) -> Iterator[bytes]:
    """Undo members one after the other; `step` feeds one decompressor until it wants more."""
    machine = make()
    for chunk in chunks:
        data = chunk
        while data:
            if machine.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                machine = make()
            yield from step(machine, data)
            data = machine.unused_data if machine.eof else b""
    if not machine.eof:
        raise CompressionError("truncated")


def _at_once(machine: Any, data: bytes) -> Iterator[bytes]:
    if output := machine.decompress(data):
        yield output


def _bounded(machine: Any, data: bytes) -> Iterator[bytes]:
    """bz2 and lzma can blow a few bytes up to gigabytes: take the output in steps."""
    while True:
        if output := machine.decompress(data, _STEP):
            yield output
        data = b""
        if machine.eof or machine.needs_input:
            return


def _pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Small inputs keep the output of one call small, where it cannot be limited."""
    for chunk in chunks:
        for offset in range(0, len(chunk), size):
            yield chunk[offset : offset + size]


def _unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    factory = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    return _members(factory.decompressobj, _at_once, _pieces(chunks, 1024))


def _zstd_error() -> type[Exception]:
    import zstandard

    return zstandard.ZstdError


_UNDO: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": lambda chunks: _members(
        lambda: zlib.decompressobj(31), _at_once, _pieces(chunks, 16 * 1024)
    ),
    "bzip2": lambda chunks: _members(bz2.BZ2Decompressor, _bounded, chunks),
    "xz": lambda chunks: _members(
        lambda: lzma.LZMADecompressor(memlimit=_WINDOW), _bounded, chunks
    ),
    "zstd": _unzstd,
}
