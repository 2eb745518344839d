"""The hub: one address for search, tokens, the web page, and the real registry behind it.

Started by `workshop.hub.registry` as `python -m workshop.hub.server STATE --port N --registry N`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import hmac
import json
import os
import secrets
import shutil
import signal
import ssl
import sys
import time
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from checks.evidence.registry import AS_HEADER, KEY_HEADER
from checks.outcome import EnvironmentProblem
from checks.typography import french
from workshop.hub import network, switches
from workshop.hub.house import Caller, House
from workshop.hub.proxy import REALM, Proxy, Recent, Seen, source
from workshop.hub.store import open_store
from workshop.hub.token import ACTIONS, LIFETIME, Access, Signer, parse_scopes
from workshop.hub.web import mount
from workshop.hub.web.session import Patience, read_form
from workshop.hub.web.shown import Shelf
from workshop.lab import write_atomically

SEARCH_LIMIT, SEARCH_DEFAULT = 100, 25
"""Results that Docker Hub gives at most, and when none is asked for."""
SCOPES_LIMIT = 50
"""Scopes that one token may be asked for: clients need one, and one more for each mount."""


def key(folder: Path) -> str:
    """The secret that opens the hub to the workshop, made at first use."""
    path = folder / "key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, secrets.token_urlsafe(32).encode(), mode=0o600)
    return path.read_text().strip()


def application(state: Path, registry: str, house: House, mark: str = "") -> web.Application:
    """The hub as a web application in front of the registry at the URL `registry`."""
    folder = state / "hub"
    doors = _Doors(house, Signer(folder), key(folder))
    watched = switches.Watched(state)
    proxy = Proxy(
        registry,
        switches=watched.now,
        told=house.happened,
        alive=house.token_alive,
        sign=doors.own_token,
        claims=doors.claims,
        guest=doors.guest_token,
        is_workshop=doors.is_workshop,
        forget=lambda repository, id: _forget(_repositories(state) / repository / "_uploads" / id),
    )

    @web.middleware
    async def to_registry(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.raw_path.startswith("/v2/") or request.raw_path.partition("?")[0] == "/v2":
            return await proxy.handle(request)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def marked(request: web.Request, answer: web.StreamResponse) -> None:
        answer.headers["X-Atelier"] = mark

    async def registry_client(app: web.Application) -> Any:
        await proxy.open()
        yield
        await proxy.close()

    app = web.Application(middlewares=[to_registry], client_max_size=1 << 20)
    app.cleanup_ctx.append(registry_client)
    if mark:
        app.on_response_prepare.append(marked)
    app.router.add_get(REALM, doors.token)
    app.router.add_post(REALM, doors.token)
    app.router.add_get("/v1/_ping", doors.ping)
    app.router.add_get("/v1/search", doors.search)
    app.router.add_get("/atelier/events", doors.events)
    app.router.add_get("/atelier/state", doors.state)
    app.router.add_get(network.CERTIFICATE_PATH, _authority(folder))
    return app


def _authority(folder: Path) -> Any:
    """The handler that gives the certificate of the hub's own authority."""

    async def give(request: web.Request) -> web.Response:
        path = folder / "authority.crt"
        if not path.exists():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type="application/x-x509-ca-cert")

    return give


class _Doors:
    """The handlers of everything that clients and the workshop ask, but for `/v2/`."""

    def __init__(self, house: House, signer: Signer, own_key: str) -> None:
        self._house = house
        self._signer = signer
        self._key = own_key
        self._own: dict[str, tuple[float, str]] = {}
        self._patience = Patience()
        self._denied = Recent(1)

    def claims(self, authorization: str) -> dict[str, Any]:
        """What the bearer of one of our own tokens claims; `{}` for any other."""
        return self._signer.claims(authorization)

    def is_workshop(self, request: web.Request) -> bool:
        """Whether the request comes from the workshop itself, by its key."""
        return hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), self._key.encode())

    def own_token(self, repository: str) -> str:
        """A token that lets the workshop do anything to `repository`, without an event."""
        made, token = self._own.get(repository, (float("-inf"), ""))
        now = time.time()  # the registry's own clock, which sleeps and jumps with the machine's
        if not 0 <= now - made < LIFETIME / 2:
            access = [Access("registry", "catalog", ("*",))]
            if repository:
                access.append(Access("repository", repository, ACTIONS))
            token = str(self._signer.issue(None, access, quiet=True)["token"])
            self._own[repository] = (now, token)
        return token

    def guest_token(self, repository: str) -> str | None:
        """The token that anybody gets for a public repository."""
        if not self._house.granted(None, repository, ["pull"]):
            return None
        access = [Access("repository", repository, ("pull",))]
        return str(self._signer.issue(None, access)["token"])

    async def ping(self, request: web.Request) -> web.Response:
        """`/v1/_ping`, which engines ask before a search."""
        headers = {"X-Docker-Registry-Standalone": "false"}
        return web.json_response(True, headers=headers)

    async def token(self, request: web.Request) -> web.Response:
        """The token service: GET with Basic, or POST as in OAuth 2 (auth/oauth.md)."""
        asked, posted = request.query, request.method == "POST"
        workshop = self.is_workshop(request)
        if posted:
            try:
                form = await read_form(request)
            except web.HTTPBadRequest:
                return _details(400, "invalid form")
            asked_scopes = [str(value) for value in form.getall("scope", [])]
            if form.get("grant_type") != "password":
                return _details(400, "unsupported grant type")
            login = (str(form.get("username", "")), str(form.get("password", "")))
        else:
            asked_scopes = asked.getall("scope", [])
            login = _basic(request) or ("", "")
        asked_scopes = " ".join(asked_scopes).split()
        if len(asked_scopes) > SCOPES_LIMIT:
            return _details(400, "too many scopes")
        caller = None
        if any(login):
            caller = await self._sign_in(request, *login)
            if not workshop and (caller is None or not asked_scopes):
                self._house.signed_in(login[0], accepted=caller is not None, secret=login[1])
            if caller is None:
                over = await asyncio.to_thread(self._house.expired, *login)
                words = "personal access token is expired" if over else _WRONG
                return _details(401, words)
        elif workshop and (name := request.headers.get(AS_HEADER)):
            caller = self._house.on_behalf(name)
        everything = workshop and AS_HEADER not in request.headers and caller is None
        access, refused = await asyncio.to_thread(
            self._grant, caller, asked_scopes, everything=everything
        )
        if caller and caller.token and await self._narrow(request, caller, refused, quiet=workshop):
            return _details(401, "access token has insufficient scopes")
        claims: dict[str, Any] = {"refused": refused} if refused else {}
        if workshop:
            claims["quiet"] = True
        if caller and caller.token:
            claims["pat"] = caller.token
        told = self._signer.issue(caller.account if caller else None, access, **claims)
        if posted:
            told["scope"] = " ".join(f"{a.kind}:{a.name}:{','.join(a.actions)}" for a in access)
        return web.json_response(told, headers={"Cache-Control": "no-store"})

    async def _sign_in(self, request: web.Request, account: str, secret: str) -> Caller | None:
        """The caller; None when name or secret is wrong. From the room, guesses are counted, and
        too many are answered as Docker Hub does."""
        if not request.secure:
            return await asyncio.to_thread(self._house.sign_in, account, secret)
        address = source(request)
        async with self._patience.turn(address):
            if self._patience.wait(address, account):
                words = "too many failed login attempts for username or IP address"
                raise web.HTTPTooManyRequests(
                    text=json.dumps({"details": words}), content_type="application/json"
                )
            caller = await asyncio.to_thread(self._house.sign_in, account, secret)
            if caller is None:
                self._patience.refused(address, account)
            else:
                self._patience.forgive(address, account)
            return caller

    async def _narrow(
        self, request: web.Request, caller: Caller, refused: dict[str, list[str]], *, quiet: bool
    ) -> bool:
        """Whether the access token, and not its account, is what lacks a right; told in the log,
        for the client gives up here."""
        account = await asyncio.to_thread(self._house.on_behalf, caller.account)
        for name, actions in refused.items():
            lost = await asyncio.to_thread(self._house.granted, account, name, actions)
            if lost:
                tried = "push" if "push" in lost else lost[0]
                if not quiet and self._denied.note(caller.account, source(request), name, tried):
                    self._house.happened(Seen("denied", caller.account, name, "", "", tried))
                return True
        return False

    def _grant(
        self, caller: Caller | None, scopes: Sequence[str], *, everything: bool
    ) -> tuple[list[Access], dict[str, list[str]]]:
        """What is granted of `scopes`, and what is not."""
        granted, refused = [], {}
        for asked in parse_scopes(scopes):
            if asked.kind == "registry":
                if everything:
                    granted.append(asked)
                continue
            if asked.kind != "repository":
                continue
            name = asked.name if "/" in asked.name else f"library/{asked.name}"
            actions = [a for a in ACTIONS if a in asked.actions or "*" in asked.actions]
            given = actions if everything else self._house.granted(caller, name, actions)
            if given:
                granted.append(Access("repository", name, tuple(given)))
            if missing := [action for action in actions if action not in given]:
                refused[name] = missing
        return granted, refused

    async def search(self, request: web.Request) -> web.Response:
        """`/v1/search` (docker/docker-ce v1 registry API), still what `docker search` speaks."""
        caller = None
        if login := _basic(request):
            caller = await self._sign_in(request, *login)
            if caller is None:
                return _details(401, _WRONG)
        words = request.query.get("q", "")
        with contextlib.suppress(ValueError):
            limit = int(request.query.get("n", SEARCH_DEFAULT))
            if 1 <= limit <= SEARCH_LIMIT:
                found = self._house.search(caller, words, limit)
                return web.json_response(
                    {
                        "query": words,
                        "num_results": len(found),
                        "page": 1,
                        "page_size": limit,
                        "num_pages": 1,
                        "results": found,
                    }
                )
        return _details(400, f"limit must be between 1 and {SEARCH_LIMIT}")

    async def events(self, request: web.Request) -> web.Response:
        """The log: all of it for the workshop, one's own for an account; `?action=…` for some of
        it only."""
        actions = request.query.getall("action", [])[:20]
        return await self._told(request, lambda who: self._house.events(who, actions))

    async def state(self, request: web.Request) -> web.Response:
        """What the hub holds, as far as whoever asks may see."""
        return await self._told(request, self._house.state)

    async def _told(self, request: web.Request, question: Any) -> web.Response:
        if self.is_workshop(request):
            return web.json_response(await asyncio.to_thread(question, None))
        login = _basic(request)
        caller = await self._sign_in(request, *login) if login else None
        if caller is None:
            return _details(401, "authentication required")
        return web.json_response(await asyncio.to_thread(question, caller))


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Account and secret of the `Authorization: Basic` header."""
    kind, _, told = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        account, _, secret = b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return None
    return account, secret


_WRONG = "incorrect username or password"


def _details(status: int, words: str) -> web.Response:
    """A refusal in the form that Docker Hub's services use, and clients print."""
    return web.json_response({"details": words}, status=status)


async def serve(
    app: web.Application, host: str, port: int, *, room: int, tls: ssl.SSLContext | None
) -> None:
    """Serve `app` on `host`, the loopback but in a container, and with `tls` to the network on the
    port `room`, until asked to end. Raises `OSError` when `port` is taken."""
    runner = web.AppRunner(
        app, access_log=None, auto_decompress=False, shutdown_timeout=5, handle_signals=False
    )
    await runner.setup()
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        if tls:
            try:
                await web.TCPSite(runner, None, room, ssl_context=tls, backlog=1024).start()
            except OSError as error:
                print(f"Le hub n'est pas ouvert au réseau : {error}", file=sys.stderr)
        await end.wait()
    finally:
        await runner.cleanup()


def _repositories(state: Path) -> Path:
    """Where the registry keeps repositories (distribution's filesystem layout)."""
    return state / "hub" / "data" / "docker" / "registry" / "v2" / "repositories"


def _forget(upload: Path) -> None:
    """Take back the room of an unfinished upload, which the registry may keep open for ever."""
    with contextlib.suppress(OSError):
        os.truncate(upload / "data", 0)
    shutil.rmtree(upload, ignore_errors=True)


def _stored(state: Path) -> list[str]:
    """The repositories that the registry stores."""
    root = _repositories(state)
    return [str(path.parent.relative_to(root)) for path in root.glob("*/*/_manifests")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the hub of a state folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workshop.hub.server")
    parser.add_argument("state", type=Path)
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--registry", type=int, required=True, help="port of the registry behind")
    parser.add_argument("--mark", default="")
    options = parser.parse_args(arguments)
    with (options.state / "hub" / "serving").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Un autre hub emploie déjà {options.state / 'hub'}.", file=sys.stderr)
            return 1
        try:
            store = open_store(options.state)
            store.adopt(_stored(options.state))
        except EnvironmentProblem as problem:
            print(french(str(problem)), file=sys.stderr)
            return 1
        app = application(
            options.state, f"http://127.0.0.1:{options.registry}", store, options.mark
        )
        opened = network.opening(options.state)
        shelf = Shelf(f"127.0.0.1:{options.port}", key(options.state / "hub"))
        mount(app, store, shelf, sign_up=opened is None)
        tls = network.server_context(options.state / "hub") if opened else None
        try:
            asyncio.run(
                serve(app, options.listen, options.port, room=opened.port if opened else 0, tls=tls)
            )
        except OSError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
