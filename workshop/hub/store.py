"""The hub's accounts: who is who, who may do what (`Store.may`), and what happened.

One SQLite file, `hub/hub.db`, opened by the hub and by the commands at the same time.
Passwords and access tokens are hashed with argon2; events can only be added.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from checks.outcome import EnvironmentProblem, reason
from checks.typography import printable
from workshop.hub.house import Caller as AnyCaller
from workshop.hub.proxy import NotKept, Seen
from workshop.hub.token import ACTIONS, valid_repository

Action = Literal["pull", "push", "delete"]
SCOPES: dict[str, tuple[str, ...]] = {
    "read": ("pull",),
    "read-write": ("pull", "push"),
    "read-write-delete": ACTIONS,
}
"""What an access token lets do, among what its account may do."""
LEVELS = {"read": ("pull",), "write": ("pull", "push"), "admin": ACTIONS}
"""What a team may do to a repository that is shared with it."""
LEVEL_NAMES = {"read": "lecture", "write": "écriture", "admin": "administration"}
RESERVED = frozenset({"library", "cours", "voisin", "moi", "atelier", "admin", "root", "docker"})
"""Names that no account may take: the workshop's own, and those that would mislead."""
OPEN = frozenset({"moi"})
"""Namespaces where anybody publishes without a login, as in a registry without authentication: what
the course begins with. Not when the hub is open to a network."""
PASSWORD_LENGTH = 9
"""Characters that a password needs, as on Docker Hub."""
COMMON_PASSWORDS = re.compile(
    r"[\W\d_]*(?:"
    "abc|abcd|abcdef|admin|administrateur|anniversaire|atelier|azerty|azertyuiop|"
    "azertyuiopqsdf|bonjour|changeme|chocolat|chouchou|coucou|docker|dockerhub|doudou|"
    "etudiant|football|iloveyou|jetaime|letmein|loulou|marseille|monmotdepasse|motdepasse|"
    "pass|passe|password|princesse|qsdfghjklm|qwerty|qwertyuiop|qwertz|root|secret|soleil|"
    "superman|test|toto|utilisateur|welcome|wxcvbn"
    r")[\W\d_]*"
)
"""Passwords that everybody tries, without the digits and signs that people put around them."""
TOKEN_PREFIX = "dckr_pat_"  # noqa: S105 - a prefix, not a secret
DESCRIPTION_LENGTH = 25_000
"""Characters that a description may have, as on Docker Hub."""
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_NAME_LENGTHS = range(2, 31)

_MIGRATIONS = (
    """
    CREATE TABLE accounts (
        name TEXT PRIMARY KEY, password TEXT NOT NULL, created REAL NOT NULL
    );
    CREATE TABLE tokens (
        id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        name TEXT NOT NULL, scope TEXT NOT NULL, secret TEXT NOT NULL, created REAL NOT NULL,
        expires REAL, last_used REAL, revoked REAL
    );
    CREATE TABLE organisations (name TEXT PRIMARY KEY, created REAL NOT NULL);
    CREATE TABLE owners (
        organisation TEXT NOT NULL REFERENCES organisations ON DELETE CASCADE,
        account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        PRIMARY KEY (organisation, account)
    );
    CREATE TABLE teams (
        organisation TEXT NOT NULL REFERENCES organisations ON DELETE CASCADE, name TEXT NOT NULL,
        PRIMARY KEY (organisation, name)
    );
    CREATE TABLE members (
        organisation TEXT NOT NULL, team TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        PRIMARY KEY (organisation, team, account),
        FOREIGN KEY (organisation, team) REFERENCES teams ON DELETE CASCADE
    );
    CREATE TABLE repositories (
        name TEXT PRIMARY KEY, private INTEGER NOT NULL, description TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE TABLE grants (
        organisation TEXT NOT NULL, team TEXT NOT NULL,
        repository TEXT NOT NULL REFERENCES repositories ON DELETE CASCADE, level TEXT NOT NULL,
        PRIMARY KEY (organisation, team, repository),
        FOREIGN KEY (organisation, team) REFERENCES teams ON DELETE CASCADE
    );
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, account TEXT,
        action TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    CREATE TRIGGER events_stay BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    CREATE TRIGGER events_last BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    """,
)


class Refused(Exception):
    """What was asked is not possible; the message says why (French)."""


@dataclass(frozen=True)
class Caller:
    """Somebody who signed in, with a password or with an access token of some scope."""

    account: str
    scope: str = "read-write-delete"
    token: str | None = None


class Store:
    """The hub's accounts and events, in the file `path`, made if need be.

    Threads may share it. Methods that change something raise `Refused` when it cannot be; `by` is
    the account that does it, None for the workshop. Opening raises `EnvironmentProblem` when the
    file is damaged, of a later version of the course, or on a disk that is full.
    """

    def __init__(self, path: Path, *, open_namespaces: frozenset[str] = OPEN) -> None:
        self._open = open_namespaces
        self._path = path
        self._lock = threading.RLock()
        # OWASP's smallest parameters: a classroom signs in at the same minute.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._verified: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._pepper = secrets.token_bytes(32)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=30, check_same_thread=False)
            self._settle(path)
        except (sqlite3.Error, OSError) as error:
            raise trouble(path, error) from error

    def _settle(self, path: Path) -> None:
        """Make the connection ready, and the tables as this version wants them."""
        self._base.row_factory = sqlite3.Row
        self._base.isolation_level = None
        path.chmod(0o600)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._base.execute(f"PRAGMA {pragma}")
        with self._transaction():
            version = self._one("PRAGMA user_version")["user_version"]
            if version > len(_MIGRATIONS):
                raise EnvironmentProblem(
                    f"{path} a été écrit par une version plus récente du cours : mettez ce cours "
                    "à jour (`git pull`), puis recommencez. Rien n'a été changé."
                )
            for number, migration in enumerate(_MIGRATIONS[version:], version + 1):
                for statement in _statements(migration):
                    self._base.execute(statement)
                self._base.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    # Accounts and tokens.

    def create_account(self, name: str, password: str, *, by: str | None = None) -> None:
        """Make an account; its namespace is its name."""
        check_name(name)
        _check_password(name, password)
        hashed = self._hasher.hash(password)
        with self._change():
            self.check_free(name)
            self._run("INSERT INTO accounts VALUES (?, ?, ?)", name, hashed, time.time())
            self.record("account-created", name, by=by)

    def change_password(self, name: str, password: str, *, by: str | None = None) -> None:
        """Give an account another password; its access tokens stay."""
        _check_password(name, password)
        hashed = self._hasher.hash(password)
        with self._change():
            self._known_account(name)
            self._run("UPDATE accounts SET password = ? WHERE name = ?", hashed, name)
            self.record("password-changed", name, by=by)

    def password_mark(self, account: str) -> str:
        """What changes with the account's password; "" when there is no such account."""
        row = self._maybe("SELECT password FROM accounts WHERE name = ?", account)
        return str(row["password"]) if row else ""

    def accounts(self) -> list[str]:
        """The names of all accounts."""
        return [row["name"] for row in self._all("SELECT name FROM accounts ORDER BY name")]

    def create_token(
        self, account: str, name: str, scope: str, *, days: float | None = None
    ) -> tuple[str, str]:
        """Make an access token that lives `days` days (for ever when None).

        Returns its id, and its secret, which nobody will ever be able to read again.
        """
        if scope not in SCOPES:
            raise Refused(f"Portée inconnue : {scope}. Choix : {', '.join(SCOPES)}.")
        if not name.strip() or len(name) > 100:
            raise Refused("Donnez au jeton un nom de 1 à 100 caractères.")
        id, now = secrets.token_hex(4), time.time()
        secret = f"{TOKEN_PREFIX}{id}{secrets.token_urlsafe(21)}"
        expires = None if days is None else now + days * 86_400
        hashed = self._hasher.hash(secret)
        with self._change():
            self._known_account(account)
            self._run(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                id, account, name.strip(), scope, hashed, now, expires,
            )  # fmt: skip
            self.record("token-created", account, detail={"token": id, "name": name.strip()})
        return id, secret

    def revoke_token(self, account: str, id: str) -> None:
        """Make an access token worthless from now on."""
        with self._change():
            now = time.time()
            sql = "UPDATE tokens SET revoked = ? WHERE id = ? AND account = ? AND revoked IS NULL"
            if self._run(sql, now, id, account) == 0:
                raise Refused(f"« {account} » n'a pas de jeton actif « {id} ».")
            self.record("token-revoked", account, detail={"token": id})

    def tokens(self, account: str | None = None) -> list[dict[str, Any]]:
        """The access tokens of an account (of all when None), without their secrets."""
        rows = self._all(
            "SELECT * FROM tokens WHERE ? IS NULL OR account = ? ORDER BY created", account, account
        )
        keys = ("id", "account", "name", "scope", "created", "expires", "last_used")
        return [{key: row[key] for key in keys} | {"revoked": bool(row["revoked"])} for row in rows]

    def sign_in(self, account: str, secret: str) -> Caller | None:
        """The caller, by password or access token; None when either is wrong."""
        if secret.startswith(TOKEN_PREFIX):
            id = secret.removeprefix(TOKEN_PREFIX)[:8]
            row = self._maybe("SELECT * FROM tokens WHERE id = ? AND account = ?", id, account)
            now = time.time()
            alive = row and row["revoked"] is None and (row["expires"] or now + 1) > now
            if not self._verify(row["secret"] if row else None, secret) or not row or not alive:
                return None
            if now - (row["last_used"] or 0) > 1:
                with _if_possible(), self._transaction():
                    self._run("UPDATE tokens SET last_used = ? WHERE id = ?", now, id)
            return Caller(account, row["scope"], id)
        row = self._maybe("SELECT password FROM accounts WHERE name = ?", account)
        if not self._verify(row["password"] if row else None, secret):
            return None
        return Caller(account)

    def expired(self, account: str, secret: str) -> bool:
        """Whether this is an access token of the account's, whose time is over."""
        id = secret.removeprefix(TOKEN_PREFIX)[:8] if secret.startswith(TOKEN_PREFIX) else ""
        row = self._maybe("SELECT * FROM tokens WHERE id = ? AND account = ?", id, account)
        over = row and row["revoked"] is None and (row["expires"] or time.time() + 1) <= time.time()
        return bool(row and over and self._verify(row["secret"], secret))

    def on_behalf(self, account: str) -> Caller | None:
        """The caller that a sign-in with the password would give."""
        row = self._maybe("SELECT name FROM accounts WHERE name = ?", account)
        return Caller(account) if row else None

    def token_alive(self, id: str) -> bool:
        """Whether an access token is neither revoked nor expired."""
        row = self._maybe("SELECT expires, revoked FROM tokens WHERE id = ?", id)
        now = time.time()
        return bool(row and row["revoked"] is None and (row["expires"] or now + 1) > now)

    # Organisations and teams.

    def create_organisation(self, name: str, owner: str) -> None:
        """Make an organisation, a namespace that belongs to its owners."""
        check_name(name)
        with self._change():
            self.check_free(name)
            self._known_account(owner)
            self._run("INSERT INTO organisations VALUES (?, ?)", name, time.time())
            self._run("INSERT INTO owners VALUES (?, ?)", name, owner)
            self.record("organisation-created", owner, detail={"organisation": name})

    def set_owner(
        self, organisation: str, account: str, *, owner: bool, by: str | None = None
    ) -> None:
        """Make an account an owner of the organisation, or no longer; the last one stays."""
        with self._change():
            self._known_organisation(organisation)
            self._known_account(account)
            if owner:
                self._run("INSERT OR IGNORE INTO owners VALUES (?, ?)", organisation, account)
            elif self.owners(organisation) == [account]:
                raise Refused(f"« {account} » est le dernier propriétaire de « {organisation} ».")
            else:
                self._run(
                    "DELETE FROM owners WHERE organisation = ? AND account = ?",
                    organisation, account,
                )  # fmt: skip
            detail = {"organisation": organisation, "owner": owner, "whom": account}
            self.record("owner-changed", by, detail=detail)

    def owners(self, organisation: str) -> list[str]:
        """The accounts that own the organisation."""
        sql = "SELECT account FROM owners WHERE organisation = ? ORDER BY account"
        return [row["account"] for row in self._all(sql, organisation)]

    def create_team(self, organisation: str, team: str, *, by: str | None = None) -> None:
        """Make a team in an organisation."""
        check_name(team)
        with self._change():
            self._known_organisation(organisation)
            sql = "INSERT OR IGNORE INTO teams VALUES (?, ?)"
            if self._run(sql, organisation, team) == 0:
                raise Refused(f"L'équipe « {team} » existe déjà dans « {organisation} ».")
            self.record("team-created", by, detail={"organisation": organisation, "team": team})

    def set_member(
        self, organisation: str, team: str, account: str, *, member: bool, by: str | None = None
    ) -> None:
        """Put an account into a team, or take it out."""
        with self._change():
            self._known_team(organisation, team)
            self._known_account(account)
            if member:
                sql = "INSERT OR IGNORE INTO members VALUES (?, ?, ?)"
            else:
                sql = "DELETE FROM members WHERE organisation = ? AND team = ? AND account = ?"
            self._run(sql, organisation, team, account)
            detail = {"organisation": organisation, "team": team, "member": member}
            self.record("member-changed", by, detail=detail | {"whom": account})

    def grant(
        self, organisation: str, team: str, repository: str, level: str | None,
        *, by: str | None = None,
    ) -> None:  # fmt: skip
        """Share a repository of the organisation with a team (`read`, `write`, `admin`; None: no
        longer)."""
        if level is not None and level not in LEVELS:
            raise Refused(f"Droit inconnu : {level}. Choix : {', '.join(LEVELS)}.")
        with self._change():
            self._known_team(organisation, team)
            if repository.partition("/")[0] != organisation:
                raise Refused(f"`{repository}` n'appartient pas à « {organisation} ».")
            self._known_repository(repository)
            self._run(
                "DELETE FROM grants WHERE organisation = ? AND team = ? AND repository = ?",
                organisation, team, repository,
            )  # fmt: skip
            if level:
                self._run(
                    "INSERT INTO grants VALUES (?, ?, ?, ?)", organisation, team, repository, level
                )
            self.record("grant-changed", by, repository, detail={"team": team, "level": level})

    # Repositories.

    def create_repository(
        self, name: str, *, private: bool = False, description: str = "", by: str | None = None
    ) -> None:
        """Make a repository, empty; a first push does so too, and makes it public."""
        if not valid_repository(name) or name.count("/") != 1:
            raise Refused(f"`{name}` n'est pas un nom de dépôt : il s'écrit `espace/nom`.")
        with self._change():
            namespace = name.partition("/")[0]
            if not self._is_taken(namespace):
                raise Refused(f"L'espace « {namespace} » n'existe pas.")
            _check_closed(namespace, private)
            if self._maybe("SELECT name FROM repositories WHERE name = ?", name):
                raise Refused(f"Le dépôt `{name}` existe déjà.")
            self._run(
                "INSERT INTO repositories VALUES (?, ?, ?, ?)",
                name, private, description, time.time(),
            )  # fmt: skip
            self.record("repository-created", by, name, detail={"private": private})

    def adopt(self, names: Sequence[str]) -> None:
        """Know again the workshop's own repositories among those that the registry stores: its
        storage may be older than this file. Others stay unknown, hence private."""
        with _if_possible(), self._transaction():
            for name in names:
                if name.partition("/")[0] in RESERVED:
                    self._publish(name)

    def _publish(self, name: str) -> None:
        self._run(
            "INSERT OR IGNORE INTO repositories VALUES (?, 0, ?, ?)",
            name, DESCRIPTIONS.get(name, ""), time.time(),
        )  # fmt: skip

    def set_private(self, repository: str, private: bool, *, by: str | None = None) -> None:
        """Make a repository private, or public."""
        with self._change():
            self._known_repository(repository)
            _check_closed(repository.partition("/")[0], private)
            self._run("UPDATE repositories SET private = ? WHERE name = ?", private, repository)
            self.record("visibility-changed", by, repository, detail={"private": private})

    def describe(self, repository: str, description: str, *, by: str | None = None) -> None:
        """Write what a repository is for; the first line is what a search shows."""
        if len(description) > DESCRIPTION_LENGTH:
            raise Refused(f"Une description compte au plus {DESCRIPTION_LENGTH} caractères.")
        with self._change():
            self._known_repository(repository)
            self._run(
                "UPDATE repositories SET description = ? WHERE name = ?", description, repository
            )
            self.record("description-changed", by, repository)

    def delete_repository(self, repository: str, *, by: str | None = None) -> None:
        """Forget a repository; what the registry stores is deleted apart."""
        with self._change():
            self._known_repository(repository)
            self._run("DELETE FROM repositories WHERE name = ?", repository)
            self.record("repository-deleted", by, repository)

    def repositories(self, caller: AnyCaller | None) -> list[dict[str, Any]]:
        """Repositories that the caller may see: `name`, `private`, `official`, `description`."""
        rows = self._all("SELECT * FROM repositories ORDER BY name")
        return [
            {
                "name": row["name"],
                "private": bool(row["private"]),
                "official": row["name"].startswith("library/"),
                "description": row["description"],
            }
            for row in rows
            if self.may(caller, "pull", row["name"])
        ]

    def may(self, caller: AnyCaller | None, action: str, repository: str) -> bool:
        """Whether the caller (None: nobody) may do `action` to `repository`.

        The one place where this is decided. What is private to others does not exist.
        """
        namespace = repository.partition("/")[0]
        if action == "push" and repository.count("/") != 1:  # as on Docker Hub
            return False
        row = self._maybe("SELECT private FROM repositories WHERE name = ?", repository)
        if row is not None and not row["private"] and action == "pull":
            return True
        if namespace in self._open and action != "delete":
            return True
        if not isinstance(caller, Caller) or action not in SCOPES[caller.scope]:
            return False
        if namespace == caller.account:
            return True
        if self._maybe(
            "SELECT 1 FROM owners WHERE organisation = ? AND account = ?", namespace, caller.account
        ):
            return True
        levels = self._all(
            "SELECT level FROM grants JOIN members USING (organisation, team)"
            " WHERE repository = ? AND account = ?",
            repository, caller.account,
        )  # fmt: skip
        return any(action in LEVELS[row["level"]] for row in levels)

    def administers(self, caller: AnyCaller | None, repository: str) -> bool:
        """Whether the caller may change the repository's visibility, description and shares."""
        return isinstance(caller, Caller) and self.may(caller, "delete", repository)

    # What the wire asks (see `workshop.hub.house`).

    def granted(
        self, caller: AnyCaller | None, repository: str, actions: Sequence[str]
    ) -> list[str]:
        """Which of `actions` the caller may do."""
        return [action for action in actions if self.may(caller, action, repository)]

    def search(self, caller: AnyCaller | None, words: str, limit: int) -> list[dict[str, Any]]:
        """Repositories whose name or description holds every word, best first (`/v1/search`)."""
        wanted = words.lower().split()

        def rank(repository: dict[str, Any]) -> tuple[bool, bool, bool, str]:
            short = repository["name"].rpartition("/")[2]
            return (
                not repository["official"],
                short not in wanted,
                not any(word in repository["name"] for word in wanted),
                repository["name"],
            )

        found = [
            repository
            for repository in self.repositories(caller)
            if all(
                word in repository["name"] or word in repository["description"].lower()
                for word in wanted
            )
        ]
        return [
            {
                "name": repository["name"].removeprefix("library/"),
                "description": summary(repository["description"]),
                "is_official": repository["official"],
                "is_automated": False,
                "star_count": 0,
            }
            for repository in sorted(found, key=rank)[:limit]
        ]

    def happened(self, seen: Seen) -> None:
        """Write an event of the registry; a push makes the repository if need be.

        Raises `NotKept` when a push cannot be; the others are written if possible.
        """
        pushed = seen.action in ("push", "seeded")
        try:
            with nullcontext() if pushed else _if_possible(), self._transaction():
                if pushed:
                    self._publish(seen.repository)
                if seen.action != "seeded":
                    self.record(
                        seen.action, seen.account, seen.repository, seen.tag, seen.digest,
                        {"tried": seen.tried} if seen.tried else None,
                    )  # fmt: skip
        except sqlite3.OperationalError as error:
            raise NotKept from error

    def signed_in(
        self, account: str, *, accepted: bool, on_page: bool = False, secret: str = ""
    ) -> None:
        """Write that somebody tried to log in, with a client or on the web page; when `secret` is
        a revoked token of that account, its id. A name that no account may have is whatever a
        stranger typed: it stays out of the log."""
        action = "page-login" if on_page else "login"
        if not _possible(account):
            return
        revoked = None if accepted else self._revoked(account, secret)
        with _if_possible():
            detail = {"token": revoked} if revoked else None
            self.record(action if accepted else f"{action}-refused", account, detail=detail)

    def _revoked(self, account: str, secret: str) -> str | None:
        """The id of the revoked token that `secret` is, if it is one of `account`."""
        id = secret.removeprefix(TOKEN_PREFIX)[:8] if secret.startswith(TOKEN_PREFIX) else ""
        sql = "SELECT secret FROM tokens WHERE id = ? AND account = ? AND revoked IS NOT NULL"
        row = self._maybe(sql, id, account) if id else None
        return id if row and self._verify(row["secret"], secret) else None

    def events(self, caller: AnyCaller | None, actions: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The log, oldest first; what concerns the caller, all of it when None. Only some
        `actions`, if any are named."""
        chosen = f"WHERE action IN ({', '.join('?' * len(actions))})" if actions else ""
        rows = self._all(f"SELECT * FROM events {chosen} ORDER BY id", *actions)  # noqa: S608
        told = [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]
        if caller is None:
            return told
        return [
            event
            for event in told
            if event["account"] == caller.account
            or (event["repository"] and self.administers(caller, event["repository"]))
        ]

    def state(self, caller: AnyCaller | None) -> dict[str, Any]:
        """What the hub holds, as `HubState`; what the caller may see of it, all of it when None."""
        teams: dict[str, dict[str, dict[str, Any]]] = {}
        for row in self._all("SELECT * FROM teams ORDER BY organisation, name"):
            team: dict[str, Any] = {"members": [], "grants": {}}
            teams.setdefault(row["organisation"], {})[row["name"]] = team
        for row in self._all("SELECT * FROM members ORDER BY account"):
            teams[row["organisation"]][row["team"]]["members"].append(row["account"])
        for row in self._all("SELECT * FROM grants"):
            teams[row["organisation"]][row["team"]]["grants"][row["repository"]] = row["level"]
        organisations: dict[str, dict[str, Any]] = {
            row["name"]: {"owners": self.owners(row["name"]), "teams": teams.get(row["name"], {})}
            for row in self._all("SELECT name FROM organisations ORDER BY name")
        }
        accounts = self.accounts()
        if caller is not None:
            accounts = [caller.account]
            organisations = {
                name: told
                for name, told in organisations.items()
                if caller.account in told["owners"]
                or any(caller.account in team["members"] for team in told["teams"].values())
            }
            repositories = self.repositories(caller)
            seen = {row["name"] for row in repositories}
            for told in organisations.values():
                for team in told["teams"].values():  # what is private to others does not exist
                    team["grants"] = {k: v for k, v in team["grants"].items() if k in seen}
        else:
            repositories = [
                {
                    "name": row["name"],
                    "private": bool(row["private"]),
                    "official": row["name"].startswith("library/"),
                    "description": row["description"],
                }
                for row in self._all("SELECT * FROM repositories ORDER BY name")
            ]
        return {
            "accounts": accounts,
            "organisations": organisations,
            "repositories": {each.pop("name"): each for each in repositories},
            "tokens": self.tokens(caller.account if caller else None),
        }

    def record(
        self,
        action: str,
        account: str | None = None,
        repository: str = "",
        tag: str = "",
        digest: str = "",
        detail: dict[str, Any] | None = None,
        *,
        by: str | None = None,
    ) -> None:
        """Add an event. `by`, when somebody else than `account` did it, goes into the detail."""
        told = (detail or {}) | ({"by": by} if by and by != account else {})
        with self._lock:
            self._run(
                "INSERT INTO events (at, account, action, repository, tag, digest, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                time.time(), account, action, repository, tag, digest, json.dumps(told),
            )  # fmt: skip

    # SQLite.

    def _verify(self, hashed: str | None, secret: str) -> bool:
        """Whether `secret` has that argon2 hash; as slow when there is none."""
        seen = hmac.digest(self._pepper, secret.encode(), hashlib.sha256)
        with self._lock:
            if hashed and (hashed, seen) in self._verified:
                return True
        try:
            self._hasher.verify(hashed or self._nobody, secret)
        except (VerificationError, InvalidHashError):
            return False
        if hashed is None:
            return False
        with self._lock:
            self._verified[hashed, seen] = None
            while len(self._verified) > 1000:
                self._verified.popitem(last=False)
        return True

    @property
    def _nobody(self) -> str:
        """A hash that takes as long to refuse as a real one: unknown accounts look like others."""
        if not hasattr(self, "_decoy"):
            self._decoy = self._hasher.hash(secrets.token_urlsafe())
        return self._decoy

    @contextmanager
    def _change(self) -> Iterator[None]:
        """A transaction that somebody asked for. Raises `EnvironmentProblem` when it
        cannot be written: a full disk, a file kept busy."""
        try:
            with self._transaction():
                yield
        except sqlite3.OperationalError as error:
            raise trouble(self._path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. May be nested."""
        with self._lock:
            if self._base.in_transaction:
                yield
                return
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:  # SQLite may have rolled back, on a full disk
                    self._base.execute("ROLLBACK")
                raise

    def _run(self, sql: str, *values: Any) -> int:
        with self._lock:
            return self._base.execute(sql, values).rowcount

    def _all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._base.execute(sql, values).fetchall()

    def _maybe(self, sql: str, *values: Any) -> sqlite3.Row | None:
        rows = self._all(sql, *values)
        return rows[0] if rows else None

    def _one(self, sql: str, *values: Any) -> sqlite3.Row:
        return self._all(sql, *values)[0]

    def _is_taken(self, name: str) -> bool:
        return name in RESERVED or bool(
            self._maybe(
                "SELECT name FROM accounts WHERE name = ?1"
                " UNION SELECT name FROM organisations WHERE name = ?1",
                name,
            )
        )

    def check_free(self, name: str) -> None:
        """Raise `Refused` when an account, an organisation or the workshop has that name."""
        if self._is_taken(name):
            raise Refused(f"Le nom « {name} » est déjà pris.")

    def _known_account(self, name: str) -> None:
        if not self._maybe("SELECT name FROM accounts WHERE name = ?", name):
            raise Refused(f"Le compte « {name} » n'existe pas.")

    def _known_organisation(self, name: str) -> None:
        if not self._maybe("SELECT name FROM organisations WHERE name = ?", name):
            raise Refused(f"L'organisation « {name} » n'existe pas.")

    def _known_team(self, organisation: str, team: str) -> None:
        self._known_organisation(organisation)
        sql = "SELECT name FROM teams WHERE organisation = ? AND name = ?"
        if not self._maybe(sql, organisation, team):
            raise Refused(f"L'équipe « {team} » n'existe pas dans « {organisation} ».")

    def _known_repository(self, name: str) -> None:
        if not self._maybe("SELECT name FROM repositories WHERE name = ?", name):
            raise Refused(f"Le dépôt `{name}` n'existe pas.")


DESCRIPTIONS = {
    "library/busybox": "Les outils d'Unix dans un seul programme : une très petite image de base.",
    "library/alpine": "Une distribution Linux minimale, pour de petites images.",
    "library/debian": "La distribution Debian, image de base de nombreuses autres.",
    "library/ubuntu": "La distribution Ubuntu, image de base de nombreuses autres.",
    "library/nginx": "Serveur web et mandataire inverse.",
    "library/python": "Le langage Python et ses outils.",
    "library/golang": "Le langage Go et ses outils.",
    "library/registry": "Un registre d'images, par le projet distribution.",
}
"""What the workshop's own repositories are for."""


@contextmanager
def _if_possible() -> Iterator[None]:
    """Go on when SQLite cannot write: a full disk must not keep anybody from pulling."""
    try:
        yield
    except sqlite3.OperationalError as error:
        with suppress(OSError):  # its own log may be on that disk
            print(f"Le journal du hub n'est pas écrit : {error}", file=sys.stderr)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, triggers whole (`sqlite3.complete_statement`)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def check_name(name: str) -> None:
    """Raise `Refused` when no account, organisation nor team may be called so."""
    if not _possible(name):
        raise Refused(
            f"« {name} » n'est pas un nom possible : de 2 à 30 lettres minuscules sans accent ou "
            "chiffres, avec entre eux un point, un tiret ou un tiret bas."
        )


def _possible(name: str) -> bool:
    return len(name) in _NAME_LENGTHS and _NAME.fullmatch(name) is not None


def _check_closed(namespace: str, private: bool) -> None:
    """Raise `Refused` when something is to be private where everybody comes."""
    if private and namespace in OPEN:
        raise Refused(
            f"L'espace « {namespace} » est ouvert à tous : aucun dépôt n'y est privé. Employez "
            "l'espace d'un compte ou d'une organisation."
        )


def summary(description: str) -> str:
    """The first line of a description, without its Markdown nor what no terminal should print."""
    line = next((line for line in map(str.strip, description.splitlines()) if line), "")
    line = re.sub(r"^(?:#{1,6}\s+|>\s*|[-*+]\s+|\d+[.)]\s+)+", "", line)
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"(\*\*|__|~~|`+)(.+?)\1", r"\2", line)
    line = re.sub(r"(?<!\w)([*_])(\S(?:.*?\S)?)\1(?!\w)", r"\2", line)
    return printable(line)


def _check_password(name: str, password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise Refused(f"Un mot de passe compte au moins {PASSWORD_LENGTH} caractères.")
    if name in password.lower() or len(set(password)) < 4:
        raise Refused("Ce mot de passe se devine : il contient le nom du compte, ou se répète.")
    # A run such as 123456789 makes the same step again and again.
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    if len(steps) < 3 or COMMON_PASSWORDS.fullmatch(password.lower()):
        raise Refused("Ce mot de passe se devine : c'est une suite, ou l'un des plus employés.")
    if password.startswith(TOKEN_PREFIX):
        raise Refused(f"Un mot de passe ne commence pas par `{TOKEN_PREFIX}`.")


def trouble(path: Path, error: sqlite3.Error | OSError) -> EnvironmentProblem:
    """What it means that SQLite, or the system, refused the file `path` (French)."""
    told = str(error)
    if isinstance(error, OSError):
        why = f"{reason(error)}. Libérez de la place ou rendez ce dossier inscriptible"
    elif "full" in told or "disk I/O" in told:
        why = "le disque est plein. Libérez de la place, puis recommencez"
    elif "readonly" in told or "unable to open" in told:
        why = "accès refusé. Rendez ce fichier et son dossier inscriptibles"
    elif "locked" in told:
        why = "un autre programme le garde occupé. Recommencez dans un instant"
    elif "not a database" in told or "malformed" in told:
        why = (
            "ce fichier est abîmé. Fermez l'atelier (`./atelier fermer`), mettez ce fichier de "
            "côté, puis restaurez une sauvegarde avec `./atelier hub restaurer`, ou relancez "
            "`./atelier preparer` : les comptes seront à refaire"
        )
    else:
        why = told
    return EnvironmentProblem(f"Le hub ne peut pas employer {path} : {why}.")


def open_store(state: Path) -> Store:
    """The store of the hub of `state`. Raises `EnvironmentProblem`."""
    from workshop.hub.network import opening

    namespaces = frozenset() if opening(state) else OPEN
    return Store(state / "hub" / "hub.db", open_namespaces=namespaces)
