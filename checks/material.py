"""What the course gives each learner: images and archives made from their identity.

Everything here is a pure function of the identity (and, for images that run, of the busybox base
at hand), so a check knows what to expect without asking anybody, and a neighbour's copy shows.

Formats written: a `docker save` archive in the two layouts that engines produce, the legacy one
(Docker ≤ 24, image-spec v1.2 of moby) and the OCI one (Docker ≥ 25, OCI image-spec v1 layout).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from checks.identity import Identity
from checks.references import canonical

CREATED = "2026-09-01T08:00:00Z"
LEARNER_LABEL = "fr.atelier.apprenant"
_MTIME = 1788249600  # CREATED, in seconds
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SUPPLIES = "fournitures"


def digest(data: bytes) -> str:
    """`sha256:…` of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer(files: dict[str, bytes | str], mode: int = 0o644) -> bytes:
    """An uncompressed layer that holds `files` (path → content), the same bytes at every call."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folders = {p for name in files for p in _parents(name)}
        for folder in sorted(folders):
            info = tarfile.TarInfo(folder + "/")
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, _MTIME
            tar.addfile(info)
        for name, content in sorted(files.items()):
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), mode, _MTIME
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _parents(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


@dataclass(frozen=True)
class CourseImage:
    """An image of the course: what it holds above the base, and the config that describes it.

    `name` has no registry host. `on_busybox` images only run once `built` on the base's layers.
    """

    name: str
    layers: tuple[bytes, ...]
    config: dict[str, Any] = field(compare=False)
    on_busybox: bool = False
    architecture: str = "amd64"
    created_by: tuple[str, ...] = ()
    base_layers: tuple[bytes, ...] = ()

    @cached_property
    def own_diff_ids(self) -> tuple[str, ...]:
        """The diff_ids of the course's own layers, without the base."""
        return tuple(digest(data) for data in self.layers)

    @property
    def all_layers(self) -> tuple[bytes, ...]:
        """The layers, base first."""
        return self.base_layers + self.layers

    @cached_property
    def config_blob(self) -> bytes:
        """The image config, as JSON bytes: its sha256 is the identity of the image."""
        history: list[dict[str, Any]] = [
            {"created": CREATED, "created_by": "busybox : système de base"}
            for _ in self.base_layers
        ]
        history += [{"created": CREATED, "created_by": text} for text in self.created_by]
        history += [
            {
                "created": CREATED,
                "created_by": f"CMD {json.dumps(self.config.get('Cmd'))}",
                "empty_layer": True,
            }
        ]
        document = {
            "architecture": self.architecture,
            "config": self.config,
            "created": CREATED,
            "history": history,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest(x) for x in self.all_layers]},
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()

    def built(self, base_layers: Sequence[bytes]) -> CourseImage:
        """The same image on real base layers (uncompressed), when it needs them."""
        if not self.on_busybox:
            return self
        return replace(self, base_layers=tuple(base_layers))


def _image(
    identity: Identity,
    name: str,
    title: str,
    layers: Sequence[tuple[str, bytes]],
    *,
    cmd: list[str],
    on_busybox: bool = False,
    architecture: str = "amd64",
    **config: Any,
) -> CourseImage:
    labels = {
        LEARNER_LABEL: identity.id,
        "org.opencontainers.image.title": title,
        "org.opencontainers.image.version": name.rpartition(":")[2],
    }
    return CourseImage(
        name=name,
        layers=tuple(data for _, data in layers),
        created_by=tuple(text for text, _ in layers),
        config={"Env": [_PATH], "Cmd": cmd, "Labels": labels, **config},
        on_busybox=on_busybox,
        architecture=architecture,
    )


def outil(identity: Identity, version: str) -> CourseImage:
    """The tool of the expedition; every version is another image."""
    script = (
        "#!/bin/sh\n"
        f'echo "Outil de bord, version {version}"\n'
        f'echo "Sceau : {identity.seal("outil " + version)}"\n'
    )
    return _image(
        identity,
        f"cours/outil:{version}",
        "outil",
        [
            (f"COPY outil {version}", layer({"usr/bin/outil": script}, mode=0o755)),
            ("COPY sceau", layer({"etc/outil/sceau": identity.seal("outil " + version) + "\n"})),
        ],
        cmd=["outil"],
        on_busybox=True,
    )


def _sample(identity: Identity, purpose: str, rows: int) -> str:
    """Oceanographic measures: text that compresses as text does."""
    noise = identity.noise(purpose, rows * 4)
    lines = ["station;latitude;longitude;profondeur_m;temperature_c"]
    for row in range(rows):
        a, b, c, d = noise[row * 4 : row * 4 + 4]
        lines.append(
            f"balise-{row:05d};{60 + a / 64:.4f};{-20 + b / 32:.4f};{c * 12};{d / 16 - 2:.2f}"
        )
    return "\n".join(lines) + "\n"


def atlas(identity: Identity) -> CourseImage:
    """A data image: tables of measures, no program."""
    return _image(
        identity,
        "cours/atlas:1",
        "atlas",
        [
            ("COPY mesures.csv", layer({"donnees/mesures.csv": _sample(identity, "atlas", 4500)})),
            ("COPY sceau", layer({"donnees/sceau": identity.seal("atlas") + "\n"})),
        ],
        cmd=["/donnees/mesures.csv"],
    )


def journal(identity: Identity) -> CourseImage:
    """The log-book, which must not be read by strangers."""
    text = f"Journal de bord. Sceau : {identity.seal('journal')}\n" + _sample(
        identity, "journal", 300
    )
    return _image(
        identity,
        "cours/journal:1",
        "journal",
        [("COPY journal.txt", layer({"journal/journal.txt": text}))],
        cmd=["/journal/journal.txt"],
    )


LOT = ("base", "front", "back", "db")


def lot(identity: Identity, part: str) -> CourseImage:
    """One image of the four that make the station's application; they share `base`'s layer."""
    layers = [("COPY commun", layer({"opt/station/commun": identity.seal("commun") + "\n"}))]
    if part != "base":
        seal = identity.seal(f"lot {part}")
        layers.append((f"COPY {part}", layer({f"opt/station/{part}": seal + "\n"})))
    return _image(
        identity,
        f"cours/{part}:1.0",
        part,
        layers,
        cmd=["cat", f"/opt/station/{'commun' if part == 'base' else part}"],
        on_busybox=True,
    )


ARCHITECTURES = ("amd64", "arm64")


def sonde(identity: Identity, architecture: str) -> CourseImage:
    """One variant of a multi-platform image."""
    text = f"{architecture} {identity.seal('sonde ' + architecture)}\n"
    return _image(
        identity,
        "cours/sonde:1",
        "sonde",
        [(f"COPY sonde ({architecture})", layer({"sonde/plateforme": text}))],
        cmd=["/sonde/plateforme"],
        architecture=architecture,
    )


def balise(identity: Identity) -> CourseImage:
    """The image that lost its name on the way."""
    number = 1 + int(identity.seal("balise")[:2], 16) % 9
    return _image(
        identity,
        f"equipage/balise:2.{number}",
        "equipage/balise",
        [("COPY balise", layer({"balise/sceau": identity.seal("balise") + "\n"}))],
        cmd=["/balise/sceau"],
    )


def boussole(identity: Identity, *, altered: bool) -> CourseImage:
    """The compass: the hub only has the altered image, an archive holds the good one."""
    seal = identity.seal("boussole alteree" if altered else "boussole")
    heading = "sud" if altered else "nord"
    script = f'#!/bin/sh\necho "Cap au {heading}, sceau {seal}"\n'
    return _image(
        identity,
        "cours/boussole:3",
        "boussole",
        [("COPY boussole", layer({"usr/bin/boussole": script}, mode=0o755))],
        cmd=["boussole"],
        on_busybox=True,
    )


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """What is pushed to the hub for the learner: one list per tag, several when multi-platform."""
    images = [[outil(identity, version)] for version in ("1.0", "1.2", "1.3")]
    images += [[atlas(identity)], [journal(identity)], [boussole(identity, altered=True)]]
    images += [[lot(identity, part)] for part in LOT]
    images.append([sonde(identity, architecture) for architecture in ARCHITECTURES])
    return images


ALIASES = {"cours/outil:latest": "cours/outil:1.3"}
"""Further tags on the hub: name → the image it names."""


def mystery(identity: Identity, which: str) -> CourseImage:
    """The image inside `mystere-a.tar` or `mystere-b.tar`: its facts vary with the learner."""
    seed = int(identity.seal(f"mystere {which}")[:4], 16)
    count = 3 + seed % 3 if which == "a" else 2 + seed % 4
    layers = [
        (f"COPY partie-{n}", layer({f"mystere/partie-{n}": identity.seal(f"{which}{n}") + "\n"}))
        for n in range(count)
    ]
    return _image(
        identity,
        f"enigme/{which}-{identity.seal('enigme ' + which)[:4]}:{seed % 7}.{seed % 5}",
        f"enigme-{which}",
        layers,
        cmd=["/mystere/partie-0", f"--cle={identity.seal('cle ' + which)[:6]}"],
    )


def legacy_archive(image: CourseImage, tags: Sequence[str]) -> bytes:
    """A `docker save` archive as Docker ≤ 24 lays it out."""
    return docker_archive(image.config_blob, image.all_layers, tags)


def docker_archive(config: bytes, layers: Sequence[bytes], tags: Sequence[str]) -> bytes:
    """The same, from a config and uncompressed layers."""
    config_name = digest(config).removeprefix("sha256:") + ".json"
    files: list[tuple[str, bytes]] = [(config_name, config)]
    parent, paths = "", []
    for data in layers:
        document = {"id": "", "parent": parent} if parent else {"id": ""}
        v1_id = hashlib.sha256((parent + digest(data)).encode()).hexdigest()
        document["id"] = v1_id
        paths.append(f"{v1_id}/layer.tar")
        files += [
            (f"{v1_id}/VERSION", b"1.0"),
            (f"{v1_id}/json", json.dumps(document).encode()),
            (paths[-1], data),
        ]
        parent = v1_id
    manifest = [{"Config": config_name, "RepoTags": list(tags) or None, "Layers": paths}]
    files.append(("manifest.json", json.dumps(manifest).encode()))
    if tags:
        repositories: dict[str, dict[str, str]] = {}
        for tag in tags:
            name, _, label = tag.rpartition(":")
            repositories.setdefault(name, {})[label] = parent
        files.append(("repositories", json.dumps(repositories).encode()))
    return _tar(files)


def compressed(data: bytes) -> bytes:
    """`data` as the hub stores a layer: gzip, the same bytes at every call."""
    return gzip.compress(data, compresslevel=1, mtime=0)


def oci_archive(image: CourseImage, tags: Sequence[str]) -> bytes:
    """A `docker save` archive as Docker ≥ 25 lays it out: an OCI layout and `manifest.json`.

    Base layers are stored as on the hub. An engine with the containerd store that first met them
    uncompressed would not download them any more, and its `docker save` would silently leave them
    out (moby#49473).
    """
    config = image.config_blob
    layers = [(data, compressed(data)) for data in image.base_layers]
    layers += [(data, data) for data in image.layers]
    blobs = {digest(data): data for data in (config, *(stored for _, stored in layers))}
    manifest = json.dumps(oci_manifest(config, layers)).encode()
    blobs[digest(manifest)] = manifest
    described = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest(manifest),
        "size": len(manifest),
    }
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                **described,
                "annotations": {
                    "io.containerd.image.name": canonical(tag),
                    "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
                },
            }
            for tag in tags
        ]
        or [described],
    }
    docker = [
        {
            "Config": _blob_path(digest(config)),
            "RepoTags": list(tags) or None,
            "Layers": [_blob_path(digest(stored)) for _, stored in layers],
        }
    ]
    files = [(_blob_path(name), data) for name, data in sorted(blobs.items())]
    files.append(("index.json", json.dumps(index).encode()))
    files.append(("manifest.json", json.dumps(docker).encode()))
    files.append(("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'))
    return _tar(files)


def oci_manifest(config: bytes, layers: Sequence[tuple[bytes, bytes]]) -> dict[str, Any]:
    """An OCI image manifest; `layers` are (uncompressed, stored) bytes."""
    return {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": digest(config),
            "size": len(config),
        },
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar"
                + ("" if stored == plain else "+gzip"),
                "digest": digest(stored),
                "size": len(stored),
            }
            for plain, stored in layers
        ],
    }


def _blob_path(blob_digest: str) -> str:
    return "blobs/" + blob_digest.replace(":", "/")


def _tar(files: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o644, _MTIME
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def passphrase(identity: Identity) -> str:
    """The passphrase of exercise 2.9, as written in `fournitures/phrase.txt`."""
    return "nord-" + identity.seal("phrase")


@lru_cache(maxsize=8)
def cargo(identity: Identity) -> bytes:
    """`cargaison.tar`: an archive whose every byte is known, to be cut and put together again."""
    image = _image(
        identity,
        "equipage/cargaison:1",
        "cargaison",
        [("COPY releves", layer({"cargaison/releves.bin": identity.noise("cargaison", 200_000)}))],
        cmd=["/cargaison/releves.bin"],
    )
    return oci_archive(image, [image.name])


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """The files put in the workspace's `fournitures/`: name → content."""
    mystery_a, mystery_b = mystery(identity, "a"), mystery(identity, "b")
    compass = boussole(identity, altered=False).built(base_layers)
    return {
        "mystere-a.tar": legacy_archive(mystery_a, [mystery_a.name]),
        "mystere-b.tar": oci_archive(mystery_b, [mystery_b.name]),
        "epave.tar": oci_archive(balise(identity), []),
        "boussole-3.tar": oci_archive(compass, [f"{hub}/{compass.name}"]),
        "cargaison.tar": cargo(identity),
        "phrase.txt": (passphrase(identity) + "\n").encode(),
    }
