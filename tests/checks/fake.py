"""Evidence made up by a test: no engine, no hub, only what a check is told."""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass, field
from typing import Any

from checks.archives import Archive, BytesSource, open_archive
from checks.evidence import ClientConfig, Container, HubEvent, HubState, Image, RegistryImage
from checks.identity import Identity

LEARNER = Identity("essai", "5ea0b0a7")


@dataclass
class Fake:
    """What a check sees. `published` is reference → image; `rights` is (repository, account)."""

    files: dict[str, str | bytes] = field(default_factory=dict)
    published: dict[str, RegistryImage] = field(default_factory=dict)
    rights: dict[tuple[str, str | None], set[str]] = field(default_factory=dict)
    state: HubState = field(default_factory=HubState)
    events: list[HubEvent] = field(default_factory=list)
    local: list[Image] = field(default_factory=list)
    running: list[Container] = field(default_factory=list)
    settings: dict[str, ClientConfig] = field(default_factory=dict)
    identity: Identity = LEARNER
    hub: str = "localhost:5000"
    asked: set[str] = field(default_factory=set)

    @property
    def hub_addresses(self) -> tuple[str, ...]:
        return (self.hub,)

    def names(self, pattern: str) -> list[str]:
        return sorted(
            name for name in self.files
            if fnmatch.fnmatch(name, pattern.replace("**/*", "*")) or name == pattern
        )  # fmt: skip

    def file(self, name: str) -> bytes | None:
        told = self.files.get(name)
        return told.encode() if isinstance(told, str) else told

    def archive(self, name: str) -> Archive | None:
        told = self.file(name)
        return None if told is None else open_archive(BytesSource(told), name=name)

    def image(self, reference: str) -> Image | None:
        return next((image for image in self.local if reference in image.tags), None)

    def images(self) -> list[Image]:
        return self.local

    def containers(self) -> list[Container]:
        return self.running

    def registry(self, reference: str, *, architecture: str = "amd64") -> RegistryImage | None:
        self.asked.add(reference)
        return self.published.get(reference)

    def tags(self, repository: str) -> list[str]:
        return sorted(each.rpartition(":")[2] for each in self.published
                      if each.rpartition(":")[0] == repository)  # fmt: skip

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        return frozenset(self.rights.get((repository, account), ()))

    def hub_events(self, *actions: str) -> list[HubEvent]:
        return [event for event in self.events if not actions or event.action in actions]

    def hub_state(self) -> HubState:
        return self.state

    def client_config(self, name: str = "") -> ClientConfig | None:
        return self.settings.get(name)

    def answers(self, exercise: str, **fields: Any) -> Fake:
        """The same, with an answer more."""
        self.files[f"reponses/{exercise}.json"] = json.dumps(fields)
        return self


def in_registry(
    diff_ids: tuple[str, ...], config: dict[str, Any], digest: str = "sha256:" + "0" * 64
) -> RegistryImage:
    """An image of a registry, of one architecture."""
    return RegistryImage(digest, "", ("linux/amd64",), "sha256:" + "c" * 64, diff_ids, (), config)
