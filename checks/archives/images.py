"""The images that an archive announces, and their layers.

Sources of the rules: moby `image/spec/spec.md` v1.2 and v1.3 ("Combined Image JSON + Filesystem
Changeset Format": `manifest.json`), OCI image-spec v1.1 (`image-layout.md`, `image-index.md`,
`manifest.md`, `config.md`), containerd `core/images/archive/importer.go` (names in annotations).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from checks.archives.documents import SIZE
from checks.archives.problems import Problem, error, shown, warning
from checks.archives.tar import normal_name

if TYPE_CHECKING:
    from checks.archives.archive import Archive
    from checks.archives.digests import Contents, Digests
    from checks.archives.files import Files

MAX_IMAGES = 1000
MAX_LAYERS = 256
"""Twice what any engine can mount (overlay2: 128)."""
MAX_SLASHES = 2
"""In the name of a member that an image uses: `blobs/sha256/<hex>` is the deepest."""
MAX_DEPTH = 4
"""Indexes inside one another."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ATTESTATION = "vnd.docker.reference.type"
_CONFIGS = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    "",
)


class Layer:
    """One layer as stored. `size` and `offset` (in the decompressed archive) are in bytes.

    `diff_id` is what the config announces; what needs hashing is computed when asked.
    """

    def __init__(self, archive: Archive, member: str, diff_id: str) -> None:
        found = archive.resolve(member)
        if found is None:
            raise KeyError(member)
        self._archive = archive
        self.member = member
        self.diff_id = diff_id
        self.size = found.size
        self.offset = found.offset

    @property
    def compression(self) -> str | None:
        """`gzip`, `zstd`…, or None for a plain tar: from its first bytes."""
        return self._archive.compression_of(self.member)

    @property
    def digests(self) -> Digests:
        """Everything that hashing tells."""
        return self._archive.digests(self.member)

    @property
    def stored_sha256(self) -> str:
        """Of the bytes as stored, in hexadecimal."""
        return self.digests.sha256

    @property
    def digest(self) -> str:
        """The same, as `sha256:…`: the name of the blob in an OCI layout."""
        return f"sha256:{self.stored_sha256}"

    @property
    def computed_diff_id(self) -> str:
        """`sha256:…` of the decompressed bytes: what `diff_id` should be."""
        return f"sha256:{self.digests.content_sha256}"

    @property
    def content_size(self) -> int:
        """Bytes of the layer, decompressed."""
        return self.digests.content_size if self.compression else self.size

    @property
    def contents(self) -> Contents | None:
        """Numbers of files, of deletions…; None when the layer is unreadable or stayed behind."""
        return self._archive.contents(self.member)


class ImageEntry:
    """One image of an archive. `tags` are as written; nothing is hashed before it is asked."""

    def __init__(self, archive: Archive, listed: Listed) -> None:
        self._archive = archive
        self.config_member = listed.config
        self.layer_members = listed.layers
        self.tags = tuple(listed.tags)
        self.config: dict[str, Any] = archive.json_object(listed.config) or {}

    @cached_property
    def config_digest(self) -> str:
        """`sha256:…` of the config's bytes: the identity of the image. Empty when absent."""
        if self._archive.resolve(self.config_member) is None:
            return ""
        return f"sha256:{self._archive.digests(self.config_member).sha256}"

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The digests of the uncompressed layers, base first, as the config announces them."""
        found = get(self.config, "rootfs", "diff_ids")
        return tuple(map(str, found)) if isinstance(found, list) else ()

    @property
    def history(self) -> list[dict[str, Any]]:
        """The config's history, one object per instruction."""
        return [line for line in listing(self.config, "history") if isinstance(line, dict)]

    @property
    def os(self) -> str:
        """Operating system: `linux`."""
        return str(self.config.get("os", ""))

    @property
    def architecture(self) -> str:
        """Processor: `amd64`, `arm64`…"""
        return str(self.config.get("architecture", ""))

    @property
    def variant(self) -> str:
        """Processor variant: `v8`, or nothing."""
        return str(self.config.get("variant", ""))

    @property
    def missing(self) -> list[str]:
        """The members that the image needs and the archive does not hold."""
        needed = (self.config_member, *self.layer_members)
        return [name for name in needed if self._archive.resolve(name) is None]

    @property
    def present(self) -> bool:
        """Whether all the image needs is there."""
        return not self.missing

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are there, base first."""
        ids = self.diff_ids
        return tuple(
            Layer(self._archive, name, ids[index] if index < len(ids) else "")
            for index, name in enumerate(self.layer_members)
            if self._archive.resolve(name) is not None
        )

    @property
    def size(self) -> int:
        """Bytes of the layers, decompressed (which hashes the compressed ones)."""
        return sum(layer.content_size for layer in self.layers)

    @property
    def stored_size(self) -> int:
        """Bytes of the layers as stored in the archive."""
        return sum(layer.size for layer in self.layers)

    @property
    def config_bytes(self) -> bytes:
        """The config as stored. Raises `ArchiveError`."""
        return self._archive.read(self.config_member, SIZE)

    def layer_bytes(self) -> Iterator[bytes]:
        """The uncompressed layers, base first, each whole in memory. Raises `ArchiveError`."""
        for layer in self.layers:
            yield b"".join(self._archive.layer_chunks(layer.member))

    @cached_property
    def files(self) -> Files:
        """The merged file system. Raises `ArchiveError` when a layer cannot be listed."""
        from checks.archives.files import Files

        return Files(self._archive, self.layers)


@dataclass
class Listed:
    """An image as `manifest.json` or an OCI index lists it: names of members."""

    config: str
    layers: tuple[str, ...]
    tags: list[str] = field(default_factory=list)


@dataclass
class Listing:
    """What one of the two manifests announces."""

    images: list[Listed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    named: dict[str, list[Listed]] = field(default_factory=dict)
    """For an index: the variants that each of its names stands for."""


def read_manifest(archive: Archive) -> Listing:
    """What `manifest.json` announces: what Docker's graphdriver store and Podman load."""
    found = Listing()
    if "manifest.json" not in archive.members:
        return found
    entries = archive.document("manifest.json")
    if not isinstance(entries, list):
        found.problems.append(_malformed("`manifest.json` n'est pas une liste d'images."))
        return found
    for entry in entries[:MAX_IMAGES]:
        config, tags, layers = get(entry, "Config"), get(entry, "RepoTags"), get(entry, "Layers")
        tags, layers = tags if tags is not None else [], layers if layers is not None else []
        if not (isinstance(config, str) and _texts(tags) and _texts(layers)):
            found.problems.append(_malformed("Une image de `manifest.json` est mal décrite."))
        elif any(normal_name(name).count("/") > MAX_SLASHES for name in (config, *layers)):
            found.problems.append(_malformed("Une image de `manifest.json` est rangée trop bas."))
        elif len(layers) > MAX_LAYERS:
            found.problems.append(_too_many("de couches"))
        else:
            names = tuple(map(normal_name, layers))
            found.images.append(Listed(normal_name(config), names, list(tags)))
    if len(entries) > MAX_IMAGES:
        found.problems.append(_too_many("d'images"))
    return found


def read_index(archive: Archive) -> Listing:
    """What `index.json` announces: what containerd loads. Attestations are left aside.

    A variant that is absent by design (containerd `WithSkipMissing`: one platform was pulled) is
    a warning; an absent blob of what remains is an error.
    """
    found = Listing()
    if "index.json" not in archive.members:
        return found
    index = archive.document("index.json")
    if not isinstance(get(index, "manifests"), list):
        found.problems.append(_malformed("`index.json` n'a pas de liste « manifests »."))
        return found
    reader = _IndexReader(archive, found)
    for entry in listing(index, "manifests")[:MAX_IMAGES]:
        reader.entry(entry)
    if len(listing(index, "manifests")) > MAX_IMAGES or reader.seen > MAX_IMAGES:
        found.problems.append(_too_many("d'images"))
    return found


class _IndexReader:
    """Follows the entries of an index, within limits."""

    def __init__(self, archive: Archive, found: Listing) -> None:
        self._archive = archive
        self._found = found
        self._known: dict[tuple[str, tuple[str, ...]], Listed] = {}
        self.seen = 0

    def entry(self, entry: Any) -> None:
        """One entry of `index.json`: a name and what it stands for."""
        notes = get(entry, "annotations")
        name = str(
            get(notes, "io.containerd.image.name")
            or get(notes, "org.opencontainers.image.ref.name")
            or ""
        )
        variants: list[Listed] = []
        absent = list(self._follow(entry, 0, variants))
        complete = [v for v in variants if self._complete(v)]
        if variants and not complete:
            complete = variants  # Nothing is whole: the verification names what is absent.
        if absent and not complete:
            self._found.problems.append(
                error("blob-absent", f"`index.json` annonce {absent[0]}, qui n'est pas là.")
            )
        elif skipped := len(absent) + len(variants) - len(complete):
            self._found.problems.append(
                warning(
                    "variante-absente",
                    f"L'image {shown(name) or 'sans nom'} existe pour d'autres plateformes "
                    f"({skipped}), que cette archive ne contient pas.",
                )
            )
        for variant in complete:
            if name and name not in variant.tags:
                variant.tags.append(name)
        self._found.named.setdefault(name, []).extend(complete)

    def _complete(self, listed: Listed) -> bool:
        return all(
            self._archive.resolve(name) is not None for name in (listed.config, *listed.layers)
        )

    def _follow(self, entry: Any, depth: int, variants: list[Listed]) -> Iterator[str]:
        """Collect the images under a descriptor; yields what is absent."""
        self.seen += 1
        if self.seen > MAX_IMAGES:
            return
        problems = self._found.problems
        if depth > MAX_DEPTH:
            problems.append(error("index-trop-profond", "Les index sont imbriqués sans fin."))
            return
        attestation = bool(get(entry, "annotations", _ATTESTATION))
        path = self._blob(entry)
        if path is None:
            return
        if self._archive.resolve(path) is None:
            if not attestation:
                yield f"`{path}`"
            return
        document = self._archive.document(path)
        if attestation:
            return
        children, layers = get(document, "manifests"), get(document, "layers")
        if children is not None and layers is not None:
            # CVE-2021-41190: an index for some readers, an image for others.
            problems.append(
                error("manifeste-ambigu", f"`{path}` est à la fois un index et une image.")
            )
        elif isinstance(children, list):
            for child in children:
                yield from self._follow(child, depth + 1, variants)
        elif isinstance(layers, list) and len(layers) > MAX_LAYERS:
            problems.append(_too_many("de couches"))
        elif isinstance(layers, list):
            if get(document, "config", "mediaType") not in _CONFIGS:
                return  # An artefact (signature, SBOM…), not an image.
            config = self._blob(get(document, "config"))
            names = [self._blob(layer) for layer in layers]
            if config and all(names):
                key = (config, tuple(name for name in names if name))
                if key not in self._known:
                    self._known[key] = Listed(*key)
                    self._found.images.append(self._known[key])
                variants.append(self._known[key])
        else:
            problems.append(_malformed(f"`{path}` n'est ni un index ni une image."))

    def _blob(self, descriptor: Any) -> str | None:
        """The member that a descriptor names (`descriptor.md`), checked against its `size`."""
        digest = get(descriptor, "digest")
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            self._found.problems.append(
                error(
                    "digest-invalide",
                    f"« {shown(str(digest))} » n'est pas un digest sha256 : on ne peut pas "
                    "retrouver ce qu'il désigne.",
                )
            )
            return None
        path = "blobs/" + digest.replace(":", "/")
        member, size = self._archive.resolve(path), get(descriptor, "size")
        if member is not None and size != member.size:
            self._found.problems.append(
                error(
                    "taille-differente",
                    f"`{path}` fait {member.size} octets ; son descripteur en annonce "
                    f"{shown(str(size))}.",
                )
            )
        return path


def get(value: Any, *path: str) -> Any:
    """What is at the end of a path of keys, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def listing(value: Any, key: str) -> list[Any]:
    """The list that `value` has under `key`, or an empty one."""
    found = get(value, key)
    return found if isinstance(found, list) else []


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _malformed(message: str) -> Problem:
    return error("manifeste-illisible", message)


def _too_many(what: str) -> Problem:
    return error("trop-d-elements", f"L'archive annonce un nombre démesuré {what}.")
