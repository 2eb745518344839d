"""Undoing compressions as a stream, within limits."""

import bz2
import gzip
import lzma
import subprocess
import sys
import zlib
from collections.abc import Iterator

import pytest
import zstandard

from checks.archives import BytesSource, compression, open_archive
from checks.archives.compression import Budget, CompressionError, ahead, decompress, detect
from tests.archives.box import golden, gz

PACK = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
TEXT = bytes(range(256)) * 3000


def undo(name: str, data: bytes, size: int = 1000) -> bytes:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return b"".join(decompress(name, pieces, Budget(len(data))))


@pytest.mark.parametrize("size", [1, 10, 1000, 1 << 20])
@pytest.mark.parametrize("name", PACK)
def test_whatever_the_pieces(name: str, size: int) -> None:
    data = PACK[name](TEXT)
    assert detect(data) == name
    assert undo(name, data, size) == TEXT
    assert undo(name, data + data, size) == TEXT * 2
    assert undo(name, data + bytes(1000), size) == TEXT


@pytest.mark.parametrize("name", PACK)
def test_damage_has_a_name(name: str) -> None:
    data = PACK[name](TEXT)

    def reason(damaged: bytes) -> str:
        with pytest.raises(CompressionError) as caught:
            undo(name, damaged)
        return caught.value.reason

    for cut in (1, len(data) // 2, len(data) - 10, len(data) - 1):
        assert reason(data[:cut]) == "truncated"
    middle = len(data) // 2
    assert reason(data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]) in (
        "damaged", "truncated",
    )  # fmt: skip
    assert reason(data + b"autre chose") == "trailing"
    assert reason(data + b"x") == "trailing"


def test_trailing_bytes_are_a_warning() -> None:
    found = open_archive(BytesSource(gz(golden("podman-save")) + b"ajout"))
    assert [(p.code, p.severity) for p in found.problems] == [("octets-superflus", "warning")]
    assert found.valid


@pytest.mark.parametrize("name", ["zstd", "bzip2"])
def test_a_bomb_is_stopped(name: str) -> None:
    # The others are in test_hostile.py: they take longer to make.
    if name == "zstd":
        data = zstandard.ZstdCompressor().compress(bytes(600 << 20))
    else:
        data = bz2.compress(bytes(10 << 20)) * 48
    found = open_archive(BytesSource(data))
    assert "bombe" in [problem.code for problem in found.problems]
    assert not found.valid


def test_a_window_too_large_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(TEXT) + packer.flush()
    found = open_archive(BytesSource(data))
    assert [p.code for p in found.problems][:1] == ["compression-gourmande"]


def test_ahead_gives_the_same_and_stops_when_left() -> None:
    assert b"".join(ahead(iter([TEXT] * 50))) == TEXT * 50
    seen = 0

    def endless() -> Iterator[bytes]:
        nonlocal seen
        while True:
            seen += 1
            yield TEXT

    stream = ahead(endless())
    next(stream)
    stream.close()
    after = seen
    assert after < 100

    def broken() -> Iterator[bytes]:
        yield TEXT
        raise CompressionError("damaged")

    found = []
    with pytest.raises(CompressionError):
        found.extend(ahead(broken()))
    assert b"".join(found) == TEXT


def test_the_standard_library_is_enough() -> None:
    code = """
import sys
sys.modules["isal"] = None
import zlib
from checks.archives import BytesSource, open_archive, compression
from tests.archives.box import golden, gz
assert compression._zlib is zlib
found = open_archive(BytesSource(gz(golden("buildx-26.1c-oci"))))
assert found.valid and found.images, found.problems
bad = bytearray(gz(golden("buildx-26.1c-oci"))); bad[-5] ^= 1
assert not open_archive(BytesSource(bytes(bad))).valid
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_isal_is_used_where_it_is_installed() -> None:
    try:
        from isal import isal_zlib
    except ImportError:
        assert compression._zlib is zlib
    else:
        assert compression._zlib is isal_zlib
