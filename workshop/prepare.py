"""Everything a learner needs, made ready: engine, hub, images, supplies, notebooks."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from checks import material
from checks.evidence import COMMAND
from checks.identity import Identity
from checks.outcome import EnvironmentProblem, reason
from workshop.lab import ROOT, Lab, write_atomically

if TYPE_CHECKING:
    from workshop.engine import Engine

Say = Callable[[str], None]

PROGRAMS = {
    "docker-registry": "docker-registry",
    "gpg": "gnupg",
    "bzip2": "bzip2",
    "xz": "xz-utils",
    "zstd": "zstd",
    "pigz": "pigz",
    "file": "file",
    "openssl": "openssl",
}
"""What the exercises have the learner use: program → Debian package."""


def prepare(lab: Lab, say: Say, *, only: tuple[str, ...] = ()) -> Engine:
    """Make the workshop ready; what is already there is left alone. Returns the engine in use.

    `only` names the base images to prepare (all when empty). Raises `EnvironmentProblem`.
    """
    from workshop import engine, images
    from workshop.debian import ensure_programs
    from workshop.hub import registry
    from workshop.jupyter import copy_notebooks

    _ = lab.identity  # a workspace that cannot be written is said before anything is installed
    # Installed in one go: a fresh machine is asked once.
    alone = engine.find(lab.state) is None
    ensure_programs(PROGRAMS | (engine.PROGRAMS if alone else {}), say)
    before, hub = lab.settings.get("hub"), registry.ensure(lab.state, say)
    if before not in (None, hub):
        say(
            f"Le hub de l'atelier a changé d'adresse : il était sur {before}, il est sur {hub}. Ce "
            "qui est réussi le reste ; vos prochaines commandes, et les scripts qui écrivent "
            "l'ancienne adresse, demandent la nouvelle."
        )
    found = engine.ensure(lab.state, mirror=hub, say=say)
    lab.settle(engine=found.address, hub=hub, legacy_builder=found.legacy_builder)
    client = lab.connect()
    try:
        images.ensure(client, hub, lab.state, say, **({"only": only} if only else {}))
    finally:
        client.close()
    base = images.busybox_layers(lab.state)
    seed_hub(lab, lab.identity, base, say)
    give_supplies(lab, base, say)
    link_command(lab, say)
    copy_notebooks(lab, say)
    return found


def seed_hub(lab: Lab, identity: Identity, base: list[bytes], say: Say) -> None:
    """Push the learner's own images to the hub, unless they are there already."""
    from workshop.hub import registry

    names = _names()
    variants = [
        [image.built(base) for image in images] for images in material.registry_images(identity)
    ]
    signature = hashlib.sha256(
        b"".join(image.config_blob for images in variants for image in images)
    ).hexdigest()
    mark = lab.state / "hub" / "cours.json"
    wanted = {"identity": identity.id, "images": signature}
    if _read(mark) == wanted and registry.has(lab.hub, "cours/outil:1.2"):
        return
    say("Le hub reçoit vos images personnelles.")
    for images in variants:
        registry.push(lab.hub, [images[0].name, *names.get(images[0].name, [])], images)
    write_atomically(mark, json.dumps(wanted).encode())


def put_back(lab: Lab, names: list[str]) -> None:
    """Make the hub hold `names` (`cours/maree:1`) as the course published them, or not at all."""
    from workshop import images
    from workshop.hub import registry

    base = images.busybox_layers(lab.state)
    seeded = {found[0].name: found for found in material.registry_images(lab.identity)}
    for name in names:
        if name in seeded:
            registry.push(lab.hub, [name], [image.built(base) for image in seeded[name]])
        else:
            registry.delete(lab.hub, name)


def give_supplies(lab: Lab, base: list[bytes], say: Say) -> None:
    """Write the supplied files that are missing from the workspace or belong to somebody else."""
    folder = lab.workspace / material.SUPPLIES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in material.supplies(lab.identity, lab.hub, base).items():
            path = folder / name
            if not path.exists() or path.read_bytes() != content:
                say(f"Fourniture déposée : {material.SUPPLIES}/{name}")
                write_atomically(path, content, mode=0o444)
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place ou rendez "
            "ce dossier inscriptible, puis relancez `./atelier preparer`."
        ) from error


def link_command(lab: Lab, say: Say) -> None:
    """Make `./atelier` work in the workspace too, where cells and terminals start.

    What the learner has under that name stays; a link of ours that leads nowhere any more, the
    course having moved, is made anew. On a disk that has no links there is none.
    """
    link = lab.workspace / COMMAND
    with contextlib.suppress(OSError):
        if link.is_symlink() and not link.exists() and link.readlink().name == COMMAND:
            link.unlink()
        if not os.path.lexists(link):
            link.symlink_to(os.path.relpath(ROOT / COMMAND, lab.workspace))
            say(f"Lien déposé : {COMMAND}, la commande du cours")


def _names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for alias, target in material.ALIASES.items():
        names.setdefault(target, []).append(alias)
    return names


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
