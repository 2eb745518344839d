"""Making images and archives, byte for byte the same at every call.

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
from functools import cached_property
from typing import Any

from checks.identity import Identity
from checks.references import canonical

CREATED = "2026-09-01T08:00:00Z"
LEARNER_LABEL = "fr.atelier.apprenant"
_MTIME = 1788249600  # CREATED, in seconds
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def digest(data: bytes) -> str:
    """`sha256:…` of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer(files: dict[str, bytes | str], mode: int = 0o644, owner: int = 0) -> bytes:
    """An uncompressed layer that holds `files` (path → content), the same bytes at every call.

    `owner` is the numeric user and group of the files and of their folders.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folders = {p for name in files for p in _parents(name)}
        for folder in sorted(folders):
            info = tarfile.TarInfo(folder + "/")
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, _MTIME
            info.uid = info.gid = owner
            tar.addfile(info)
        for name, content in sorted(files.items()):
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), mode, _MTIME
            info.uid = info.gid = owner
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


def course_image(
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
    """An image of the course, labelled for its learner; `layers` are (what wrote it, tar bytes)."""
    labels = {
        LEARNER_LABEL: identity.id,
        "org.opencontainers.image.title": title,
        "org.opencontainers.image.version": name.rpartition(":")[2],
    }
    return CourseImage(
        name=name,
        layers=tuple(data for _, data in layers),
        created_by=tuple(text for text, _ in layers),
        config={"Env": [PATH], "Cmd": cmd, "Labels": labels, **config},
        on_busybox=on_busybox,
        architecture=architecture,
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
