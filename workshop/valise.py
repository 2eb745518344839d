"""The course on a USB stick: one tar that installs itself on a machine without any network.

The tar holds the course's own files and a folder, `valise/`, with what they would download:
`images.tar.gz` (the base images in one `docker save` archive, shared layers written once),
`roues/` (Python wheels, as the lock wants them), `paquets/` (Debian packages and their index) and
`SHA256SUMS`. `./atelier` and `workshop.debian` look there first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from checks.archives import open_archive
from checks.outcome import EnvironmentProblem, reason
from checks.references import normalise
from checks.typography import octets
from workshop.lab import ROOT, VALISE, Lab

Say = Callable[[str], None]

NAME = "atelier-docker"
"""The folder that the tar unpacks to."""
IMAGES, WHEELS, PACKAGES, SUMS = "images.tar.gz", "roues", "paquets", "SHA256SUMS"
_BARE = ("python3", "python3-venv")
_LEFT = {".git", ".venv", ".atelier", "travail", "valise", "__pycache__"}
"""What stays at home when the course is no git checkout: secrets, work, and what is made anew."""


def pack(lab: Lab, path: Path, programs: dict[str, str], say: Say) -> dict[str, object]:
    """Write the tar to `path`, and its checksum beside it; the workshop must be prepared.

    `programs` are those a learner's machine needs (program → Debian package). Returns `{"file",
    "size", "sha256", "images"}`, size in bytes. Raises `EnvironmentProblem`.
    """
    folder = lab.state / "valise"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        names = _save_images(lab, folder / IMAGES, say)
        _download_wheels(folder / WHEELS, say)
        _download_packages(folder / PACKAGES, sorted({*_BARE, *programs.values()}), say)
        _write_sums(folder)
        say("Écriture de l'archive…")
        temporary = path.with_name(path.name + ".part")
        _write_tar(temporary, folder)
        digest = _sha256(temporary)
        temporary.replace(path)
        path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire l'archive ({reason(error)}). Il faut environ 1 Go libre, ici et "
            f"dans {lab.state}."
        ) from error
    finally:
        path.with_name(path.name + ".part").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    return {"file": str(path), "size": path.stat().st_size, "sha256": digest, "images": names}


def verify(say: Say, folder: Path = VALISE) -> None:
    """Recompute every checksum of the suitcase. Raises `EnvironmentProblem` naming the first file
    that is missing or damaged, or when there is no suitcase here."""
    sums = folder / SUMS
    if not sums.is_file():
        raise EnvironmentProblem(
            "Ce dossier n'a pas de valise : `./atelier installer` se lance dans le dossier que "
            f"donne l'archive de `./atelier emporter` (`tar -xf {NAME}.tar`)."
        )
    lines = sums.read_text().splitlines()
    for line in lines:
        digest, _, name = line.partition("  ")
        file = folder / name
        if not file.is_file():
            raise EnvironmentProblem(f"`{name}` manque dans la valise : copiez-la de nouveau.")
        if _sha256(file) != digest:
            raise EnvironmentProblem(
                f"`{name}` est abîmé (son empreinte a changé) : copiez de nouveau la valise."
            )
    say(f"Valise vérifiée : {len(lines)} fichiers intacts.")


def _save_images(lab: Lab, path: Path, say: Say) -> list[str]:
    archives = sorted((lab.state / "images").glob("*.tar"))
    names = [normalise(tag) for each in archives for tag in open_archive(each).images[0].tags]
    say(f"Images : {', '.join(names)}.")
    script = 'set -o pipefail; file=$1; shift; docker save "$@" | gzip >"$file"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", str(path), *names],
        env=lab.environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        raise EnvironmentProblem(f"`docker save` a échoué : {done.stderr.strip()}")
    for problem in open_archive(path).problems:
        if problem.severity == "error":
            raise EnvironmentProblem(f"L'archive des images est abîmée : {problem.message}")
    return names


def _download_wheels(folder: Path, say: Say) -> None:
    say("Paquets Python…")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary", ":all:", "--require-hashes",
         "--requirement", str(ROOT / "requirements.lock"), "--dest", str(folder)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        raise EnvironmentProblem(
            "Les paquets Python n'ont pas pu être téléchargés. Vérifiez la connexion, puis "
            f"recommencez : {done.stderr.strip().splitlines()[-1:]}"
        )


def _download_packages(folder: Path, packages: list[str], say: Say) -> None:
    """The packages and all they depend on, as for a machine that has none, with their index."""
    if not shutil.which("apt-get"):
        say("Pas de paquets Debian dans la valise : cette machine n'a pas `apt-get`.")
        return
    say("Paquets Debian…")
    (folder / "partial").mkdir(parents=True)
    status = folder / "status"
    status.touch()  # apt believes that nothing is installed
    done = subprocess.run(
        ["apt-get", "-q", "install", "--download-only", "--yes", "--no-install-recommends",
         "-o", f"Dir::State::status={status}", "-o", f"Dir::Cache::archives={folder}",
         "-o", "Debug::NoLocking=1", *packages],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode:
        raise EnvironmentProblem(f"Les paquets Debian manquent : {done.stderr.strip()}")
    status.unlink()
    (folder / "partial").rmdir()
    debs = sorted(folder.glob("*.deb"))
    (folder / "Packages").write_text("\n".join(map(_package_entry, debs)))


def _package_entry(deb: Path) -> str:
    """The paragraph of an index of packages (deb-src-control(5), « Packages » of a repository)."""
    fields = subprocess.run(["dpkg-deb", "-f", deb], capture_output=True, text=True, check=True)
    return (
        f"{fields.stdout.strip()}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\n"
        f"SHA256: {_sha256(deb)}\n"
    )


def _write_sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder)}\n" for path in files]
    (folder / SUMS).write_text("".join(lines))


def _write_tar(path: Path, valise: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in _course():
            tar.add(file, f"{NAME}/{file.relative_to(ROOT)}", recursive=False, filter=_anonymous)
        tar.add(valise, f"{NAME}/valise", filter=_anonymous)


def _course() -> Iterator[Path]:
    """The files of the course, and the site. Of a git checkout, what git follows: a teacher's own
    files (submissions, backups of the hub, an earlier tar) stay at home."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached"],
        capture_output=True, text=True,
    ) if shutil.which("git") else None  # fmt: skip
    if listed is not None and listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
        found += sorted((ROOT / "site").rglob("*"))
    else:
        found = sorted(
            path for path in ROOT.rglob("*") if not _LEFT & set(path.relative_to(ROOT).parts)
        )
    yield from (path for path in found if path.is_file())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def described(summary: dict[str, object]) -> str:
    """What to do with the tar, in French."""
    file = Path(str(summary["file"]))
    return (
        f"La valise est prête : {file} ({octets(int(str(summary['size'])))}), avec sa somme dans "
        f"{file.name}.sha256. Sur la machine sans réseau :\n"
        f"    sha256sum -c {file.name}.sha256\n"
        f"    tar -xf {file.name}\n"
        f"    cd {NAME} && ./atelier installer"
    )
