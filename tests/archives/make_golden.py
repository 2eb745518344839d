"""Make the golden archives from real engines: `python tests/archives/make_golden.py [NAME…]`.

Needs some of: Docker engines at the addresses below (`GOLDEN_ENGINES` overrides them, as
`name=address,name=address`), buildx, podman, skopeo, a registry. What is not there is skipped, and
the file that an earlier run made is kept. Images are made from scratch: a few bytes of text, and a
static program of 300 bytes that deletes, so that layers hold whiteouts and opaque folders.
"""

from __future__ import annotations

import lzma
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
ENGINES = dict(
    item.split("=", 1)
    for item in os.environ.get(
        "GOLDEN_ENGINES",
        "20.10=unix:///tmp/proto/d/docker.sock,26.1c=unix:///tmp/proto/e26/docker.sock,"
        "26.1g=unix:///tmp/arch/e26g/docker.sock",
    ).split(",")
)
REGISTRY = "localhost:5077"
UNLINK, RMDIR, MKDIR, LINK = 87, 84, 83, 86

DOCKERFILE = """FROM scratch
LABEL org.opencontainers.image.title="golden"
ENV LIEU=quai
COPY --chown=0:0 one /
COPY --chown=0:0 two /
RUN ["/efface"]
EXPOSE 8080
CMD ["/efface"]
"""
TWICE = """FROM scratch
COPY one /
COPY one /
CMD ["/rien"]
"""
PLATFORMS = """FROM scratch
ARG TARGETARCH
COPY one/$TARGETARCH /plateforme
"""


def eraser(*calls: tuple[int, str, str]) -> bytes:
    """A static ELF x86-64 program that makes these system calls on paths, then exits."""
    code, data, fixes = bytearray(), bytearray(), []
    for number, first, second in calls:
        code += b"\xb8" + struct.pack("<I", number)  # mov eax, number
        for opcode, text in ((b"\x48\xbf", first), (b"\x48\xbe", second)):  # movabs rdi, rsi
            code += opcode
            fixes.append((len(code), len(data)))
            code += bytes(8)
            data += text.encode() + b"\0"
        code += b"\x0f\x05"  # syscall
    code += b"\xb8\x3c\0\0\0\x31\xff\x0f\x05"  # exit(0)
    base, start = 0x400000, 120
    for at, offset in fixes:
        code[at : at + 8] = struct.pack("<Q", base + start + len(code) + offset)
    size = start + len(code) + len(data)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, base + start, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )  # fmt: skip
    program = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
    return bytes(header + program + code + data)


def context(folder: Path) -> Path:
    """What the images are made of, with fixed dates."""
    files = {
        "app/one/data/secret.txt": b"le secret est encore la\n",
        "app/one/data/reste.txt": b"je reste\n",
        "app/one/vieux/a.txt": b"ancien\n",
        "app/one/vieux/b/c.txt": b"ancien aussi\n",
        "app/one/bin/vide": b"",
        "app/one/etc/issue": b"Image d'or\n",
        "app/one/usr/share/doc/lisez-moi": b"rien\n",
        "app/two/data/reste.txt": b"je reste, modifie\n",
        "app/two/efface": eraser(
            (UNLINK, "/data/secret.txt", ""), (UNLINK, "/vieux/a.txt", ""),
            (UNLINK, "/vieux/b/c.txt", ""), (RMDIR, "/vieux/b", ""), (RMDIR, "/vieux", ""),
            (MKDIR, "/vieux", ""), (LINK, "/data/reste.txt", "/data/lien.txt"),
        ),
        "twice/one/meme.txt": b"la meme couche, deux fois\n",
        "platforms/one/amd64": b"amd64\n",
        "platforms/one/arm64": b"arm64\n",
    }  # fmt: skip
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "app/two/efface").chmod(0o755)
    (folder / "app/Dockerfile").write_text(DOCKERFILE)
    (folder / "twice/Dockerfile").write_text(TWICE)
    (folder / "platforms/Dockerfile").write_text(PLATFORMS)
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def run(*command: str, **variables: str) -> str:
    """Run a command; raises `CalledProcessError` with what it printed."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **variables}
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()


class Maker:
    """Runs each recipe, keeps what it writes, reports what is not possible here."""

    def __init__(self, folder: Path, wanted: list[str]) -> None:
        self.folder, self.wanted, self.failed = folder, wanted, 0
        self.context = context(folder / "context")

    def keep(self, name: str, write: Callable[[str], object]) -> None:
        """Write one archive and store it, compressed by xz."""
        if self.wanted and not any(want in name for want in self.wanted):
            return
        path = self.folder / f"{name}.tar"
        try:
            write(str(path))
            (GOLDEN / f"{name}.tar.xz").write_bytes(lzma.compress(path.read_bytes(), preset=9))
            print(f"{name:34} {path.stat().st_size:>8} octets")
        except (RuntimeError, OSError) as problem:
            self.failed += 1
            print(f"{name:34} non : {problem}")

    def docker(self, engine: str) -> None:
        """Everything that one Docker engine writes."""
        host = ("docker", "-H", ENGINES[engine])
        try:
            run(*host, "version")
            for name in ("app", "twice"):
                run(*host, "build", "--network=none", "-t", f"golden/{name}:1",
                    str(self.context / name), DOCKER_BUILDKIT="0")  # fmt: skip
            run(*host, "tag", "golden/app:1", "golden/app:bis")
        except RuntimeError as problem:
            print(f"docker {engine} : {problem}")
            return
        identity = run(*host, "inspect", "-f", "{{.Id}}", "golden/app:1")
        prefix = f"docker-{engine}"
        save = [*host, "save", "-o"]
        self.keep(f"{prefix}-save", lambda p: run(*save, p, "golden/app:1"))
        self.keep(f"{prefix}-deux-noms", lambda p: run(*save, p, "golden/app"))
        self.keep(f"{prefix}-sans-nom", lambda p: run(*save, p, identity))
        self.keep(f"{prefix}-couche-repetee", lambda p: run(*save, p, "golden/twice:1"))
        self.keep(
            f"{prefix}-deux-images", lambda p: run(*save, p, "golden/app:1", "golden/twice:1")
        )
        container = run(*host, "create", "golden/app:1")
        self.keep(f"{prefix}-export", lambda p: run(*host, "export", "-o", p, container))
        run(*host, "rm", container)
        run(*host, "rmi", "golden/app:1", "golden/app:bis", "golden/twice:1")

    def buildx(self, engine: str) -> None:
        """BuildKit's own exporters, and images with attestations and several platforms."""
        host = ("docker", "-H", ENGINES[engine])
        build = (*host, "buildx", "build", "--provenance=mode=min")
        single, several = str(self.context / "app"), str(self.context / "platforms")
        both = "--platform=linux/amd64,linux/arm64"
        try:
            run(*host, "buildx", "version")
            run(*build, "--network=none", "-t", "golden/app:bk", single)
            run(*build, both, "-t", f"{REGISTRY}/golden/platforms:1", "--push", several)
            run(*build, both, "-t", f"{REGISTRY}/golden/platforms:1", several)
        except RuntimeError as problem:
            print(f"buildx {engine} : {problem}")
            return
        prefix = f"buildx-{engine}"
        name = f"{REGISTRY}/golden/platforms:1"
        output = "--output=type={},dest={}".format
        self.keep(
            f"{prefix}-save-attestation", lambda p: run(*host, "save", "-o", p, "golden/app:bk")
        )
        self.keep(f"{prefix}-save-plateformes", lambda p: run(*host, "save", "-o", p, name))
        self.keep(
            f"{prefix}-oci",
            lambda p: run(
                *build, "--network=none", "-t", "golden/app:bk", output("oci", p), single
            ),
        )
        self.keep(
            f"{prefix}-docker",
            lambda p: run(*host, "buildx", "build", "--provenance=false", "--network=none",
                          "-t", "golden/app:bk", output("docker", p), single),
        )  # fmt: skip
        self.keep(
            f"{prefix}-oci-plateformes",
            lambda p: run(*build, both, "-t", "golden/platforms:1", output("oci", p), several),
        )
        # A committed layer over a compressed base: plain and gzip layers in one archive.
        container = run(*host, "create", "golden/app:bk")
        note = self.folder / "note.txt"
        note.write_text("ajout\n")
        run(*host, "cp", str(note), f"{container}:/note.txt")
        run(*host, "commit", container, "golden/app:mixte")
        run(*host, "rm", container)
        self.keep(f"{prefix}-save-mixte", lambda p: run(*host, "save", "-o", p, "golden/app:mixte"))
        run(*host, "rmi", "golden/app:bk", "golden/app:mixte", name)
        run(*host, "pull", "--platform=linux/amd64", name)
        self.keep(f"{prefix}-save-variante-absente", lambda p: run(*host, "save", "-o", p, name))
        run(*host, "rmi", name)

    def skopeo(self) -> None:
        """skopeo's two archive formats, from what Docker 20.10 wrote."""
        source = GOLDEN / "docker-20.10-save.tar.xz"
        path = self.folder / "source.tar"
        path.write_bytes(lzma.decompress(source.read_bytes()))
        copy = ("skopeo", "--insecure-policy", "copy", f"docker-archive:{path}")
        self.keep("skopeo-docker-archive", lambda p: run(*copy, f"docker-archive:{p}:golden/app:1"))
        self.keep("skopeo-oci-archive", lambda p: run(*copy, f"oci-archive:{p}:golden/app:1"))
        self.keep(
            "skopeo-oci-archive-zstd",
            lambda p: run(*copy, "--dest-compress-format=zstd", f"oci-archive:{p}:golden/app:1"),
        )

    def podman(self) -> None:
        """Podman's formats, in a storage of its own."""
        store = self.folder / "podman"
        podman = ("podman", f"--root={store}/root", f"--runroot={store}/run",
                  "--storage-driver=vfs", "--cgroup-manager=cgroupfs",
                  "--runtime=runc")  # fmt: skip
        source = self.folder / "source.tar"
        try:
            run(*podman, "load", "-i", str(source))
            run(*podman, "tag", "golden/app:1", "golden/app:bis")
            container = run(*podman, "create", "golden/app:1")
        except (RuntimeError, OSError) as problem:
            print(f"podman : {problem}")
            return
        save = (*podman, "save")
        self.keep("podman-save", lambda p: run(*save, "-o", p, "golden/app:1"))
        self.keep(
            "podman-deux-noms", lambda p: run(*save, "-o", p, "golden/app:1", "golden/app:bis")
        )
        self.keep(
            "podman-oci-archive",
            lambda p: run(*save, "--format=oci-archive", "-o", p, "golden/app:1"),
        )
        self.keep("podman-export", lambda p: run(*podman, "export", "-o", p, container))


def main() -> int:
    """Make all that can be made here."""
    GOLDEN.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="golden-"))
    registry = None
    try:
        maker = Maker(folder, sys.argv[1:])
        for engine in ENGINES:
            maker.docker(engine)
        if program := shutil.which("docker-registry"):
            config = folder / "registry.yml"
            config.write_text(
                f"version: 0.1\nhttp: {{addr: {REGISTRY}}}\nlog: {{level: error}}\n"
                f"storage: {{filesystem: {{rootdirectory: {folder}/registry}}}}\n"
            )
            registry = subprocess.Popen(
                [program, "serve", str(config)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(1)
            maker.buildx("26.1c")
        maker.skopeo()
        maker.podman()
        return 1 if maker.failed else 0
    finally:
        if registry:
            registry.terminate()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
