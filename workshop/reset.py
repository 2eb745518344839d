"""Undoing an exercise: only what the course or the exercise made, and nothing for good.

Files are moved to a folder of the workspace, never erased; images and containers are removed only
when they come from the course. What a volume holds is put with the files before it is removed.
"""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks import material
from checks.archives import open_archive
from checks.evidence.live import files
from checks.exercise import Exercise, Makes, catalogue
from checks.images import is_course_image
from checks.material.making import LEARNER_LABEL
from checks.outcome import EnvironmentProblem, reason
from checks.references import normalise
from workshop.lab import Lab
from workshop.prepare import put_back

if TYPE_CHECKING:
    from docker import DockerClient


@dataclass
class Plan:
    """What would be undone. `kept` says what was found and is left alone, with the reason."""

    lab: Lab
    client: DockerClient | None = None
    files: list[Path] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    volumes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Volume → a container that mounts it, and where: it is read through it."""
    hub: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.files or self.images or self.containers or self.volumes or self.hub)

    def lines(self) -> list[str]:
        """The plan in French, one line each."""
        lines = [f"déplacer   {path.relative_to(self.lab.workspace)}" for path in self.files]
        lines += [f"supprimer  le conteneur {name}" for name in self.containers]
        lines += [f"supprimer  l'image {name}" for name in self.images]
        lines += [f"supprimer  le volume {name} (son contenu est gardé)" for name in self.volumes]
        lines += [f"rétablir   {name}, sur le hub" for name in self.hub]
        lines += [f"garder     {what}" for what in self.kept]
        return lines or ["Rien à défaire."]

    def to_json(self) -> dict[str, Any]:
        """`{"files", "containers", "images", "volumes", "hub", "kept"}`, lists of strings."""
        return {
            "files": [str(path.relative_to(self.lab.workspace)) for path in self.files],
            "containers": self.containers,
            "images": self.images,
            "volumes": list(self.volumes),
            "hub": self.hub,
            "kept": self.kept,
        }

    def carry_out(self) -> Path | None:
        """Do it; returns the folder that the files were moved to, if there were any.

        Raises `EnvironmentProblem` when the disk or the engine refuses.
        """
        from docker.errors import DockerException

        bin_folder = self.lab.private / "corbeille" / time.strftime("%Y%m%d-%H%M%S")
        try:
            for path in self.files:
                target = bin_folder / path.relative_to(self.lab.workspace)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target)
            if self.client:
                self._keep_volumes(self.client, bin_folder)
                for name in self.containers:
                    self.client.api.remove_container(name, force=True)
                for name in self.images:
                    self.client.api.remove_image(name)
                for name in self.volumes:
                    self.client.api.remove_volume(name)
        except OSError as error:
            raise EnvironmentProblem(
                f"Impossible de déplacer les fichiers vers {bin_folder} ({reason(error)})."
            ) from error
        except DockerException as error:
            raise EnvironmentProblem(
                f"Le moteur a refusé une suppression : {error}. Un conteneur à vous emploie-t-il "
                "encore cette image ?"
            ) from error
        if self.hub:
            put_back(self.lab, self.hub)
        return bin_folder if self.files or self.volumes else None

    def _keep_volumes(self, client: DockerClient, bin_folder: Path) -> None:
        """Write what each volume holds to `volume-NAME.tar`."""
        for name, (container, path) in self.volumes.items():
            bin_folder.mkdir(parents=True, exist_ok=True)
            chunks, _ = client.api.get_archive(container, path)
            with (bin_folder / f"volume-{name}.tar").open("wb") as file:
                file.writelines(chunks)


def plan(lab: Lab, exercises: Iterable[Exercise]) -> Plan:
    """What undoing `exercises` would do. Raises `EnvironmentProblem` when no engine answers."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    chosen = list(exercises)
    made = [exercise.makes for exercise in chosen]
    todo = Plan(lab)
    try:
        if any(makes.images or makes.containers for makes in made):
            todo.client = lab.connect()
            _plan_engine(todo, todo.client, made, _exports(lab, chosen))
    except (DockerException, RequestException) as error:
        raise EnvironmentProblem(
            "Le moteur Docker ne répond pas. Lancez `./atelier preparer`, puis recommencez."
        ) from error
    todo.files = _files(lab, made)
    todo.hub = [name for makes in made for name in makes.hub if _changed(lab, name)]
    return todo


def _changed(lab: Lab, name: str) -> bool:
    """Whether the hub holds something else under `name` than what the course published."""
    evidence, repository = lab.evidence(), name.partition(":")[0]
    seeded = {found[0].name: found[0] for found in material.registry_images(lab.identity)}
    if name not in seeded:
        return bool(evidence.tags(f"{lab.hub}/{repository}"))
    found = evidence.registry(f"{lab.hub}/{name}")
    return found is None or not is_course_image(found.diff_ids, found.config, seeded[name])


def _files(lab: Lab, made: Iterable[Makes]) -> list[Path]:
    patterns = {pattern for makes in made for pattern in makes.files}
    return sorted({path for pattern in patterns for path in files(lab.workspace, pattern)})


def _exports(lab: Lab, chosen: list[Exercise]) -> set[str]:
    """The diff_ids of what would be imported from the archives that `chosen`, and what they need,
    have made. An imported image has no label: this is what tells that the exercise made it."""
    needed = [catalogue()[id] for exercise in chosen for id in exercise.needs]
    archives = [open_archive(path) for path in _files(lab, [e.makes for e in (*chosen, *needed)])]
    return {f"sha256:{a.content_sha256}" for a in archives if a.members and not a.images}


def _plan_engine(todo: Plan, client: DockerClient, made: list[Makes], exports: set[str]) -> None:
    wanted_containers = {name for makes in made for name in makes.containers}
    hubs = (todo.lab.hub, *todo.lab.former_hubs)
    wanted_images = [
        image.replace("{hub}", hub) for makes in made for image in makes.images for hub in hubs
    ]
    for row in client.api.containers(all=True):
        for name in (name.lstrip("/") for name in row["Names"]):
            if name in wanted_containers:
                labels = row.get("Labels") or {}
                ours = LEARNER_LABEL in labels
                (todo.containers if ours else todo.kept).append(
                    name if ours else f"le conteneur {name} : il ne vient pas du cours"
                )
    for row in client.api.images():
        for tag in row.get("RepoTags") or []:
            if any(fnmatch.fnmatchcase(normalise(tag), pattern) for pattern in wanted_images):
                layers = client.api.inspect_image(tag).get("RootFS", {}).get("Layers") or []
                imported = len(layers) == 1 and layers[0] in exports
                ours = imported or LEARNER_LABEL in (row.get("Labels") or {})
                (todo.images if ours else todo.kept).append(
                    tag
                    if ours
                    else f"l'image {tag} : elle ne vient pas du cours, ou rien ne le montre"
                )
    _plan_volumes(todo, client, {name for makes in made for name in makes.volumes})


def _plan_volumes(todo: Plan, client: DockerClient, wanted: set[str]) -> None:
    """A volume goes when only containers that go mount it: nobody else's data is at stake."""
    used: dict[str, list[tuple[str, str]]] = {}
    for row in client.api.containers(all=True):
        for mount in row.get("Mounts") or ():
            place = (row["Names"][0].lstrip("/"), str(mount.get("Destination", "")))
            used.setdefault(str(mount.get("Name", "")), []).append(place)
    for volume in client.api.volumes().get("Volumes") or ():
        name = volume["Name"]
        users = used.get(name, [])
        if name not in wanted:
            continue
        if users and all(container in todo.containers for container, _ in users):
            todo.volumes[name] = users[0]
        else:
            why = "d'autres conteneurs le montent" if users else "aucun conteneur ne le montre"
            todo.kept.append(f"le volume {name} : {why}")
