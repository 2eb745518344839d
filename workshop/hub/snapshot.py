"""Bringing the hub back to what it was, in a blink, while it runs.

What a registry holds is told by small link files (distribution, « storage/filesystem » layout:
`docker/registry/v2/repositories`); blobs may stay, they are only found through links. The
database is copied page by page by SQLite's backup, which its other users do not notice.
"""

from __future__ import annotations

import filecmp
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

_LINKS = Path("data", "docker", "registry", "v2", "repositories")


def take(hub: Path, to: Path) -> None:
    """Remember in the folder `to` what the hub kept in the folder `hub` holds."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    shutil.copytree(hub / _LINKS, to / "links")
    for database in hub.glob("*.db"):
        copy_database(database, to / database.name)


def restore(hub: Path, taken: Path) -> None:
    """Make the hub hold what `take` remembered, and nothing more."""
    _make_alike(hub / _LINKS, taken / "links")
    for database in taken.glob("*.db"):
        copy_database(database, hub / database.name)


def _make_alike(folder: Path, model: Path) -> None:
    """Make `folder` hold what `model` holds, writing only what differs."""
    found = filecmp.dircmp(model, folder, ignore=[])
    for name in [*found.right_only, *found.common_funny]:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink()
    for name in [*found.left_only, *found.common_funny, *found.diff_files]:
        if (model / name).is_dir():
            shutil.copytree(model / name, folder / name)
        else:
            shutil.copy2(model / name, folder / name)
    for name in found.common_dirs:
        _make_alike(folder / name, model / name)


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite file, while others use either of the two."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
