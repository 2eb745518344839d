"""Crafted input: each file runs in a process of its own, within 5 s of CPU and 256 MiB.

Regression cases of the fuzzer are in `tests/fuzz/regressions/`: see `test_regressions`.
"""

import bz2
import json
import lzma
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.archives.box import Item, checksummed, gz, image, tar_of

REGRESSIONS = Path(__file__).resolve().parents[1] / "fuzz" / "regressions"
ASK = """
import io, resource, sys
from pathlib import Path
from checks.archives import ArchiveError, open_archive, open_stream
from checks.report import inspection
for how in (open_archive, lambda path: open_stream(path.open("rb"))):
    archive = how(Path(sys.argv[1]))
    problems = archive.problems
    inspection.to_json(archive, problems, file="x", integrity=True)
    inspection.render(archive, problems, integrity=True)
    print(",".join(problem.code for problem in problems))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(19).compress(data)


def zeros(mib: int) -> bytes:
    return zstd(bytes(1 << 20)) * mib


def xattr_chain() -> bytes:
    block = bytearray(tar_of([Item("x", b"12 path=abc\n")])[:1024])
    block[156:157] = b"x"
    return (checksummed(block[:512]) + bytes(block[512:])) * 20_000


def many_layers() -> bytes:
    layer = tar_of([Item("a")])
    data = image([layer] * 250)
    return data


def index(depth: int) -> bytes:
    import hashlib

    document: dict[str, object] = {"schemaVersion": 2, "manifests": []}
    items = []
    for _ in range(depth):
        data = json.dumps(document).encode()
        digest = hashlib.sha256(data).hexdigest()
        items.append(Item(f"blobs/sha256/{digest}", data))
        descriptor = {"digest": f"sha256:{digest}", "size": len(data)}
        document = {"schemaVersion": 2, "manifests": [descriptor] * 50}
    items.append(Item("index.json", json.dumps(document).encode()))
    items.append(Item("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'))
    return tar_of(items)


def manifest(data: bytes) -> bytes:
    return tar_of([Item("manifest.json", data)])


def deep_paths() -> bytes:
    names = [f"{number:05}/" + "a/" * 2000 for number in range(300)]
    return image([tar_of([Item(name + "f") for name in names])])


def whiteouts() -> bytes:
    lower = tar_of([Item(f"d/{number}") for number in range(8000)])
    upper = tar_of([Item(f"d/{number}/.wh.x") for number in range(8000)])
    return image([lower, upper, tar_of([Item("d/.wh..wh..opq")] * 5000)])


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zstd-bomb": (lambda: zeros(4000), "bombe"),
    "xz-bomb": (lambda: lzma.compress(bytes(40 << 20), preset=1) * 10, "bombe"),
    "bzip2-bomb": (lambda: bz2.compress(bytes(15 << 20)) * 27, "bombe"),
    "nested-bomb": (lambda: gz(gz(gz(bytes(10 << 20)) * 30)), "bombe"),
    "bomb-in-a-layer": (lambda: image([zeros(3000)]), "bombe"),
    "bombs-in-many-layers": (lambda: image([zeros(100 + n) for n in range(8)]), "bombe"),
    "gz-of-bombs": (lambda: gz(image([zeros(3000)])), "bombe"),
    "pax-chain": (xattr_chain, ""),
    "many-members": (lambda: gz(tar_of([Item("a")])[:512] * 210_000), "trop-de-membres"),
    "many-names": (
        lambda: gz(b"".join(tar_of([Item(f"../{n}")])[:512] for n in range(30_000))), "nom-evade",
    ),
    "many-broken-links": (
        lambda: gz(
            b"".join(
                tar_of([Item(str(n), type=b"2", extra={"linkname": "x"})])[:512]
                for n in range(30_000)
            )
            + manifest(b"[]")
        ),
        "lien-brise",
    ),
    "deep-names": (
        lambda: gz(
            tar_of(
                [
                    Item(f"a/b/c/d/{n}/layer.tar", bytes(20_000)) for n in range(200)
                ]
                + [
                    Item(
                        "manifest.json",
                        json.dumps(
                            [{"Config": f"a/b/c/d/{n}/layer.tar", "Layers": []} for n in range(200)]
                        ).encode(),
                    )
                ]
            )
        ),
        "manifeste-illisible",
    ),
    "large-documents": (
        lambda: gz(
            tar_of(
                [Item(f"{n}.json", b'{"a":"' + b"x" * (1 << 20) + b'"}') for n in range(40)]
                + [
                    Item(
                        "manifest.json",
                        json.dumps([{"Config": f"{n}.json", "Layers": []} for n in range(40)])
                        .encode(),
                    )
                ]
            )
        ),
        "json-trop-grand",
    ),
    "many-layers": (many_layers, ""),
    "index-of-indexes": (lambda: index(4), "trop-d-elements"),
    "deep-indexes": (lambda: index(7), ""),
    "deep-json": (lambda: manifest(b"[" * 100_000), "json-illisible"),
    "wide-json": (lambda: manifest(b"[" + b"[]," * 2_000_000 + b"1]"), "json-trop-grand"),
    "huge-json": (lambda: manifest(b"[" + b" " * (9 << 20) + b"]"), "manifeste-illisible"),
    "long-number": (lambda: manifest(b"[" + b"9" * 1_000_000 + b"]"), "json-illisible"),
    "deep-paths": (deep_paths, ""),
    "whiteouts": (whiteouts, ""),
    "huge-member": (
        lambda: checksummed(
            bytearray(
                tar_of([Item("manifest.json")])[:124]
                + b"\x80" + (1 << 60).to_bytes(11, "big")
                + tar_of([Item("manifest.json")])[136:512]
            )
        ),
        "archive-tronquee",
    ),
}  # fmt: skip


def run(path: Path) -> list[str]:
    """The problems of each reading; fails past 5 s of CPU for one, or 256 MiB."""
    # A small process between: a child's peak memory starts from its parent's.
    launcher = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", launcher, sys.executable, "-c", ASK, str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2000:]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert cpu < 2 * 5, f"{cpu:.1f} s"  # two readings: seeking, and as a pipe
    *readings, peak = done.stdout.splitlines()
    assert int(peak) < 256 * 1024, f"{int(peak) // 1024} MiB"
    return readings


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str, tmp_path: Path) -> None:
    make, code = HOSTILE[name]
    path = tmp_path / "hostile.tar"
    path.write_bytes(make())
    for reading in run(path):
        assert not code or code in reading.split(","), reading


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(REGRESSIONS.glob("*")) if not path.name.startswith(".")] or [None],
)
def test_regressions(path: Path | None) -> None:
    if path is None:
        pytest.skip("the fuzzer has found nothing yet")
    assert run(path)
