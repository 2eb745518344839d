"""What the hub asks of whoever keeps its accounts (`workshop.hub.store`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from workshop.hub.proxy import Seen


class Caller(Protocol):
    """Somebody who signed in."""

    @property
    def account(self) -> str:
        """The account's name."""

    @property
    def token(self) -> str | None:
        """The id of the access token that was shown; None for a password."""


class House(Protocol):
    """Who is who, who may do what, and what happened. Called from several threads."""

    def sign_in(self, account: str, secret: str) -> Caller | None:
        """The caller, by password or access token; None when either is wrong."""

    def expired(self, account: str, secret: str) -> bool:
        """Whether this is an access token of the account's, whose time is over."""

    def on_behalf(self, account: str) -> Caller | None:
        """The caller that a sign-in with the password would give."""

    def token_alive(self, id: str) -> bool:
        """Whether an access token is neither revoked nor expired."""

    def granted(self, caller: Caller | None, repository: str, actions: Sequence[str]) -> list[str]:
        """Which of `actions` (`pull`, `push`, `delete`) the caller may do."""

    def search(self, caller: Caller | None, words: str, limit: int) -> list[dict[str, Any]]:
        """Repositories that the caller may see, best first, in the form of `/v1/search`."""

    def happened(self, seen: Seen) -> None:
        """Write an event; a push makes the repository if need be, or raises `NotKept`."""

    def signed_in(self, account: str, *, accepted: bool, secret: str = "") -> None:
        """Write that somebody tried to log in, with `secret` (which is not written)."""

    def events(self, caller: Caller | None, actions: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The log, oldest first: `HubEvent` as JSON; all of it when `caller` is None. Only some
        `actions`, if any are named."""

    def state(self, caller: Caller | None) -> dict[str, Any]:
        """What the hub holds: `HubState` as JSON."""
