"""Who is at the page: sessions in memory, forms that only our pages send, guesses counted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web

COOKIE = "hub_session"
LIFETIME = 8 * 3600.0
"""Seconds that a session lasts without being used: a day of class."""
SESSIONS = 20
"""Sessions that one account may have; the oldest are forgotten first."""
REMEMBERED = 10_000
"""Addresses, and accounts tried there, whose refusals are counted."""
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
TRIES, WINDOW = 5, 300.0
"""Refused sign-ins that one address may have for one account in that many seconds."""
TRIES_OF_ADDRESS = 30
"""The same for one address, whatever the accounts: a classroom may share one."""


@dataclass
class Session:
    """A visit. `account` is None until somebody signs in, with the password whose mark is `mark`
    (`Store.password_mark`); `notice` and `secret` are shown once."""

    id: str
    form: str
    account: str | None = None
    mark: str = ""
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
    """The visits of a running hub: a restart ends them all.

    Only those who signed in are remembered. What the forms of the others carry is computed from
    their cookie: however many come, nobody is forgotten for them.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def find(self, id: str | None) -> Session | None:
        """The session of that cookie, nobody's when it is over; None for no cookie of ours."""
        if id is None or not _ID.fullmatch(id):
            return None
        session = self._known.get(id)
        if session is None or time.monotonic() - session.seen > LIFETIME:
            self._known.pop(id, None)
            return Session(id, self._form(id))
        session.seen = time.monotonic()
        self._known.move_to_end(id)
        return session

    def start(self, account: str | None = None, mark: str = "") -> Session:
        """A new session, under an id that nobody has seen."""
        id = secrets.token_urlsafe(32)
        session = Session(id, self._form(id), account, mark)
        if account is not None:
            self._known[id] = session
            mine = [each for each in self._known.values() if each.account == account]
            for old in mine[:-SESSIONS]:
                self.end(old)
        return session

    def _form(self, id: str) -> str:
        return hmac.digest(self._key, id.encode(), hashlib.sha256).hex()

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._known.pop(session.id, None)


class Patience:
    """Counts refused sign-ins, by address and account, and by address alone."""

    def __init__(self) -> None:
        self._refused: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, address: str) -> asyncio.Lock:
        """To be held from `wait` to `refused`: what one address tries at once is counted too."""
        return self._turns.setdefault(address, asyncio.Lock())

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
        while len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)

    def forgive(self, address: str, account: str) -> None:
        """Forget the refusals of an account that was opened."""
        self._refused.pop((address, account), None)


async def read_form(request: web.Request) -> Any:
    """The fields of a form that was sent. Raises `HTTPBadRequest` when they cannot be read."""
    try:
        return await request.post()
    except (ValueError, LookupError, AssertionError) as error:  # not text, charset unknown…
        raise web.HTTPBadRequest from error
