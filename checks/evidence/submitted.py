"""Evidence carried by a submission: recorded from live evidence, then replayed without an engine.

A submission holds the material that checks asked for, never a verdict. Small files travel whole,
named by their sha256. Of a large archive, the members above `BODY_LIMIT` (the layers of the base
systems) stay behind: their digests, computed when the submission was made, stand for them, and
everything else (manifests, configs, the learner's own layers) travels and is hashed again.

Document (version 1), all names relative to the workspace:
`{"version", "identity": {"pseudonym", "id"}, "hub", "former_hubs": […]|absent, "exercises": […],
  "names": {pattern: [name…]}, "files": {name: sha256|null}, "archives": {name: {…}|null},
  "images": {reference: {…}|null}, "all_images": […]|absent, "containers": […]|absent,
  "histories": {reference: [{"created_by", "comment"}…]}, "volumes": [name…]|absent,
  "trees": {container: {path: sha256|null}},
  "registry": {"architecture reference": {"digest", "media_type", "documents": [sha256…]}|null},
  "tags": {repository: [tag…]}, "access": {repository: {account: [action…]}},
  "opens": {sha256: bool}, "hub_events": […]|absent, "hub_state": {…}|absent,
  "client_configs": {name: {…}|null}}`
Of an image in a registry, index, manifest and config travel as stored, and are hashed again.
An archive is `{"blob": sha256}` when it travels whole, else
`{"size", "sha256", "content_sha256", "head", "compression", "content": [{"blob": sha256, "size"} |
  {"omitted": sha256, "diff_id", "compression", "size"}…]}`
where `content` covers the decompressed bytes. `content_sha256` is theirs: with a member left
behind it cannot be computed again, and is worth what the engine's answers are worth.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from checks import credentials, openpgp
from checks.archives import Archive, BytesSource, KnownDigest, Member, Outer, open_archive
from checks.archives.tar import BLOCK
from checks.evidence import (
    ClientConfig,
    Container,
    Evidence,
    HubEvent,
    HubState,
    Image,
    RegistryImage,
    Step,
)
from checks.identity import NAME_LIMIT, Identity
from checks.outcome import EnvironmentProblem

VERSION = 1
_PREFIX = rb"(?:dckr_[op]at|gh[pos]|github_pat|gl(?:pat|dt|rt|cbt|ptt|ft|soat))[_-]"
"""How access tokens of Docker Hub, GitHub and GitLab begin: that part is public."""
_NOT_A_FILE = rb"\S*/|\S*\.(?:txt|env|json|key|secret)\b"
_NAME = rb"(?<![A-Za-z0-9_])" + credentials.PATTERN.encode()
_LITERAL = (
    rb"(?![$(<`.{]|" + _NOT_A_FILE + rb")[^\s\"'$|;&},\]]{6,}"
    rb"|\"(?!" + _NOT_A_FILE + rb")[^\"$`\n]{6,}\"|'(?!" + _NOT_A_FILE + rb")[^'\n]{6,}'"
)
"""A value written in full, as phase 4 recognises one: neither a variable nor a file's name."""
_SECRETS = tuple(
    re.compile(pattern, re.MULTILINE | re.DOTALL)
    for pattern in (
        rb"(" + _PREFIX + rb")([A-Za-z0-9_-]{8,})",
        rb"(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)(.*?)(?=-----END|\Z)",
        rb"(\(\d*:?(?:protected-|shadowed-)?private-key)(.*)",  # gpg-agent's key ring
    )
)
_IN_SCRIPTS = tuple(
    re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    for pattern in (
        rb"(\blogin\b[^\n]*?\s(?:--password(?!-stdin)|-p)[ =]?[\"']?)"
        rb"([^\s\"'$|;&<,\]}-](?:[^\s\"'|;&]*[^\s\"'|;&,\]}])?)",
        rb"(\b(?:echo|printf)\s+(?:-n\s+)?(?:['\"]%s(?:\\n)?['\"]\s+)?['\"]?)([^\s$%'\"|-][^\n'\"$|;&]*)"
        rb"(?=['\"]?[\s\\]*\|[\s\\]*docker\b[^\n]*\blogin\b)",
        rb"(\blogin\b[^\n]*<<<\s*['\"]?)([^$\s'\",\]}](?:[^\s'\"]*[^\s'\",\]}])?)",
        rb"(\"auth\"\s*:\s*\")([A-Za-z0-9+/=]{8,})(?=\")",
        rb"(\blogin\b[^\n]*(?<!<)<<-?[ \t]*['\"]?[A-Za-z_]\w*['\"]?[^\n]*\n)([^\n$]+)",
        rb"(" + _NAME + rb"=)(" + _LITERAL + rb")",
        rb"(" + _NAME + rb"[\"']?:[ \t]+)(" + _LITERAL + rb")",
    )
)
_SCRIPT = re.compile(r"(\.(sh|ya?ml|env)|Dockerfile)$")
WHOLE_LIMIT = 512 * 1024
"""An archive of at most this many bytes travels whole."""
BODY_LIMIT = 256 * 1024
"""Members of more than this many bytes stay behind; nothing smaller may."""
LITERAL_LIMIT = 4 << 20
"""Bytes of one archive that may travel besides."""
HEAD_LIMIT = 1 << 20
"""Bytes that travel of a container's file system: enough to know what it is."""


class Recorder:
    """Answers as `live` does, and keeps what it answered: `document()` and `blobs`."""

    def __init__(self, live: Evidence) -> None:
        self.live = live
        self.identity = live.identity
        self.hub = live.hub
        self.hub_addresses = live.hub_addresses
        self.blobs: dict[str, bytes] = {}
        self._names: dict[str, list[str]] = {}
        self._files: dict[str, str | None] = {}
        self._archives: dict[str, dict[str, Any] | None] = {}
        self._images: dict[str, dict[str, Any] | None] = {}
        self._histories: dict[str, list[dict[str, Any]]] = {}
        self._trees: dict[str, dict[str, str | None]] = {}
        self._lists: dict[str, Any] = {}
        self._registry: dict[str, dict[str, Any] | None] = {}
        self._tags: dict[str, list[str]] = {}
        self._access: dict[str, dict[str, list[str]]] = {}
        self._opens: dict[str, bool] = {}
        self._client_configs: dict[str, dict[str, Any] | None] = {}

    def document(self, exercises: list[str]) -> dict[str, Any]:
        """The submission's JSON document."""
        return {
            "version": VERSION,
            "identity": {
                "pseudonym": self.identity.pseudonym[:NAME_LIMIT],
                "id": self.identity.id,
            },
            "hub": self.hub,
            "former_hubs": list(self.hub_addresses[1:]),
            "exercises": exercises,
            "names": self._names,
            "files": self._files,
            "archives": self._archives,
            "images": self._images,
            "histories": self._histories,
            "trees": self._trees,
            "registry": self._registry,
            "tags": self._tags,
            "access": self._access,
            "opens": self._opens,
            "client_configs": self._client_configs,
            **self._lists,
        }

    def names(self, pattern: str) -> list[str]:
        """See `Evidence.names`."""
        self._names[pattern] = found = self.live.names(pattern)
        return found

    def file(self, name: str) -> bytes | None:
        """See `Evidence.file`."""
        data = self.live.file(name)
        # A script may show a secret by mistake: that it does is kept, the secret is not.
        self._files[name] = None if data is None else self._keep(_without_secrets(name, data))
        return data

    def archive(self, name: str) -> Archive | None:
        """See `Evidence.archive`."""
        archive = self.live.archive(name)
        if name not in self._archives:
            self._archives[name] = None if archive is None else self._record(archive)
        return archive

    def image(self, reference: str) -> Image | None:
        """See `Evidence.image`."""
        image = self.live.image(reference)
        self._images[reference] = None if image is None else _discreet(image.to_json())
        return image

    def images(self) -> list[Image]:
        """See `Evidence.images`."""
        found = self.live.images()
        self._lists["all_images"] = [_discreet(image.to_json()) for image in found]
        return found

    def history(self, reference: str) -> list[Step]:
        """See `Evidence.history`."""
        found = self.live.history(reference)
        self._histories[reference] = [_discreet(step.to_json()) for step in found]
        return found

    def volumes(self) -> list[str]:
        """See `Evidence.volumes`."""
        self._lists["volumes"] = found = self.live.volumes()
        return found

    def tree(self, container: str, path: str) -> Archive | None:
        """See `Evidence.tree`."""
        archive = self.live.tree(container, path)
        kept = None if archive is None else self._keep(b"".join(archive.raw_chunks()))
        self._trees.setdefault(container, {})[path] = kept
        return archive

    def containers(self) -> list[Container]:
        """See `Evidence.containers`."""
        found = self.live.containers()
        self._lists["containers"] = [_discreet(container.to_json()) for container in found]
        return found

    def registry(self, reference: str, *, architecture: str = "amd64") -> RegistryImage | None:
        """See `Evidence.registry`."""
        found = self.live.registry(reference, architecture=architecture)
        kept: dict[str, Any] | None = None
        if found:
            documents = [self._keep(document) for document in found.documents]
            kept = {
                "digest": found.digest,
                "media_type": found.media_type,
                "documents": documents,
            }
        self._registry[f"{architecture} {reference}"] = kept
        return found

    def tags(self, repository: str) -> list[str]:
        """See `Evidence.tags`."""
        self._tags[repository] = found = self.live.tags(repository)
        return found

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        """See `Evidence.access`."""
        found = self.live.access(repository, account)
        self._access.setdefault(repository, {})[account or ""] = sorted(found)
        return found

    def opens(self, account: str, secret: str, *, host: str = "") -> bool:
        """See `Evidence.opens`."""
        found = self.live.opens(account, secret, host=host)
        self._opens[_login(account, secret, host)] = found
        return found

    def hub_events(self, *actions: str) -> list[HubEvent]:
        """See `Evidence.hub_events`."""
        found = self.live.hub_events(*actions)
        kept = {event["id"]: event for event in self._lists.get("hub_events", ())}
        kept |= {event.id: event.to_json() for event in found}
        self._lists["hub_events"] = [kept[id] for id in sorted(kept)]
        return found

    def hub_state(self) -> HubState:
        """See `Evidence.hub_state`."""
        found = self.live.hub_state()
        self._lists["hub_state"] = found.to_json()
        return found

    def client_config(self, name: str = "") -> ClientConfig | None:
        """See `Evidence.client_config`."""
        found = self.live.client_config(name)
        self._client_configs[name] = None if found is None else found.to_json()
        return found

    def _keep(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.blobs[name] = data
        return name

    def _record(self, archive: Archive) -> dict[str, Any]:
        if archive.size <= WHOLE_LIMIT:
            return {"blob": self._keep(b"".join(archive.raw_chunks()))}
        return {
            "size": archive.size,
            "sha256": archive.sha256,
            "content_sha256": archive.content_sha256,
            "head": base64.b64encode(archive.head).decode(),
            "compression": list(archive.compression),
            "content": self._content(archive),
        }

    def _content(self, archive: Archive) -> list[dict[str, Any]]:
        left = [m for m in archive.entries if m.type == "file" and m.size > BODY_LIMIT]
        end = archive.content_size if archive.trailing is None else archive.trailing
        whole = archive.images or archive.kind == "rootfs"
        if whole and end - sum(m.size for m in left) <= LITERAL_LIMIT:
            return self._pieces(archive, left, archive.trailing)
        return self._pieces(archive, [], min(HEAD_LIMIT, archive.content_size))

    def _pieces(
        self, archive: Archive, left: list[Member], end: int | None
    ) -> list[dict[str, Any]]:
        """The content with the bodies of `left` replaced by their digests, and likewise what
        follows the block at `end`, when there is an end."""
        pieces: list[dict[str, Any]] = []
        stream = _Forward(archive.chunks())
        for member in left:
            pieces.append(self._piece(stream.take(member.offset)))
            stream.skip(member.offset + member.size)
            digests = archive.digests_of(member)
            pieces.append(
                {
                    "omitted": digests.sha256,
                    "diff_id": "sha256:" + digests.content_sha256,
                    "compression": digests.compression,
                    "size": member.size,
                }
            )
        if end is None:
            return [*pieces, self._piece(stream.take(None))]
        # Of a second archive, the first header is enough to tell that it is one.
        pieces.append(self._piece(stream.take(end + BLOCK)))
        digest, size = hashlib.sha256(), 0
        for chunk in stream.rest():
            digest.update(chunk)
            size += len(chunk)
        return [*pieces, {"omitted": digest.hexdigest(), "diff_id": None, "size": size}]

    def _piece(self, data: bytes) -> dict[str, Any]:
        return {"blob": self._keep(data), "size": len(data)}


class _Forward:
    """A stream read up to given positions."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._position = 0

    def take(self, end: int | None) -> bytes:
        """The bytes up to position `end` (to the end of the stream when None)."""
        return b"".join(self._until(end))

    def rest(self) -> Iterator[bytes]:
        """All that is left, in chunks."""
        return self._until(None)

    def skip(self, end: int) -> None:
        """Pass over the bytes up to position `end`."""
        for _ in self._until(end):
            pass

    def _until(self, end: int | None) -> Iterator[bytes]:
        while end is None or self._position < end:
            if not self._buffer:
                self._buffer = next(self._chunks, b"")
                if not self._buffer:
                    return
            wanted = len(self._buffer) if end is None else end - self._position
            part, self._buffer = self._buffer[:wanted], self._buffer[wanted:]
            self._position += len(part)
            yield part


class SubmittedEvidence:
    """Answers from a submission's document; `blob` gives the bytes that a sha256 names.

    Raises `KeyError`, `TypeError` or `ValueError` when the document does not say whose it is.
    """

    def __init__(self, document: dict[str, Any], blob: Callable[[str], bytes]) -> None:
        self._document = document
        self._blob = blob
        pseudonym, id = document["identity"]["pseudonym"], document["identity"]["id"]
        if not isinstance(pseudonym, str) or len(pseudonym) > NAME_LIMIT:
            raise ValueError("pseudonym")
        self.identity = Identity(pseudonym, id)
        self.hub = str(document["hub"])
        self.hub_addresses = (self.hub, *map(str, document.get("former_hubs", ())))

    def names(self, pattern: str) -> list[str]:
        """See `Evidence.names`."""
        with _well_formed():
            return [str(name) for name in self._recorded("names", pattern)]

    def file(self, name: str) -> bytes | None:
        """See `Evidence.file`."""
        with _well_formed():
            digest = self._recorded("files", name)
            return None if digest is None else self._blob(digest)

    def archive(self, name: str) -> Archive | None:
        """See `Evidence.archive`."""
        with _well_formed():
            record = self._recorded("archives", name)
            if record is None:
                return None
            if "blob" in record:
                return open_archive(BytesSource(self._blob(record["blob"])), name=name)
            outer = Outer(
                size=int(record["size"]),
                sha256=str(record["sha256"]),
                content_sha256=str(record.get("content_sha256") or ""),
                head=base64.b64decode(record["head"]),
                compression=tuple(map(str, record["compression"])),
            )
            source = PiecesSource(record["content"], self._blob)
            return open_archive(source, name=name, outer=outer)

    def image(self, reference: str) -> Image | None:
        """See `Evidence.image`."""
        with _well_formed():
            data = self._recorded("images", reference)
            return None if data is None else Image.from_json(data)

    def images(self) -> list[Image]:
        """See `Evidence.images`."""
        with _well_formed():
            return [Image.from_json(data) for data in self._recorded("all_images")]

    def containers(self) -> list[Container]:
        """See `Evidence.containers`."""
        with _well_formed():
            return [Container.from_json(data) for data in self._recorded("containers")]

    def history(self, reference: str) -> list[Step]:
        """See `Evidence.history`."""
        with _well_formed():
            return [Step(**data) for data in self._recorded("histories", reference)]

    def volumes(self) -> list[str]:
        """See `Evidence.volumes`."""
        with _well_formed():
            return [str(name) for name in self._recorded("volumes")]

    def tree(self, container: str, path: str) -> Archive | None:
        """See `Evidence.tree`."""
        with _well_formed():
            digest = self._recorded("trees", container, path)
            if digest is None:
                return None
            return open_archive(BytesSource(self._blob(digest)), name=f"{container}:{path}")

    def registry(self, reference: str, *, architecture: str = "amd64") -> RegistryImage | None:
        """See `Evidence.registry`."""
        from checks.evidence.registry import describe

        with _well_formed():
            data = self._recorded("registry", f"{architecture} {reference}")
            if data is None:
                return None
            *documents, config = [self._blob(str(name)) for name in data["documents"]]
            return describe(str(data["digest"]), str(data["media_type"]), documents, config)

    def tags(self, repository: str) -> list[str]:
        """See `Evidence.tags`."""
        with _well_formed():
            return [str(tag) for tag in self._recorded("tags", repository)]

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        """See `Evidence.access`."""
        with _well_formed():
            return frozenset(map(str, self._recorded("access", repository, account or "")))

    def opens(self, account: str, secret: str, *, host: str = "") -> bool:
        """See `Evidence.opens`."""
        with _well_formed():
            return self._recorded("opens", _login(account, secret, host)) is True

    def hub_events(self, *actions: str) -> list[HubEvent]:
        """See `Evidence.hub_events`."""
        with _well_formed():
            told = [HubEvent(**data) for data in self._recorded("hub_events")]
            return [event for event in told if not actions or event.action in actions]

    def hub_state(self) -> HubState:
        """See `Evidence.hub_state`."""
        with _well_formed():
            return HubState(**self._recorded("hub_state"))

    def client_config(self, name: str = "") -> ClientConfig | None:
        """See `Evidence.client_config`."""
        with _well_formed():
            data = self._recorded("client_configs", name)
            return None if data is None else ClientConfig(**data)

    def _recorded(self, *path: str) -> Any:
        value: Any = self._document
        for key in path:
            if key not in value:
                raise EnvironmentProblem(
                    "Ce rendu ne contient pas de quoi vérifier cette mission : elle n'a pas été "
                    "tentée, ou le rendu vient d'une autre version du cours."
                )
            value = value[key]
        return value


def _without_secrets(name: str, data: bytes) -> bytes:
    """`data`, as long, with `x` in place of what lets one in: tokens and private keys anywhere,
    passwords where scripts write them."""
    if not data.isascii() and openpgp.holds_secret_key(data):  # binary
        armor = b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
        return armor + b"x" * (len(data) - len(armor))
    for pattern in (*_SECRETS, *(_IN_SCRIPTS if _SCRIPT.search(name) else ())):
        data = pattern.sub(_masked, data)
    return data


def _masked(found: re.Match[bytes]) -> bytes:
    shown = re.match(rb"['\"]?" + _PREFIX, found[2])
    known = shown[0] if shown else b""
    return found[1] + known + re.sub(rb"[^\n]", b"x", found[2][len(known) :])


def _discreet(told: Any) -> Any:
    """The same JSON value; what an engine tells of build arguments and variables is masked too."""
    if isinstance(told, dict):
        return {key: _discreet(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_discreet(value) for value in told]
    if isinstance(told, str) and "=" in told:
        return _without_secrets(".env", told.encode(errors="surrogateescape")).decode(
            errors="surrogateescape"
        )
    return told


def _login(account: str, secret: str, host: str) -> str:
    """What stands for a login in a submission, which carries no secret."""
    return hashlib.sha256(f"{host}\0{account}\0{secret}".encode()).hexdigest()


@contextmanager
def _well_formed() -> Iterator[None]:
    """A document that was tampered with is nobody's bug."""
    try:
        yield
    except (AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
        raise EnvironmentProblem(
            "Cette partie du rendu est mal formée : elle n'a pas été écrite par `./atelier rendre`."
        ) from error


class PiecesSource:
    """A source made of pieces; what was left behind reads as zeros, and its digests are known."""

    def __init__(self, pieces: list[dict[str, Any]], blob: Callable[[str], bytes]) -> None:
        self._pieces: list[tuple[int, int, bytes | None]] = []
        self._known: dict[tuple[int, int], KnownDigest] = {}
        position = 0
        for number, piece in enumerate(pieces, 1):
            size = int(piece["size"])
            data = None if "omitted" in piece else blob(piece["blob"])
            small = data is None and size <= BODY_LIMIT and number < len(pieces)
            if size < 0 or small or (data is not None and len(data) != size):
                raise ValueError("piece size")
            if data is None:
                self._known[position, size] = KnownDigest(
                    piece["omitted"], piece["diff_id"], piece.get("compression")
                )
            self._pieces.append((position, position + size, data))
            position += size
        self.size = position

    def read(self, offset: int, n: int) -> bytes:
        """At most `n` bytes from `offset`."""
        found = bytearray()
        end = min(self.size, offset + n)
        for start, stop, data in self._pieces:
            low, high = max(start, offset), min(stop, end)
            if low < high:
                found += bytes(high - low) if data is None else data[low - start : high - start]
        return bytes(found)

    def known(self, offset: int, size: int) -> KnownDigest | None:
        """The digests of a piece that was left behind, when it is exactly this range."""
        return self._known.get((offset, size))
