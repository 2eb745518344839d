"""Coverage-guided fuzzing of the archive reader (atheris, libFuzzer).

    python tests/fuzz/fuzz_archives.py --corpus=DIR -max_total_time=600 -timeout=5 -rss_limit_mb=256

The first byte of an input says how it is dressed: bit 0, the checksums of tar headers are made
right (a mutation would rarely do it); bits 1-2, gzip, xz or zstd around; bit 3, digests in names
are made right. The rest is the archive. Whatever the bytes, every question must be answered, by an
answer or by an `ArchiveError`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import re
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["checks"]):
    from checks.archives import ArchiveError, BytesSource, open_archive, open_stream
    from checks.report import inspection

BLOCK = 512


def dressed(data: bytes) -> bytes:
    """The archive that an input stands for."""
    if not data:
        return data
    flags, body = data[0], bytearray(data[1:])
    if flags & 8:
        _fix_digests(body)
    if flags & 1:
        for start in range(0, len(body) - BLOCK + 1, BLOCK):
            if body[start + 257 : start + 262] == b"ustar":
                header = body[start : start + BLOCK]
                header[148:156] = b" " * 8
                body[start + 148 : start + 156] = b"%06o\0 " % (sum(header) & 0o777777)
    packed = bytes(body)
    around = (flags >> 1) & 3
    if around == 1:
        return gzip.compress(packed, 1, mtime=0)
    if around == 2:
        return lzma.compress(packed, preset=0)
    if around == 3:
        import zstandard

        return zstandard.ZstdCompressor(1).compress(packed)
    return packed


def _fix_digests(body: bytearray) -> None:
    """Give the blobs the name that their bytes deserve, once."""
    for match in list(re.finditer(rb"blobs/sha256/([0-9a-f]{64})\0", body)):
        start = match.start()
        if start % BLOCK or start + BLOCK > len(body):
            continue
        try:
            size = int(bytes(body[start + 124 : start + 135]), 8)
        except ValueError:
            continue
        content = bytes(body[start + BLOCK : start + BLOCK + size])
        old, new = match[1], hashlib.sha256(content).hexdigest().encode()
        body[:] = body.replace(old, new)


def ask_everything(data: bytes) -> None:
    """Every public question; only `ArchiveError` may come out."""
    for archive in (
        open_archive(BytesSource(data), name="fuzz.aa"),
        open_stream(io.BytesIO(data), name="fuzz"),
    ):
        problems = archive.problems
        assert archive.kind in ("docker-save", "oci", "rootfs", "encrypted", "part", "unknown")
        assert archive.valid == inspection.valid(problems)
        inspection.to_json(archive, problems, file="fuzz", integrity=True)
        text = inspection.render(archive, problems, integrity=True)
        assert all(char.isprintable() or char == "\n" or char == "\xa0" for char in text), text
        for image in archive.images:
            try:
                files = image.files
                for path in list(files)[:20]:
                    files.get(path)
                    files.read(path, 1 << 16)
            except ArchiveError:
                pass


def test_one_input(data: bytes) -> None:
    """What libFuzzer calls."""
    ask_everything(dressed(data))


def seeds(folder: Path) -> None:
    """The golden archives, bare and dressed, as the first inputs."""
    golden = Path(__file__).resolve().parents[1] / "archives" / "golden"
    for path in sorted(golden.glob("*.tar.xz")):
        data = lzma.decompress(path.read_bytes())
        for flags in (0, 1, 3, 9):
            (folder / f"{path.name}-{flags}").write_bytes(bytes([flags]) + data)
    for path in sorted((Path(__file__).parent / "regressions").glob("*")):
        (folder / path.name).write_bytes(path.read_bytes())


def main() -> None:
    """Run libFuzzer on a corpus that starts from the golden archives."""
    corpus = Path("fuzz-corpus")
    arguments = [sys.argv[0]]
    for argument in sys.argv[1:]:
        if argument.startswith("--corpus="):
            corpus = Path(argument.removeprefix("--corpus="))
        else:
            arguments.append(argument)
    corpus.mkdir(parents=True, exist_ok=True)
    seeds(corpus)
    atheris.Setup([*arguments, "-max_len=65536", str(corpus)], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
