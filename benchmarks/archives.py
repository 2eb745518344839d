"""The archive checker beside the tools it competes with: `python benchmarks/archives.py`.

Makes a `docker save` archive of four layers (random bytes, text, real libraries, zeros and text
mixed), plain and gzip, then measures wall time, CPU time and peak memory of every tool that is
there, each in its own process on a warm cache, the best of `--runs`. Options: `--size MIO` (2048),
`--runs N` (2), `--engine ADDRESS` (also measures `docker load`), `--folder DIR`, `--json`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BLOCK = 1 << 20
TEXT = "Trouver et partager des images Docker : couche, registre, dépôt, étiquette.\n"
SCRIPT = """
import sys, json, resource
sys.path.insert(0, {root!r})
import time
started = time.perf_counter()
from pathlib import Path
from checks.archives import open_archive
archive = open_archive(Path(sys.argv[1]))
if sys.argv[2] == "structure":
    started = time.perf_counter()
    images, problems = archive.images, archive.structure_problems
else:
    images, problems = archive.images, archive.problems
assert len(images) == 1 and not problems, problems
print(json.dumps({{"inside": time.perf_counter() - started}}))
"""


def main() -> int:
    """Make the archives, measure, print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2048, metavar="MIO")
    parser.add_argument("--runs", type=int, default=2, metavar="N")
    parser.add_argument("--engine", metavar="ADDRESS")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="bench-archives-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        plain, packed = folder / "grande.tar", folder / "grande.tar.gz"
        if not plain.exists():
            # In another process: a child's peak memory starts from its parent's.
            make = multiprocessing.get_context("spawn").Process(
                target=make_archive, args=(plain, options.size << 20)
            )
            make.start()
            make.join()
        if not packed.exists():
            with packed.open("wb") as stream:
                subprocess.run(["gzip", "-1", "-c", str(plain)], stdout=stream, check=True)
        results = measure_all(plain, packed, options)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        report(results)
    return 0


def measure_all(plain: Path, packed: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Every tool on every archive; what is not installed is left out."""
    script = SCRIPT.format(root=str(ROOT))
    ours = [sys.executable, "-c", script]
    out = plain.parent / "skopeo"
    commands: dict[str, list[str]] = {
        "plain / archives": [*ours, str(plain), "all"],
        "plain / structure alone": [*ours, str(plain), "structure"],
        "plain / sha256sum": ["sha256sum", str(plain)],
        "plain / skopeo copy dir": [
            "skopeo", "--insecure-policy", "copy", f"docker-archive:{plain}", f"dir:{out}",
        ],
        "gzip / archives": [*ours, str(packed), "all"],
        "gzip / gzip -dc | sha256sum": ["sh", "-c", 'gzip -dc "$0" | sha256sum', str(packed)],
    }  # fmt: skip
    if options.engine:
        commands["plain / docker load"] = [
            "docker", "-H", options.engine, "load", "-q", "-i", str(plain),
        ]  # fmt: skip
    results = {}
    for name, command in commands.items():
        if shutil.which(command[0]) is None:
            continue
        best = None
        for _ in range(options.runs):
            found = measure(command)
            shutil.rmtree(out, ignore_errors=True)
            if "docker load" in name:
                subprocess.run(
                    ["docker", "-H", options.engine, "rmi", "mesure:1"],
                    check=True, capture_output=True,
                )  # fmt: skip
            if best is None or found["wall"] < best["wall"]:
                best = found
        results[name] = best
    results["bytes"] = {"plain": plain.stat().st_size, "gzip": packed.stat().st_size}
    return results


def measure(command: list[str]) -> dict[str, float]:
    """Wall and CPU seconds, peak MiB of the largest process."""
    before = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    output, problem = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    if status:
        raise SystemExit(f"{command[0]}: {problem.decode()[-400:]}")
    found = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
    }
    if output.startswith(b'{"inside"'):
        found |= json.loads(output)
    return found


def report(results: dict[str, Any]) -> None:
    """The table, and the four targets."""
    sizes = results.pop("bytes")
    print(f"plain {sizes['plain'] / 2**20:.0f} MiB, gzip {sizes['gzip'] / 2**20:.0f} MiB, "
          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    base = {kind: results[f"{kind} / archives"]["wall"] for kind in ("plain", "gzip")}
    for name, found in results.items():
        ratio = found["wall"] / base[name.split(" / ")[0]]
        print(f"{name:30} {found['wall']:7.2f} s  ×{ratio:6.2f}   CPU {found['cpu']:7.2f} s"
              f"   {found['peak_mib']:6.0f} MiB")  # fmt: skip
    plain = base["plain"] / results["plain / sha256sum"]["wall"]
    packed = base["gzip"] / results["gzip / gzip -dc | sha256sum"]["wall"]
    memory = max(results[f"{kind} / archives"]["peak_mib"] for kind in base)
    structure = results["plain / structure alone"]["inside"] * 1000
    print(
        f"\nplain {plain:.3f} × sha256sum (target 0.20)   gzip {packed:.3f} × gzip -dc | "
        f"sha256sum (0.8)   memory {memory:.0f} MiB (64)   structure {structure:.1f} ms (20)"
    )


def make_archive(path: Path, size: int) -> None:
    """A `docker save` archive (layout of Docker 20.10) whose four layers total `size` bytes."""
    quarter = size // 4
    digests = []
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in (
            ("hasard", random_bytes(quarter)),
            ("texte", text(quarter)),
            ("bibliotheques", libraries(quarter)),
            ("melange", mixed(quarter)),
        ):
            layer = path.with_name(f"{name}.layer")
            write_layer(layer, name, content, quarter)
            with layer.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            digests.append(digest)
            tar.add(layer, f"{digest}/layer.tar")
            layer.unlink()
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["/rien"]},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{d}" for d in digests]},
            }
        ).encode()
        config_name = hashlib.sha256(config).hexdigest() + ".json"
        manifest = [
            {
                "Config": config_name,
                "RepoTags": ["mesure:1"],
                "Layers": [f"{digest}/layer.tar" for digest in digests],
            }
        ]
        for name, data in ((config_name, config), ("manifest.json", json.dumps(manifest).encode())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def write_layer(path: Path, name: str, content: Iterator[bytes], size: int) -> None:
    """A layer's tar of files of 16 MiB."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for number in range(max(1, size // (16 * BLOCK))):
            data = b"".join(next(content) for _ in range(16))
            info = tarfile.TarInfo(f"{name}/{number:04}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def random_bytes(size: int) -> Iterator[bytes]:
    """Incompressible."""
    while True:
        yield os.urandom(BLOCK)


def text(size: int) -> Iterator[bytes]:
    """Log lines, each different."""
    number = 0
    while True:
        lines = []
        total = 0
        while total < BLOCK:
            line = f"{number:08x} {hashlib.md5(str(number).encode()).hexdigest()[:8]} {TEXT}"
            number += 1
            lines.append(line)
            total += len(line.encode())
        yield "".join(lines).encode()[:BLOCK]


def libraries(size: int) -> Iterator[bytes]:
    """The shared libraries of this machine, over and over."""
    while True:
        for path in sorted(Path("/usr/lib").rglob("*.so*")):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                for start in range(0, len(data) - BLOCK, BLOCK):
                    yield data[start : start + BLOCK]


def mixed(size: int) -> Iterator[bytes]:
    """Zeros, then text, then random bytes."""
    words = text(size)
    while True:
        yield bytes(BLOCK)
        yield next(words)
        yield os.urandom(BLOCK)


if __name__ == "__main__":
    sys.exit(main())
