"""A backup of the whole hub in one file, made while it runs, and its return.

The file is a tar: what the registry stores, in its own layout (distribution's file system driver:
`docker/registry/v2/{repositories,blobs}`), then `hub.db`, last, so that a tar that was cut is seen.
A link is copied before what it leads to, as the registry writes them the other way round: whatever
is pushed meanwhile, no link of a backup leads nowhere. The database comes after them all, so that
every repository keeps its visibility. Keys are left out: they belong to a machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from checks.outcome import EnvironmentProblem, reason
from workshop import process
from workshop.hub import registry, snapshot
from workshop.hub.store import RESERVED, Store, open_store, trouble

_ROOT = PurePosixPath("docker", "registry", "v2")
_DATABASE = "hub.db"
_HEX = r"(?P<hex>[0-9a-f]{64})"
_TAGS, _REVISIONS, _LAYERS = "tags", "revisions", "layers"
_LINKS = {
    # In the order of copying. An index of a tag is the history of what it named.
    _TAGS: re.compile(rf".+/_manifests/tags/[^/]+/(?:current|index/sha256/{_HEX})/link"),
    _REVISIONS: re.compile(rf".+/_manifests/revisions/sha256/{_HEX}/link"),
    _LAYERS: re.compile(rf".+/_layers/sha256/{_HEX}/link"),
}
_DIGEST = re.compile(rb"sha256:([0-9a-f]{64})\s*")
_BLOB = re.compile(rf"{_ROOT}/blobs/sha256/(?P<start>[0-9a-f]{{2}})/{_HEX}/data")


@dataclass(frozen=True)
class Contents:
    """What a backup holds; `size` in bytes."""

    accounts: int
    repositories: int
    blobs: int
    size: int


def save(state: Path, target: Path) -> Contents:
    """Write the hub of `state` to the new file `target`, which its owner alone may read.

    Raises `EnvironmentProblem` when it cannot be written, or is there already.
    """
    try:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise EnvironmentProblem(
            f"`{target}` existe déjà, et une sauvegarde n'écrase rien : donnez un autre nom."
        ) from error
    except OSError as error:
        raise EnvironmentProblem(f"`{target}` ne peut pas être écrit ({reason(error)}).") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            contents = _write(state / "hub", stream)
            stream.flush()
            os.fsync(stream.fileno())
        return contents
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise EnvironmentProblem(
                f"La sauvegarde n'a pas pu être écrite ({reason(error)}) : rien n'en reste. "
                "Libérez de la place, ou choisissez un autre disque."
            ) from error
        if isinstance(error, sqlite3.Error):
            raise trouble(state / "hub" / _DATABASE, error) from error
        raise


def _write(hub: Path, stream: IO[bytes]) -> Contents:
    data = hub / "data"
    blobs: set[str] = set()
    repositories: set[str] = set()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for kind in _LINKS:
            for path, content, named in _links(data, kind):
                _add(tar, path, io.BytesIO(content), len(content))
                blobs.add(named)
                if kind == _TAGS:
                    repositories.add(path.partition("/_manifests/")[0])
        for name in sorted(blobs):
            with (data / _blob(name)).open("rb") as blob:
                _add(tar, _blob(name), blob, os.fstat(blob.fileno()).st_size)
        with tempfile.TemporaryDirectory(dir=hub) as folder:
            copy = Path(folder) / _DATABASE
            snapshot.copy_database(hub / _DATABASE, copy)
            accounts = _accounts(copy)
            with copy.open("rb") as base:
                _add(tar, _DATABASE, base, copy.stat().st_size)
    return Contents(accounts, len(repositories), len(blobs), stream.tell())


def _links(data: Path, kind: str) -> Iterator[tuple[str, bytes, str]]:
    """The links of a kind: path, content, name of the blob that it leads to.

    What a damaged storage has lost is left out: it could not be pulled either.
    """
    for folder, _, files in os.walk(data / _ROOT / "repositories"):
        if "link" not in files:
            continue
        path = Path(folder, "link")
        name = path.relative_to(data).as_posix()
        if _LINKS[kind].fullmatch(name):
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                content = path.read_bytes()
                found = _DIGEST.fullmatch(content)
                if found and (data / _blob(found[1].decode())).exists():
                    yield name, content, found[1].decode()


def _blob(name: str) -> str:
    return f"{_ROOT}/blobs/sha256/{name[:2]}/{name}/data"


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, content)


def _accounts(database: Path) -> int:
    with closing(sqlite3.connect(database)) as base:
        return int(base.execute("SELECT count(*) FROM accounts").fetchone()[0])


def belongings(store: Store) -> list[str]:
    """What a restoration would take away: accounts, and repositories that are nobody's lesson."""
    state = store.state(None)
    own = [name for name in state["repositories"] if name.partition("/")[0] not in RESERVED]
    open_to_all = [name for name in state["repositories"] if name.startswith("moi/")]
    return [*state["accounts"], *state["organisations"], *own, *open_to_all]


def restore(state: Path, source: Path, *, replace: bool) -> Contents:
    """Make the hub of `state` hold what the backup `source` holds, and nothing more.

    The file is wholly read and checked before anything changes; then the hub is stopped, and left
    so. Raises `EnvironmentProblem` when it is no whole backup, or when the hub holds something and
    `replace` is not given.
    """
    hub = state / "hub"
    try:
        hub.mkdir(parents=True, exist_ok=True)
        with (
            source.open("rb") as stream,
            tempfile.TemporaryDirectory(dir=hub, prefix="retour-") as folder,
        ):
            contents = _unpack(stream, Path(folder))
            with closing(Store(Path(folder) / _DATABASE)):
                pass  # migrated; refused when it comes from a later version
            with process.lock(hub / "lock"), closing(open_store(state)) as store:
                if not replace and (held := belongings(store)):
                    raise EnvironmentProblem(
                        f"Ce hub n'est pas vide ({', '.join(held[:3])}…) : une restauration "
                        "remplacerait tout ce qu'il contient. Sauvegardez-le d'abord, puis "
                        "ajoutez `--remplacer`. Rien n'a été changé."
                    )
                registry.stop(state)
                _settle(hub, Path(folder))
    except OSError as error:
        raise EnvironmentProblem(
            f"`{source}` n'a pas pu être restauré ({reason(error)}). Le hub garde ce qu'il avait."
        ) from error
    except sqlite3.Error as error:
        raise trouble(hub / _DATABASE, error) from error
    return contents


def _settle(hub: Path, fresh: Path) -> None:
    """Put what was unpacked in `fresh` in the place of what the hub holds."""
    data, old = hub / "data", fresh / "ancien"
    if data.exists():
        data.rename(old)
    try:
        (fresh / "data").rename(data)
        snapshot.copy_database(fresh / _DATABASE, hub / _DATABASE)
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        if old.exists():
            old.rename(data)
        raise
    # The course's images may be another learner's: the next preparation looks again.
    (hub / "cours.json").unlink(missing_ok=True)


def _unpack(stream: IO[bytes], folder: Path) -> Contents:
    """Unpack a backup, every name and digest checked. Raises `EnvironmentProblem`."""
    (folder / "data" / _ROOT / "repositories").mkdir(parents=True)
    wanted: set[str] = set()
    held: set[str] = set()
    repositories: set[str] = set()
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isreg() else None
                # Names are matched whole: none can lead out of the folder.
                target = folder / "data" / entry.name
                if content is None or (folder / _DATABASE).exists() or target.exists():
                    raise _Damaged(entry.name)
                if entry.name == _DATABASE:
                    _copy(content, folder / _DATABASE)
                    continue
                if blob := _BLOB.fullmatch(entry.name):
                    if blob["hex"][:2] != blob["start"] or _copy(content, target) != blob["hex"]:
                        raise _Damaged(entry.name)
                    held.add(blob["hex"])
                    continue
                wanted.add(_link(entry.name, content.read(100)))
                content.seek(0)
                _copy(content, target)
                repositories.add(re.split("/_(?:manifests|layers)/", entry.name)[0])
        if not (folder / _DATABASE).exists():
            raise _Damaged(_DATABASE)
        accounts = _accounts(folder / _DATABASE)
    except (_Damaged, tarfile.TarError, sqlite3.DatabaseError, EOFError) as error:
        where = f" (`{error}`)" if isinstance(error, _Damaged) else ""
        raise EnvironmentProblem(
            f"Ce fichier n'est pas une sauvegarde entière du hub{where} : il a été coupé ou "
            "changé, ou vient d'ailleurs. Le hub garde ce qu'il avait."
        ) from error
    if wanted - held:
        raise EnvironmentProblem(
            f"Il manque à cette sauvegarde {len(wanted - held)} des contenus qu'elle nomme. Le "
            "hub garde ce qu'il avait."
        )
    return Contents(accounts, len(repositories), len(held), stream.tell())


class _Damaged(Exception):
    """A member of the tar is not what a backup holds; its name is told."""


def _link(name: str, content: bytes) -> str:
    """The blob that the link `name` leads to. Raises `_Damaged`."""
    parts = PurePosixPath(name).parts
    known = any(kind.fullmatch(name) for kind in _LINKS.values())
    inside = parts[:4] == (*_ROOT.parts, "repositories") and not {"..", "."} & set(name.split("/"))
    found = _DIGEST.fullmatch(content)
    if not (known and inside and found) or "//" in name or "\0" in name:
        raise _Damaged(name)
    return found[1].decode()


def _copy(content: IO[bytes], target: Path) -> str:
    """Write `content` to the new file `target`; returns its SHA-256."""
    hasher = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as output:
        while block := content.read(1 << 20):
            hasher.update(block)
            output.write(block)
    return hasher.hexdigest()
