"""What a check can see. Two implementations with the same behaviour: live and submitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from checks.identity import Identity

if TYPE_CHECKING:
    from checks.archives import Archive

FILE_LIMIT = 1 << 20
"""Bytes that `Evidence.file` reads at most: an answer is small, an archive is not a file."""


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
class Container:
    """A container: `image` is what it was created from as typed, `image_id` what that was then."""

    name: str
    image: str
    image_id: str
    status: str
    exit_code: int

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; `Container(**data)` reads it back."""
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

    def names(self, pattern: str) -> list[str]:
        """The regular files that match a glob pattern, sorted as the shell sorts them (bytes)."""

    def file(self, name: str) -> bytes | None:
        """The content of a small file (at most `FILE_LIMIT` bytes are read)."""

    def archive(self, name: str) -> Archive | None:
        """A file as an archive; whatever it holds, it can be asked."""

    def image(self, reference: str) -> Image | None:
        """The local image of that name."""

    def images(self) -> list[Image]:
        """All local images, untagged ones too."""

    def containers(self) -> list[Container]:
        """All containers, stopped ones too."""
