"""Who is at the page: sessions in memory, forms that only our pages send, guesses counted."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

COOKIE = "hub_session"
LIFETIME = 8 * 3600.0
"""Seconds that a session lasts without being used: a day of class."""
SESSIONS = 10_000
"""Sessions that are kept at most; the oldest are forgotten first."""
TRIES, WINDOW = 5, 300.0
"""Refused sign-ins that one address may have for one account in that many seconds."""
TRIES_OF_ADDRESS = 30
"""The same for one address, whatever the accounts: a classroom may share one."""


@dataclass
class Session:
    """A visit. `account` is None until somebody signs in; `notice` and `secret` are shown once."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    form: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    account: str | None = None
    notice: str = ""
    secret: str = ""
    seen: float = field(default_factory=time.monotonic)

    def sent_by_us(self, form: str) -> bool:
        """Whether a form carries what our pages put in it."""
        return hmac.compare_digest(self.form.encode(), form.encode())

    def take(self) -> tuple[str, str]:
        """The notice and the secret to show, forgotten at once."""
        told = (self.notice, self.secret)
        self.notice = self.secret = ""
        return told


class Sessions:
    """The visits of a running hub: a restart ends them all."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()

    def find(self, id: str | None) -> Session | None:
        """The session of that cookie, if it still lasts."""
        session = self._known.get(id or "")
        if session is None:
            return None
        if time.monotonic() - session.seen > LIFETIME:
            del self._known[session.id]
            return None
        session.seen = time.monotonic()
        self._known.move_to_end(session.id)
        return session

    def start(self, account: str | None = None) -> Session:
        """A new session, under an id that nobody has seen."""
        session = Session(account=account)
        self._known[session.id] = session
        while len(self._known) > SESSIONS:
            self._known.popitem(last=False)
        return session

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._known.pop(session.id, None)

    def end_others(self, kept: Session) -> None:
        """Forget the other sessions of the same account."""
        for session in list(self._known.values()):
            if session.account == kept.account and session is not kept:
                self.end(session)


class Patience:
    """Counts refused sign-ins, by address and account, and by address alone."""

    def __init__(self) -> None:
        self._refused: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def wait(self, address: str, account: str) -> float:
        """Seconds before this address may try this account again; 0: now."""
        now, longest = time.monotonic(), 0.0
        for key, limit in (((address, account), TRIES), ((address,), TRIES_OF_ADDRESS)):
            times = self._refused.get(key, deque())
            while times and now - times[0] > WINDOW:
                times.popleft()
            if len(times) >= limit:
                longest = max(longest, WINDOW - (now - times[-limit]))
        return longest

    def refused(self, address: str, account: str) -> None:
        """Remember a refused sign-in."""
        for key in ((address, account), (address,)):
            self._refused.setdefault(key, deque(maxlen=TRIES_OF_ADDRESS)).append(time.monotonic())
            self._refused.move_to_end(key)
        while len(self._refused) > SESSIONS:
            self._refused.popitem(last=False)

    def forgive(self, address: str, account: str) -> None:
        """Forget the refusals of an account that was opened."""
        self._refused.pop((address, account), None)
