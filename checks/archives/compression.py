"""Compression: recognised by its first bytes, undone as a stream, within limits."""

from __future__ import annotations

import bz2
import lzma
import queue
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_zlib: Any
try:  # twice the speed of zlib, the same results
    from isal import isal_zlib

    _zlib = isal_zlib
except ImportError:
    _zlib = zlib

RATIO = 1100
"""Output over input: just above the 1032 that deflate can reach. Past it and `FREE`, a bomb."""
FREE = 256 << 20
"""Bytes that an archive, however small, may decompress to."""
NESTING = 3
"""Compressions that are undone one inside the other."""
LARGE_WINDOW = 128 << 20
"""Bytes of memory that the outermost zstd frame or xz stream may ask for (`zstd --long=27`)."""
WINDOW = 66 << 20
"""The same, inside: `xz -9` asks for 65 MiB."""
_STEP = 256 * 1024


class CompressionError(ValueError):
    """The stream cannot be undone; `reason` is `damaged`, `truncated`, `bomb` or `window`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Budget:
    """What the decompressions of one archive may produce, all together, in bytes."""

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self.spent = 0

    def spend(self, n: int) -> None:
        """Count `n` bytes of output; raises `CompressionError` past the limit."""
        self.spent += n
        if self.spent > FREE + RATIO * self.size:
            raise CompressionError("bomb")


def detect(head: bytes) -> str | None:
    """The compression that `head` (10 bytes or more) announces.

    RFC 1952 section 2.3.1 (gzip, whose only method is 8), bzip2's block magic, xz file format
    1.2.1 section 2.1.1.1, RFC 8878 sections 3.1.1 and 3.1.2 (zstd, skippable frames).
    """
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (
        0x50 <= int.from_bytes(head[:1], "big") <= 0x5F and head[1:4] == b"\x2a\x4d\x18"
    ):
        return "zstd"
    return None


def peek(chunks: Iterator[bytes], n: int = 512) -> tuple[bytes, Iterator[bytes]]:
    """The first `n` bytes (fewer at the end), and the whole stream again."""
    first: list[bytes] = []
    size, problem = 0, None
    try:
        for chunk in chunks:
            first.append(chunk)
            size += len(chunk)
            if size >= n:
                break
    except CompressionError as error:
        problem = error
    head = b"".join(first)

    def again() -> Iterator[bytes]:
        if head:
            yield head
        if problem:
            raise problem
        yield from chunks

    return head[:n], again()


@dataclass
class Unwrapped:
    """Content without its compressions: `names` outermost first, `head` its first 512 bytes.

    Iterating `chunks()` never raises: `damage` tells, at the end, why it stopped early.
    """

    names: tuple[str, ...]
    head: bytes
    deeper: bool
    stream: Iterator[bytes]
    damage: str | None = None

    def chunks(self) -> Iterator[bytes]:
        """The content, in order."""
        try:
            yield from self.stream
        except CompressionError as error:
            self.damage = error.reason


def unwrap(chunks: Iterator[bytes], budget: Budget, *, threads: bool = False) -> Unwrapped:
    """Undo up to `NESTING` compressions, each recognised by its first bytes.

    `deeper` tells that there is one more. `threads` gives decompression a thread of its own.
    """
    names: list[str] = []
    while True:
        head, chunks = peek(chunks)
        name = detect(head)
        if name is None or len(names) == NESTING:
            if names and threads:
                chunks = ahead(chunks)
            return Unwrapped(tuple(names), head, name is not None, chunks)
        chunks = decompress(name, chunks, budget, WINDOW if names else LARGE_WINDOW)
        names.append(name)


def decompress(
    name: str, chunks: Iterable[bytes], budget: Budget, window: int = WINDOW
) -> Iterator[bytes]:
    """The decompressed stream, following members included; raises `CompressionError`.

    As gzip(1) does, what follows the last member is ignored when it is no compression: zeros are
    padding, anything else is reported by `CompressionError("trailing")` once all is delivered.
    """
    try:
        for output in _UNDO[name](chunks, window):
            budget.spend(len(output))
            yield output
    except CompressionError:
        raise
    except lzma.LZMAError as error:
        raise CompressionError("window" if "limit" in str(error).lower() else "damaged") from error
    except Exception as error:
        if isinstance(error, (zlib.error, _zlib.error, OSError, EOFError)):
            raise CompressionError("damaged") from error
        if type(error).__name__ == "ZstdError":
            large = "memory" in str(error) or "too much" in str(error)
            raise CompressionError("window" if large else "damaged") from error
        raise


def ahead(chunks: Iterator[bytes], depth: int = 4) -> Iterator[bytes]:
    """The same stream, produced by a thread of its own: decompression and hashing overlap.

    At most `depth` gathered chunks (about 1 MiB each) wait. Closing the generator stops it.
    """
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(depth)
    stopped = threading.Event()

    def produce() -> None:
        last: BaseException | None = None
        try:
            for chunk in _gathered(chunks, 4 * _STEP):
                waiting.put(chunk)
                if stopped.is_set():
                    return
        except BaseException as error:
            last = error
        waiting.put(last)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                waiting.get(timeout=0.01)
            except queue.Empty:
                continue


def _gathered(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Join small chunks: handing one over to another thread has a price."""
    held: list[bytes] = []
    total = 0
    try:
        for chunk in chunks:
            held.append(chunk)
            total += len(chunk)
            if total >= size:
                yield b"".join(held)
                held, total = [], 0
    except CompressionError:
        if held:
            yield b"".join(held)
        raise
    if held:
        yield b"".join(held)


def _members(
    name: str,
    make: Callable[[], Any],
    step: Callable[[Any, bytes], Iterator[bytes]],
    chunks: Iterable[bytes],
) -> Iterator[bytes]:
    """Undo members one after the other; `step` feeds one decompressor until it wants more."""
    machine, held, some = make(), b"", False
    source = iter(chunks)
    for chunk in source:
        data = held + chunk
        held = b""
        while data:
            if machine.eof:
                data = data.lstrip(b"\0")
                if 0 < len(data) < 10:  # too short to tell a member from garbage: wait for more
                    held = data
                    break
                if not data:
                    break
                if detect(data) != name:
                    raise CompressionError("trailing")
                machine = make()
            yield from step(machine, data)
            some = True
            data = machine.unused_data if machine.eof else b""
    if held:
        raise CompressionError("trailing")
    if not some or not machine.eof:
        raise CompressionError("truncated")


def _inflate(machine: Any, data: bytes) -> Iterator[bytes]:
    """zlib keeps what it has not consumed in `unconsumed_tail`, and sometimes output too."""
    while True:
        if output := machine.decompress(data, _STEP):
            yield output
        data = machine.unconsumed_tail
        if machine.eof or (not data and len(output) < _STEP):
            return


def _bounded(machine: Any, data: bytes) -> Iterator[bytes]:
    """bz2 and lzma keep it to themselves."""
    while True:
        if output := machine.decompress(data, _STEP):
            yield output
        data = b""
        if machine.eof or machine.needs_input:
            return


def _whole(machine: Any, data: bytes) -> Iterator[bytes]:
    """zstandard's objects give all the output at once: small inputs keep it under 32 MiB, for a
    block takes at least 4 bytes and gives at most 128 KiB (RFC 8878, section 3.1.1.2)."""
    for offset in range(0, len(data), 1024):
        if output := machine.decompress(data[offset : offset + 1024]):
            yield output
        if machine.eof:
            # Only this piece's rest is known to the object: give back the others too.
            machine.rest = data[offset + 1024 :]
            return


class _Zstd:
    """A zstandard decompression object that is fed in small pieces."""

    def __init__(self, window: int) -> None:
        import zstandard

        self._object = zstandard.ZstdDecompressor(max_window_size=window).decompressobj()
        self.rest = b""

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data + self.rest

    def decompress(self, data: bytes) -> bytes:
        return self._object.decompress(data)


_UNDO: dict[str, Callable[[Iterable[bytes], int], Iterator[bytes]]] = {
    "gzip": lambda chunks, window: _members(
        "gzip", lambda: _zlib.decompressobj(31), _inflate, chunks
    ),
    "bzip2": lambda chunks, window: _members("bzip2", bz2.BZ2Decompressor, _bounded, chunks),
    "xz": lambda chunks, window: _members(
        "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, window), _bounded, chunks
    ),
    "zstd": lambda chunks, window: _members("zstd", lambda: _Zstd(window), _whole, chunks),
}
