"""What the hub asks of whoever keeps its accounts; and an open house, for want of accounts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workshop.hub.proxy import Seen


class Caller(Protocol):
    """Somebody who signed in."""

    @property
    def account(self) -> str:
        """The account's name."""


class House(Protocol):
    """Who is who, who may do what, and what happened. Called from several threads."""

    def sign_in(self, account: str, secret: str) -> Caller | None:
        """The caller, by password or access token; None when either is wrong."""

    def on_behalf(self, account: str) -> Caller | None:
        """The caller that a sign-in with the password would give."""

    def granted(self, caller: Caller | None, repository: str, actions: Sequence[str]) -> list[str]:
        """Which of `actions` (`pull`, `push`, `delete`) the caller may do."""

    def search(self, caller: Caller | None, words: str, limit: int) -> list[dict[str, Any]]:
        """Repositories that the caller may see, best first, in the form of `/v1/search`."""

    def happened(self, seen: Seen) -> None:
        """Write an event; a push makes the repository if need be."""

    def signed_in(self, account: str, *, accepted: bool) -> None:
        """Write that somebody tried to log in."""

    def events(self, caller: Caller | None) -> list[dict[str, Any]]:
        """The log, oldest first: `HubEvent` as JSON; all of it when `caller` is None."""

    def state(self, caller: Caller | None) -> dict[str, Any]:
        """What the hub holds: `HubState` as JSON."""


@dataclass(frozen=True)
class _Anybody:
    account: str


class OpenHouse:
    """No accounts: everybody may do everything, as with a registry that has no authentication."""

    def __init__(self, state: Path) -> None:
        self._repositories = state / "hub" / "data" / "docker" / "registry" / "v2" / "repositories"
        self._events: list[dict[str, Any]] = []

    def sign_in(self, account: str, secret: str) -> Caller | None:
        """See `House`."""
        return _Anybody(account) if account and secret else None

    def on_behalf(self, account: str) -> Caller | None:
        """See `House`."""
        return _Anybody(account)

    def granted(self, caller: Caller | None, repository: str, actions: Sequence[str]) -> list[str]:
        """See `House`."""
        return list(actions)

    def search(self, caller: Caller | None, words: str, limit: int) -> list[dict[str, Any]]:
        """See `House`."""
        found = [name for name in self._names() if words.lower() in name]
        return [
            {
                "name": name.removeprefix("library/"),
                "description": "",
                "is_official": name.startswith("library/"),
                "is_automated": False,
                "star_count": 0,
            }
            for name in found[:limit]
        ]

    def happened(self, seen: Seen) -> None:
        """See `House`."""
        if seen.action != "seeded":
            self._note(
                seen.account, seen.action, seen.repository, seen.tag, seen.digest,
                {"tried": seen.tried} if seen.tried else {},
            )  # fmt: skip

    def signed_in(self, account: str, *, accepted: bool) -> None:
        """See `House`."""
        self._note(account, "login" if accepted else "login-refused")

    def events(self, caller: Caller | None) -> list[dict[str, Any]]:
        """See `House`."""
        return self._events

    def state(self, caller: Caller | None) -> dict[str, Any]:
        """See `House`."""
        told = {"private": False, "description": ""}
        return {
            "repositories": {
                name: told | {"official": name.startswith("library/")} for name in self._names()
            }
        }

    def _names(self) -> list[str]:
        root = self._repositories
        return sorted(str(path.parent.relative_to(root)) for path in root.glob("*/*/_manifests"))

    def _note(
        self,
        account: str | None,
        action: str,
        repository: str = "",
        tag: str = "",
        digest: str = "",
        detail: dict[str, Any] | None = None,
    ) -> None:
        self._events.append(
            {
                "id": len(self._events) + 1, "at": time.time(), "account": account,
                "action": action, "repository": repository, "tag": tag, "digest": digest,
                "detail": detail or {},
            }
        )  # fmt: skip
