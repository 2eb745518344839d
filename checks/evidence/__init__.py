"""What a check can see. Two implementations with the same behaviour: live and submitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from checks.identity import Identity

if TYPE_CHECKING:
    from checks.archives import Archive

FILE_LIMIT = 1 << 20
"""Bytes that `Evidence.file` reads at most: an answer is small, an archive is not a file."""

COMMAND = "atelier"
"""The link to the course's command that `preparer` puts in the workspace: no work of anybody's."""


@dataclass(frozen=True)
class Image:
    """A local image. `diff_ids` and `config` tell what it is; `id` only serves to join with
    containers of the same engine, for it differs with the engine's image store."""

    id: str
    tags: tuple[str, ...]
    diff_ids: tuple[str, ...]
    config: dict[str, Any] = field(default_factory=dict)
    os: str = ""
    architecture: str = ""
    comment: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Image:
        """The image that `to_json` wrote."""
        return cls(**{**data, "tags": tuple(data["tags"]), "diff_ids": tuple(data["diff_ids"])})


@dataclass(frozen=True)
class Mount:
    """What a container mounts at `destination`: `kind` is `volume`, `bind` or `tmpfs`, `name` the
    volume's name (64 hexadecimal digits when it was given none) or the folder of the host."""

    kind: str
    name: str
    destination: str


@dataclass(frozen=True)
class Container:
    """A container: `image` is what it was created from as typed, `image_id` what that was then.

    `entrypoint` and `command` are those that it was created with, its image's or typed; `labels`
    are its own and its image's.
    """

    name: str
    image: str
    image_id: str
    status: str
    exit_code: int
    command: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    entrypoint: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Container:
        """The container that `to_json` wrote."""
        mounts = tuple(Mount(**mount) for mount in data.get("mounts", ()))
        words = {key: tuple(data.get(key, ())) for key in ("command", "entrypoint")}
        return cls(**{**data, **words, "mounts": mounts})


@dataclass(frozen=True)
class Step:
    """One line of an image's history: what made it, and the comment (`docker commit -m`)."""

    created_by: str
    comment: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `Step(**data)` reads it back."""
        return asdict(self)


INDEX_TYPES = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
ACTIONS = ("pull", "push", "delete")
"""What may be done to a repository, in the registry's own words."""


@dataclass(frozen=True)
class RegistryImage:
    """An image in a registry. `digest` and `media_type` are those of what the name stands for (an
    index or a manifest); the rest is of one image, that of the architecture asked for.

    `platforms` are `os/architecture[/variant]`; `layers` are digests of stored blobs, `diff_ids`
    of uncompressed layers; `config` is what a container starts with, as in `Image`; `documents`
    are the index if any, the manifest and the config, as stored.
    """

    digest: str
    media_type: str
    platforms: tuple[str, ...]
    config_digest: str
    diff_ids: tuple[str, ...]
    layers: tuple[str, ...]
    config: dict[str, Any] = field(default_factory=dict)
    history: tuple[dict[str, Any], ...] = ()
    os: str = ""
    architecture: str = ""
    documents: tuple[bytes, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_index(self) -> bool:
        """Whether the name stands for an index: a list of images, one for each platform."""
        return self.media_type in INDEX_TYPES


@dataclass(frozen=True)
class HubEvent:
    """One line of the hub's log: `at` is in seconds since 1970, `account` None for nobody.

    `action` is `push`, `pull`, `delete`, `denied`, `login`, `login-refused` (`page-login…` on the
    web page), `token-created`, `token-revoked`, `visibility-changed`…; `detail` depends on it, and
    holds no secret: of a refused login, the id of the revoked token that was shown.
    """

    id: int
    at: float
    account: str | None
    action: str
    repository: str = ""
    tag: str = ""
    digest: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `HubEvent(**data)` reads it back."""
        return asdict(self)


@dataclass(frozen=True)
class HubState:
    """What the hub holds. Names of repositories have no host.

    `accounts`: names. `organisations`: name → `{"owners": [account…], "teams": {team: {"members":
    [account…], "grants": {repository: "read"|"write"|"admin"}}}}`. `repositories`: name →
    `{"private": bool, "official": bool, "description": str}`. `tokens`: `{"account", "name",
    "scope": "read"|"read-write"|"read-write-delete", "created", "expires": seconds|None,
    "last_used": seconds|None, "revoked": bool, "id"}`.
    """

    accounts: list[str] = field(default_factory=list)
    organisations: dict[str, dict[str, Any]] = field(default_factory=dict)
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `HubState(**data)` reads it back."""
        return asdict(self)


@dataclass(frozen=True)
class ClientConfig:
    """A Docker client's `config.json`, secrets left out.

    `logins`: host → account whose secret is written in the file ("" when the entry is empty).
    `store` and `helpers` (host → program) keep secrets elsewhere.
    """

    logins: dict[str, str] = field(default_factory=dict)
    store: str = ""
    helpers: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `ClientConfig(**data)` reads it back."""
        return asdict(self)


class Evidence(Protocol):
    """Read-only questions. Names are paths relative to the workspace, with `/`.

    Every method raises `EnvironmentProblem` when the answer cannot be had (no engine…), never
    because the learner has not done something: what is not there is `None` or empty.
    """

    @property
    def identity(self) -> Identity:
        """Who the learner is."""

    @property
    def hub(self) -> str:
        """The address of the hub: `localhost:5000`."""

    @property
    def hub_addresses(self) -> tuple[str, ...]:
        """`hub`, then the addresses it had before: another program may take its port, and what was
        pulled, named or saved until then bears the name of that time."""

    def names(self, pattern: str) -> list[str]:
        """The regular files that match a glob pattern, sorted as the shell sorts them (bytes).

        The course's own link to its command (`COMMAND`) is not one of them.
        """

    def file(self, name: str) -> bytes | None:
        """The content of a small file (at most `FILE_LIMIT` bytes are read)."""

    def archive(self, name: str) -> Archive | None:
        """A file as an archive; whatever it holds, it can be asked."""

    def image(self, reference: str) -> Image | None:
        """The local image of that name; a name at the hub is looked for at all its addresses."""

    def images(self) -> list[Image]:
        """All local images, untagged ones too."""

    def history(self, reference: str) -> list[Step]:
        """The history of the local image of that name, oldest step first; empty without it."""

    def containers(self) -> list[Container]:
        """All containers, stopped ones too."""

    def volumes(self) -> list[str]:
        """The names of all volumes."""

    def tree(self, container: str, path: str) -> Archive | None:
        """What `container`, running or not, has under `path`, its volumes included, as `docker cp`
        gives it: a tar whose names start with the last part of `path`. None when there is no such
        container or path. Cut after `FILE_LIMIT` bytes.

        A volume is read in this way through a container of the learner's that mounts it: a check
        creates nothing, so a volume that no container mounts cannot be looked at.
        """

    def registry(self, reference: str, *, architecture: str = "amd64") -> RegistryImage | None:
        """The image under that name in its registry, whichever it is: `localhost:5000/a/b:1`,
        `registry.example.com/a/b@sha256:…`. None when it is not there, or not for the learner, or
        is no image (an artifact, a build cache).

        The workshop's own hub shows everything; elsewhere the learner's login is used, if any. Of
        an index, the image of `architecture`, else the first.
        """

    def tags(self, repository: str) -> list[str]:
        """The tags of `localhost:5000/a/b`, sorted; empty when there is none to be seen."""

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        """Which of `ACTIONS` the registry lets `account` do (None: nobody, without a login).

        Really tried, on what does not exist: nothing is written, and the hub logs no event.
        """

    def opens(self, account: str, secret: str, *, host: str = "") -> bool:
        """Whether the hub (or `host`) accepts this login. Only for tokens, never for a password: a
        submission keeps the sha256 of what was asked."""

    def hub_events(self, *actions: str) -> list[HubEvent]:
        """What the workshop's hub has seen, oldest first; only some `actions`, if any are named."""

    def hub_state(self) -> HubState:
        """What the workshop's hub holds."""

    def client_config(self, name: str = "") -> ClientConfig | None:
        """The learner's Docker client settings, or those in the file `name` of the workspace."""
