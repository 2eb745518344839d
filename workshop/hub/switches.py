"""Teaching switches of the hub, all off by default: a pull limit, a slow network, broken uploads.

They are kept in `hub/switches.json`, which the hub looks at again at each request.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from checks.typography import octets, plural
from workshop.lab import write_atomically

WINDOW = 21_600
"""Seconds over which Docker Hub counts pulls: six hours."""
SOURCES = 10_000
"""Accounts and addresses that are counted at most; who has not come for longest is forgotten."""


@dataclass(frozen=True)
class Switches:
    """`pull_limit`: pulls per six hours without a login (twice that with one). `slow`: bytes per
    second of each request. `interrupt`: uploads break off after that many bytes. None: off."""

    pull_limit: int | None = None
    slow: int | None = None
    interrupt: int | None = None

    def told(self) -> str:
        """What is on (French)."""
        on = []
        if self.pull_limit is not None:
            on.append(f"{plural(self.pull_limit, 'téléchargement')} en six heures sans connexion")
        if self.slow is not None:
            on.append(f"{octets(self.slow)} par seconde et par requête")
        if self.interrupt is not None:
            on.append(f"envois coupés après {octets(self.interrupt)}")
        return " ; ".join(on) or "aucun réglage"


def path(state: Path) -> Path:
    """Where the switches of the hub of `state` are kept."""
    return state / "hub" / "switches.json"


def load(state: Path) -> Switches:
    """The switches now; all off when there are none."""
    try:
        return Switches(**json.loads(path(state).read_text()))
    except (OSError, ValueError, TypeError):
        return Switches()


def save(state: Path, switches: Switches) -> None:
    """Turn switches; a running hub obeys at once."""
    write_atomically(path(state), json.dumps(asdict(switches)).encode())


class Watched:
    """The switches of `state`, read again when their file changes."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._seen: tuple[int, int] | None = None
        self._switches = Switches()

    def now(self) -> Switches:
        """The switches, as they are."""
        try:
            stat = path(self._state).stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            seen = None
        if seen != self._seen:
            self._seen, self._switches = seen, load(self._state)
        return self._switches


class PullCounter:
    """Counts the pulls of each account, or of each address without a login, over a sliding window.

    Headers and body are those of Docker Hub (docs.docker.com/docker-hub/usage/pulls).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._pulls: OrderedDict[str, deque[float]] = OrderedDict()
        self._clock = clock

    def headers(
        self, limit: int, account: str | None, source: str, *, count: bool
    ) -> tuple[bool, dict[str, str]]:
        """Whether one more pull is allowed, counted if `count`, and the headers that tell it."""
        allowance = limit * 2 if account else limit
        who = f"account {account}" if account else source
        pulls = self._pulls.setdefault(who, deque())
        self._pulls.move_to_end(who)
        if len(self._pulls) > SOURCES:
            self._pulls.popitem(last=False)
        now = self._clock()
        while pulls and pulls[0] <= now - WINDOW:
            pulls.popleft()
        allowed = len(pulls) < allowance
        if allowed and count:
            pulls.append(now)
        left = max(0, allowance - len(pulls))
        return allowed, {
            "ratelimit-limit": f"{allowance};w={WINDOW}",
            "ratelimit-remaining": f"{left};w={WINDOW}",
            "docker-ratelimit-source": account or source,
        }


def refusal(account: str | None) -> bytes:
    """The body of the 429 that Docker Hub answers."""
    message = (
        f"You have reached your pull rate limit as '{account}'. You may increase the limit by "
        "upgrading. https://www.docker.com/increase-rate-limit"
        if account
        else "You have reached your unauthenticated pull rate limit. "
        "https://www.docker.com/increase-rate-limit"
    )
    return json.dumps({"errors": [{"code": "TOOMANYREQUESTS", "message": message}]}).encode()
