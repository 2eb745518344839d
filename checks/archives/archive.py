"""An archive of images or of a container's files: what it is, what it holds, what is wrong.

What a thing is comes from its bytes, never from its name. Layouts, by writer (see each rule):
Docker ≤ 24 (moby image-spec v1.2: `manifest.json`, `<id>/layer.tar`), Docker ≥ 25 (the same
`manifest.json` over an OCI image layout), Podman and skopeo (`<hex>.tar`), OCI image layout alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from checks.archives import tar
from checks.archives.compression import CompressionError, decompress, detect
from checks.archives.problems import Problem, error, warning
from checks.archives.source import CHUNK, FileSource, Outer, Source

HEAD = 512
NESTING = 3
"""Compressions that are undone one inside the other."""
JSON_LIMIT = 8 << 20
_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
_ATTESTATION = "vnd.docker.reference.type"
_ROOT_NAMES = {".dockerenv", "etc", "bin", "usr", "dev", "proc", "sys", "lib", "sbin", "var"}
_ENVELOPES = (
    (b"PK\x03\x04", "unknown", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "unknown", "7z"),
    (b"\x04\x22\x4d\x18", "unknown", "lz4"),
    (b"Salted__", "encrypted", "openssl"),
    (b"U2FsdGVkX1", "encrypted", "openssl"),
    (b"age-encryption.org", "encrypted", "age"),
    (b"-----BEGIN PGP MESSAGE", "encrypted", "openpgp"),
    (b"\x8c\x0d\x04", "encrypted", "openpgp"),  # RFC 4880: symmetric session key, version 4
)


class ArchiveError(ValueError):
    """A question that the archive cannot answer (no such member, too large…)."""


@dataclass(frozen=True)
class Layer:
    """One layer as stored: `size` and `offset` (in the decompressed archive) in bytes.

    `diff_id` is what the config announces, `computed_diff_id` what the bytes give.
    """

    diff_id: str
    member: str
    size: int
    offset: int
    compression: str | None
    stored_sha256: str
    computed_diff_id: str


class ImageEntry:
    """One image of an archive."""

    def __init__(
        self, archive: Archive, config_member: str, tags: tuple[str, ...], members: list[str]
    ) -> None:
        self._archive = archive
        self._layer_members = members
        self.config_member = config_member
        self.tags = tags
        self.config: dict[str, Any] = archive.json_object(config_member) or {}

    @cached_property
    def config_digest(self) -> str:
        """`sha256:…` of the config's bytes: the identity of the image."""
        return "sha256:" + self._archive.digests(self.config_member).sha256

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The digests of the uncompressed layers, base first, as the config announces them."""
        found = _get(self.config, "rootfs", "diff_ids")
        return tuple(map(str, found)) if isinstance(found, list) else ()

    @property
    def history(self) -> list[dict[str, Any]]:
        """The config's history, one object per instruction."""
        found = self.config.get("history")
        return [line for line in found if isinstance(line, dict)] if isinstance(found, list) else []

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
        return [
            name
            for name in (self.config_member, *self._layer_members)
            if self._archive.resolve(name) is None
        ]

    @property
    def present(self) -> bool:
        """Whether all the image needs is there."""
        return not self.missing

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are there, base first; hashes them."""
        found = []
        for index, name in enumerate(self._layer_members):
            member = self._archive.resolve(name)
            if member is None:
                continue
            digests = self._archive.digests(name)
            found.append(
                Layer(
                    diff_id=self.diff_ids[index] if index < len(self.diff_ids) else "",
                    member=name,
                    size=member.size,
                    offset=member.offset,
                    compression=digests.compression,
                    stored_sha256=digests.sha256,
                    computed_diff_id="sha256:" + digests.content_sha256,
                )
            )
        return tuple(found)

    @property
    def config_bytes(self) -> bytes:
        """The config as stored. Raises `ArchiveError`."""
        return self._archive.read(self.config_member, JSON_LIMIT)

    def layer_bytes(self) -> Iterator[bytes]:
        """The uncompressed layers, base first, each whole in memory."""
        for layer in self.layers:
            stored = self._archive.stored(layer.member)
            yield b"".join(decompress(layer.compression, stored) if layer.compression else stored)

    def verify(self) -> Iterator[Problem]:
        """Everything that makes this image different from what its config announces."""
        label = self.tags[0] if self.tags else "sans nom"
        for name in self.missing:
            yield error(
                "blob-absent",
                f"L'image {label} a besoin de `{name}`, qui n'est pas dans l'archive.",
            )
        if self.missing:
            return
        if not self.diff_ids:
            yield error("config-illisible", f"La configuration de l'image {label} est illisible.")
            return
        if len(self._layer_members) != len(self.diff_ids):
            yield error(
                "couches-manquantes",
                f"L'image {label} annonce {len(self.diff_ids)} couches ; l'archive en range "
                f"{len(self._layer_members)}.",
            )
        named = re.search(r"([0-9a-f]{64})(?:\.json)?$", self.config_member)
        if named and f"sha256:{named[1]}" != self.config_digest:
            yield error(
                "config-alteree",
                f"La configuration de l'image {label} n'a pas le digest qui la nomme : elle a été "
                "modifiée.",
            )
        for number, layer in enumerate(self.layers, 1):
            if layer.computed_diff_id != layer.diff_id:
                yield error(
                    "couche-alteree",
                    f"La couche {number} de l'image {label} n'a pas le contenu que sa "
                    "configuration annonce.",
                )
        filled = [line for line in self.history if not line.get("empty_layer")]
        if self.history and len(filled) != len(self.diff_ids):
            yield warning(
                "historique-incoherent",
                f"L'historique de l'image {label} ne correspond pas au nombre de ses couches.",
            )


class Archive:
    """An archive, read as little as the questions need."""

    def __init__(self, source: Source, name: str, outer: Outer | None = None) -> None:
        self._source = source
        self._outer = outer
        self.name = name
        self.size = outer.size if outer else source.size

    # -- the file --

    @cached_property
    def head(self) -> bytes:
        """The first 512 bytes of the file."""
        return self._outer.head if self._outer else self._source.read(0, HEAD)

    @cached_property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        if self._outer:
            return self._outer.sha256
        return _hash(self.raw_chunks())

    def raw_chunks(self) -> Iterator[bytes]:
        """The bytes of the source, in order."""
        offset = 0
        while chunk := self._source.read(offset, CHUNK):
            offset += len(chunk)
            yield chunk

    @cached_property
    def compression(self) -> tuple[str, ...]:
        """The compressions around the content, outermost first."""
        if self._outer:
            return self._outer.compression
        names: list[str] = []
        head = self.head
        while len(names) <= NESTING and (name := detect(head)):
            names.append(name)
            try:
                head = _first(self._undo(tuple(names)), HEAD)
            except CompressionError:
                break
        return tuple(names)

    def _undo(self, names: tuple[str, ...]) -> Iterator[bytes]:
        stream = self.raw_chunks()
        for name in names:
            stream = decompress(name, stream)
        return stream

    def chunks(self) -> Iterator[bytes]:
        """The decompressed content, in order; raises `CompressionError`."""
        return self.raw_chunks() if self._outer else self._undo(self.compression)

    @cached_property
    def _pass(self) -> tuple[str, int, tar.Scan, str | None]:
        """One streaming pass over compressed content: sha256, size, members, damage."""
        digest, size, damage = hashlib.sha256(), 0, None

        def counted() -> Iterator[bytes]:
            nonlocal size, damage
            try:
                for chunk in self.chunks():
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
            except CompressionError as problem:
                damage = problem.reason

        stream = counted()
        reader = tar.StreamReader(stream)
        found = tar.scan(reader)
        for _ in stream:
            pass
        return digest.hexdigest(), size, found, damage

    @property
    def _streamed(self) -> bool:
        return bool(self.compression) and self._outer is None

    @cached_property
    def content_sha256(self) -> str:
        """Of the decompressed content, in hexadecimal."""
        return self._pass[0] if self._streamed else _hash(self.raw_chunks())

    @cached_property
    def content_size(self) -> int:
        """Bytes of the decompressed content."""
        return self._pass[1] if self._streamed else self._source.size

    @cached_property
    def _scan(self) -> tar.Scan:
        return self._pass[2] if self._streamed else tar.scan(tar.SeekReader(self._source))

    # -- what it is --

    @property
    def kind(self) -> str:
        """`docker-save`, `oci`, `rootfs`, `encrypted`, `part` or `unknown`."""
        return self._nature[0]

    @property
    def detail(self) -> str:
        """The finer nature, in kebab-case: `legacy`, `oci-layout`, `export`, `tar-of-tars`…"""
        return self._nature[1]

    @cached_property
    def _nature(self) -> tuple[str, str]:
        if self.size == 0:
            return "unknown", "empty"
        if self.compression and self.content_size == 0:
            return "unknown", "gzip-of-nothing"
        if self._scan.is_tar:
            return self._tar_nature()
        if not self.compression:
            for magic, kind, detail in _ENVELOPES:
                if self.head.startswith(magic):
                    return kind, detail
            if self.head[:1] in (b"\x8c", b"\xc3", b"\x84", b"\x85", b"\xc1"):
                return "encrypted", "openpgp"
        head = self.head if not self.compression else _first(self._safe_chunks(), HEAD)
        return "unknown", _text_nature(head)

    def _safe_chunks(self) -> Iterator[bytes]:
        try:
            yield from self.chunks()
        except CompressionError:
            return

    def _tar_nature(self) -> tuple[str, str]:
        members = self.members
        if "manifest.json" in members:
            if "oci-layout" in members:
                return "docker-save", "oci-layout"
            podman = any(re.fullmatch(r"[0-9a-f]{64}\.tar", name) for name in members)
            return "docker-save", "podman" if podman else "legacy"
        if "oci-layout" in members and "index.json" in members:
            return "oci", "oci-only"
        cut = any(p.code == "archive-tronquee" for p in self._scan.problems)
        if cut and any(n.startswith("blobs/") or n.endswith("/layer.tar") for n in members):
            return "unknown", "truncated"
        files = [name for name, member in members.items() if member.type == "file"]
        if files and all(re.search(r"\.tar(\.\w+)?$|\.tgz$", name) for name in files):
            return "unknown", "tar-of-tars"
        if any(re.fullmatch(r"[^/]+/(manifest\.json|oci-layout)", name) for name in members):
            return "unknown", "nested-directory"
        tops = {name.split("/")[0] for name in members}
        if ".dockerenv" in tops or len(tops & _ROOT_NAMES) >= 3:
            return "rootfs", "export"
        return "unknown", "truncated" if cut else "plain-tar"

    # -- what it holds --

    @property
    def members(self) -> Mapping[str, tar.Member]:
        """The entries by normalised name."""
        return self._scan.members

    @property
    def entries(self) -> list[tar.Member]:
        """The entries in the order of the archive, duplicates included."""
        return self._scan.order

    @property
    def trailing(self) -> int | None:
        """Where something else starts after the end of the archive, in bytes."""
        return self._scan.trailing

    def resolve(self, name: str) -> tar.Member | None:
        """The file that `name` is, through one symbolic link inside the archive (Docker ≤ 24
        stores a repeated layer as a link)."""
        member = self.members.get(name)
        if member is not None and member.type in ("symlink", "hardlink"):
            target = member.linkname
            if member.type == "symlink":
                target = _join(name.rpartition("/")[0], target)
            member = self.members.get(tar.normal_name(target))
        return member if member is not None and member.type == "file" else None

    def read(self, name: str, limit: int = 1 << 20) -> bytes:
        """The content of a small member. Raises `ArchiveError`."""
        member = self.resolve(name)
        if member is None or member.size > limit:
            raise ArchiveError(name)
        if self._streamed:
            kept = self._scan.kept.get(member.offset)
            if kept is None and member.size:
                raise ArchiveError(name)
            return kept or b""
        data = self._source.read(member.offset, member.size)
        if len(data) < member.size:
            raise ArchiveError(name)
        return data

    def digests(self, name: str) -> tar.Digests:
        """The digests of a member. Raises `ArchiveError` when it is not there."""
        member = self.resolve(name)
        if member is None:
            raise ArchiveError(name)
        return self.digests_of(member)

    def digests_of(self, member: tar.Member) -> tar.Digests:
        """The digests of an entry; computed once."""
        found = self._scan.digests.get(member.offset)
        if found is None:
            known = self._source.known(member.offset, member.size) if not self._streamed else None
            if known is not None:
                diff_id = (known.diff_id or f"sha256:{known.sha256}").removeprefix("sha256:")
                found = tar.Digests(known.sha256, diff_id, known.compression)
            else:
                found = tar.digests(self._range(member.offset, member.size))
            self._scan.digests[member.offset] = found
        return found

    def stored(self, name: str) -> Iterator[bytes]:
        """The bytes of a member of an uncompressed archive, in chunks. Raises `ArchiveError`."""
        member = self.resolve(name)
        if member is None or self._streamed:
            raise ArchiveError(name)
        return self._range(member.offset, member.size)

    def _range(self, offset: int, size: int) -> Iterator[bytes]:
        end = offset + size
        while offset < end and (chunk := self._source.read(offset, min(CHUNK, end - offset))):
            offset += len(chunk)
            yield chunk

    def json_object(self, name: str) -> dict[str, Any] | None:
        """A member that holds a JSON object; None when it is missing, too large or malformed."""
        value = self._json(name)
        return value if isinstance(value, dict) else None

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self.read(name, JSON_LIMIT), object_pairs_hook=self._unique(name))
        except (ArchiveError, ValueError, RecursionError):
            return None

    def _unique(self, name: str) -> Any:
        """Go's decoder takes the last of `RepoTags` and `REPOTAGS`: two keys are two readings."""

        def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            if len({key.lower() for key, _ in pairs}) < len(pairs) and name in _STRICT_JSON:
                self._json_problems[name] = error(
                    "cle-json-en-double",
                    f"`{name}` contient deux fois la même clé : deux moteurs y liraient deux "
                    "images différentes.",
                )
            return dict(pairs)

        return build

    @cached_property
    def _json_problems(self) -> dict[str, Problem]:
        return {}

    @cached_property
    def images(self) -> tuple[ImageEntry, ...]:
        """The images whose config is there, in the order of the archive's manifest."""
        if self.kind not in ("docker-save", "oci"):
            return ()
        found = list(self._manifest_images())
        configs = {image.config_member for image in found}
        for image in self._index_images():
            if image.config_member not in configs and not image.missing:
                configs.add(image.config_member)
                found.append(image)
        return tuple(found)

    def _manifest_images(self) -> Iterator[ImageEntry]:
        entries = self._json("manifest.json")
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, dict) or not isinstance(entry.get("Config"), str):
                continue
            tags, layers = entry.get("RepoTags") or [], entry.get("Layers") or []
            if isinstance(tags, list) and isinstance(layers, list):
                yield ImageEntry(
                    self, tar.normal_name(entry["Config"]), tuple(map(str, tags)),
                    [tar.normal_name(str(layer)) for layer in layers],
                )  # fmt: skip

    def _index_images(self) -> Iterator[ImageEntry]:
        """The images of an OCI layout: `index.json`, nested indexes, attestations left aside.

        OCI image-spec v1.1, `image-layout.md` and `image-index.md`; names are in the annotations
        (containerd writes the whole name in `io.containerd.image.name`).
        """
        index = self.json_object("index.json") or {}
        todo = [(entry, 0, "") for entry in _list(index, "manifests")]
        while todo:
            entry, depth, inherited = todo.pop(0)
            if not isinstance(entry, dict) or depth > 4 or len(todo) > 10_000:
                continue
            notes = entry.get("annotations") or {}
            if not isinstance(notes, dict) or notes.get(_ATTESTATION):
                continue
            name = str(
                notes.get("io.containerd.image.name")
                or notes.get("org.opencontainers.image.ref.name")
                or inherited
            )
            path = _blob(entry.get("digest"))
            document = self.json_object(path) if path else None
            if document is None:
                continue
            if children := _list(document, "manifests"):
                todo += [(child, depth + 1, name) for child in children]
                continue
            config = _blob(_get(document, "config", "digest"))
            layers = [_blob(_get(layer, "digest")) for layer in _list(document, "layers")]
            if config and all(layers):
                tags = (name,) if name else ()
                yield ImageEntry(self, config, tags, [layer for layer in layers if layer])

    # -- what is wrong --

    @cached_property
    def structure_problems(self) -> tuple[Problem, ...]:
        """What can be seen without hashing."""
        found = list(self._scan.problems)
        if self._streamed and (damage := self._pass[3]):
            found.insert(0, _damage(damage))
        if self.kind in ("docker-save", "oci"):
            if not self.images:
                found.append(
                    error("sans-image", "L'archive n'annonce aucune image que l'on puisse lire.")
                )
            found += self._json_problems.values()
            found += self._disagreement()
        elif self.kind == "unknown":
            found.append(error("pas-une-archive", "Ce fichier n'est pas une archive d'images."))
        return tuple(found)

    def _disagreement(self) -> Iterator[Problem]:
        """Some engines read `manifest.json`, others `index.json`: both must tell the same image."""
        if self.detail != "oci-layout":
            return
        listed = {image.config_member for image in self._index_images()}
        for image in self._manifest_images():
            if listed and image.config_member not in listed:
                yield error(
                    "deux-images",
                    "`manifest.json` et `index.json` ne désignent pas la même image : deux moteurs "
                    "chargeraient deux images différentes.",
                )

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything, every digest recomputed."""
        found = list(self.structure_problems)
        for image in self.images:
            found += image.verify()
        for name, member in self.members.items():
            match = re.fullmatch(r"blobs/sha256/([0-9a-f]{64})", name)
            if match and member.type == "file" and self.digests(name).sha256 != match[1]:
                found.append(
                    error("blob-altere", f"Le contenu de `{name}` n'a pas le digest qui le nomme.")
                )
        return tuple(dict.fromkeys(found))

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong enough to distrust the archive."""
        return not any(problem.severity == "error" for problem in self.problems)


_STRICT_JSON = ("manifest.json", "index.json")


def open_archive(
    path_or_source: Path | Source, *, name: str = "", outer: Outer | None = None
) -> Archive:
    """An archive over a file or any `Source`; nothing is read yet.

    `outer` describes the file when the source only gives its decompressed content. Raises
    `OSError` when the path is no readable regular file.
    """
    if isinstance(path_or_source, Path):
        return Archive(FileSource(path_or_source), name or path_or_source.name, outer)
    return Archive(path_or_source, name, outer)


def _damage(reason: str) -> Problem:
    return {
        "damaged": error("compression-abimee", "La compression est abîmée."),
        "truncated": error("compression-tronquee", "Le fichier compressé est incomplet."),
        "bomb": error(
            "bombe", "Le fichier se décompresse démesurément : la lecture a été arrêtée."
        ),
    }[reason]


def _text_nature(head: bytes) -> str:
    text = head.lstrip()
    if re.match(rb"(?i)<(!doctype|html|\?xml)", text):
        return "html"
    if text[:1] in (b"{", b"["):
        return "json"
    try:
        decoded = head.decode()
    except UnicodeDecodeError as problem:
        if problem.start < len(head) - 4:
            return "binary"
        decoded = head[: problem.start].decode()
    if re.fullmatch(r"[A-Za-z0-9+/=\r\n]{40,}", decoded):
        return "base64"
    return "text" if decoded.isprintable() or re.search(r"[\n\t ]", decoded) else "binary"


def _hash(chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _first(chunks: Iterator[bytes], n: int) -> bytes:
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) >= n:
            break
    return data[:n]


def _join(folder: str, target: str) -> str:
    parts: list[str] = []
    for part in chain(folder.split("/"), target.split("/")):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _get(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any, key: str) -> list[Any]:
    found = _get(value, key)
    return found if isinstance(found, list) else []


def _blob(digest: Any) -> str | None:
    if isinstance(digest, str) and _DIGEST.match(digest):
        return "blobs/" + digest.replace(":", "/")
    return None
