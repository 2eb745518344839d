"""The way to the registry behind: streamed both ways, told to whoever keeps the log.

The registry itself checks the tokens; what is decided here is only what it cannot know: pull
limits, teaching switches, who gets to read of it afterwards.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from workshop.hub.switches import PullCounter, Switches, refusal
from workshop.hub.token import valid_repository

BUFFER = 256 * 1024
"""Bytes read ahead of whoever is slower."""
REALM = "/auth/token"
_HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade", "expect",
}  # fmt: skip
_OURS = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"}
_PATH = re.compile(r"/v2/(?:[A-Za-z0-9._:@/-]|%3[Aa])*")
_MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)")
_NAMED = re.compile(
    r"/v2/(?P<name>.+)/"
    r"(?:manifests/[^/]+|blobs/uploads/[^/]*|blobs/[^/]+|tags/list|referrers/[^/]+)"
)
"""The routes of the distribution specification; a repository may itself be called `a/tags`."""
_UPLOAD = re.compile(r"/v2/.+/blobs/uploads/(?P<id>[0-9a-f-]{36})")
_INDEX = re.compile(r"(manifest\.list|image\.index)\.v[12]\+json")


@dataclass(frozen=True)
class Seen:
    """Something that the registry acknowledged, or refused: `action` is `push`, `pull`, `delete`
    or `denied`; `account` None is nobody; `tried` is what was denied."""

    action: str
    account: str | None
    repository: str
    tag: str
    digest: str
    tried: str = ""


def _mounts_unseen(request: web.Request, told: dict[str, Any]) -> bool:
    """Whether a blob is to be mounted from a repository that the token does not let one pull."""
    source = request.query.get("from")
    if "mount" not in request.query or not source:
        return False
    access = told.get("access")
    return not any(
        isinstance(each, dict) and each.get("name") == source and "pull" in each.get("actions", ())
        for each in (access if isinstance(access, list) else ())
    )


class NotKept(Exception):
    """A push that the registry took cannot be written down: it must not be acknowledged."""


class Recent:
    """What happened in the last minute, forgotten afterwards; at most `size` facts."""

    def __init__(self, seconds: float = 60, size: int = 10_000) -> None:
        self._seconds, self._size = seconds, size
        self._facts: OrderedDict[tuple[str, ...], tuple[float, str]] = OrderedDict()

    def note(self, *fact: str, told: str = "") -> bool:
        """Remember `fact`; returns whether it is news."""
        news = self.get(*fact) is None
        self._facts.pop(fact, None)
        self._facts[fact] = (time.monotonic(), told)
        while len(self._facts) > self._size:
            self._facts.popitem(last=False)
        return news

    def get(self, *fact: str) -> str | None:
        """What was told with `fact`, if it is recent."""
        at, told = self._facts.get(fact, (float("-inf"), ""))
        return told if at > time.monotonic() - self._seconds else None


class Proxy:
    """Passes requests under `/v2/` to the registry at `upstream` (`http://127.0.0.1:PORT`).

    `told` is called before the client gets an acknowledgement, and may raise `NotKept`; `alive`
    says whether an access token is still worth something, `claims` reads the header of a token
    that the hub signed (`{}` for others), `sign` gives the workshop's own token for a repository,
    `guest` that of anybody when the repository is public. `forget` takes back the room of an upload
    (repository, id) that the registry could not write.
    """

    def __init__(
        self,
        upstream: str,
        *,
        switches: Callable[[], Switches],
        told: Callable[[Seen], None],
        alive: Callable[[str], bool],
        claims: Callable[[str], dict[str, Any]],
        sign: Callable[[str], str],
        guest: Callable[[str], str | None],
        is_workshop: Callable[[web.Request], bool],
        forget: Callable[[str, str], None],
    ) -> None:
        self._upstream = upstream
        self._switches = switches
        self._told = told
        self._alive = alive
        self._claims = claims
        self._sign = sign
        self._guest = guest
        self._is_workshop = is_workshop
        self._forget = forget
        self._counter, self._counted = PullCounter(), Switches()
        self._children, self._tags, self._denied = Recent(), Recent(), Recent(1)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready; to be called inside the event loop."""
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=BUFFER,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        )

    async def close(self) -> None:
        """Let connections go."""
        if self._session:
            await self._session.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request under `/v2/`."""
        path, mark, query = request.raw_path.partition("?")
        if path == "/v2":
            path = "/v2/"
        if not _PATH.fullmatch(path) or _strange(path):
            return error(400, "NAME_INVALID", "invalid repository name")
        path = path.replace("%3A", ":").replace("%3a", ":")
        named = _NAMED.fullmatch(path)
        name = named["name"] if named else ""
        if name and not valid_repository(name):
            return error(400, "NAME_INVALID", "invalid repository name")
        if name and "/" not in name:  # `localhost:5000/nginx` is what a search calls it
            path = f"/v2/library/{name}" + path[len("/v2/") + len(name) :]
            name = f"library/{name}"
        # Several lines of one name stay: Go clients send one `Accept` for each type.
        headers = CIMultiDict((k, v) for k, v in request.headers.items() if _passes(k))
        headers["X-Forwarded-Proto"] = request.scheme
        told = self._claims(request.headers.get("Authorization", ""))
        if (pat := told.get("pat")) and not self._alive(str(pat)):
            headers.pop("Authorization", None)  # asked again who it is, the client cannot tell
            told = {}
        # A plain `curl` may list public tags: Docker Hub tells them on its web page.
        lists = path.endswith("/tags/list") and "Authorization" not in headers
        if lists and (token := self._guest(name)):
            headers["Authorization"] = f"Bearer {token}"
        if self._is_workshop(request):
            headers["Authorization"] = "Bearer " + self._sign(name)
            told = {"quiet": True}
        manifest = _MANIFEST.fullmatch(path)
        caller = _Caller(
            account=str(told.get("sub") or "") or None,
            quiet=bool(told.get("quiet")),
            source=source(request),
            shown=bool(told),
            refused=tuple(_refused_actions(told, name)),
        )
        switches = Switches() if caller.quiet else self._switches()
        if manifest and (extra := self._spent(request.method, manifest["reference"], caller)):
            told_off = refusal(caller.account)
            return web.Response(
                status=429, body=told_off, content_type="application/json", headers=extra
            )
        if request.method == "POST" and told and _mounts_unseen(request, told):
            # containerd would take the registry's 401 for its last word: what cannot be mounted is
            # uploaded instead, as the specification allows (202).
            mark = query = ""
        assert self._session is not None
        url = self._upstream + path + mark + query
        body = _Body(request, switches)
        try:
            async with self._session.request(
                request.method,
                URL(url, encoded=True),
                headers=headers,
                data=body.chunks() if request.body_exists else None,
                allow_redirects=False,
            ) as upstream:
                answer = await self._answer(request, upstream, manifest, name, caller, switches)
            if upstream.status >= 500 and (upload := _UPLOAD.fullmatch(path)):
                await asyncio.to_thread(self._forget, name, upload["id"])
            return answer
        except (aiohttp.ClientError, ConnectionError):
            if body.interrupted and request.transport:
                request.transport.abort()
            return error(503, "UNAVAILABLE", "service unavailable")

    def _is_pull(self, method: str, reference: str, caller: _Caller) -> bool:
        """Looking is free; an index and the image it leads to are one pull."""
        return method == "GET" and self._children.get(caller.who, reference) is None

    def _spent(self, method: str, reference: str, caller: _Caller) -> dict[str, str]:
        """The headers of the refusal, when this would be a pull too many. Without a token, the
        client is first asked who it is."""
        switches = self._switches()
        if switches is not self._counted:  # turned: counting begins again
            self._counter, self._counted = PullCounter(), switches
        limit = switches.pull_limit
        if limit is None or caller.quiet or not caller.shown:
            return {}
        if not self._is_pull(method, reference, caller):
            return {}
        allowed, told = self._counter.headers(limit, caller.account, caller.source, count=False)
        return {} if allowed else told

    async def _answer(
        self,
        request: web.Request,
        upstream: aiohttp.ClientResponse,
        manifest: re.Match[str] | None,
        name: str,
        caller: _Caller,
        switches: Switches,
    ) -> web.StreamResponse:
        answer = web.StreamResponse(status=upstream.status)
        for key, value in upstream.headers.items():
            if key.lower() == "www-authenticate":
                value = re.sub(r'realm="[^"]*"', f'realm="{_here(request)}{REALM}"', value)
            if _passes(key):
                answer.headers.add(key, value)
        limit = switches.pull_limit
        if limit is not None and manifest and upstream.status == 200:
            count = self._is_pull(request.method, manifest["reference"], caller)
            told = self._counter.headers(limit, caller.account, caller.source, count=count)[1]
            answer.headers.update(told)
        first = b""
        if manifest and upstream.status == 200 and request.method == "GET":
            first = await upstream.read()
            self._pulled(manifest, upstream, first, caller)
        elif manifest:
            try:
                self._changed(request.method, manifest, upstream, caller)
            except NotKept:
                return error(500, "UNKNOWN", "unknown error")
        if upstream.status == 401 and "insufficient_scope" in str(
            upstream.headers.get("WWW-Authenticate")
        ):
            self._refused(request, upstream, name, caller)
        await answer.prepare(request)
        if request.method != "HEAD":
            if first:
                await answer.write(first)
            async for chunk in _slowed(upstream.content, switches.slow):
                await answer.write(chunk)
        await answer.write_eof()
        return answer

    def _pulled(
        self,
        manifest: re.Match[str],
        upstream: aiohttp.ClientResponse,
        document: bytes,
        caller: _Caller,
    ) -> None:
        reference = manifest["reference"]
        digest = upstream.headers.get("Docker-Content-Digest", "")
        child = self._children.get(caller.who, reference) is not None
        if _INDEX.search(upstream.headers.get("Content-Type", "")):
            for each in _manifests(document):
                self._children.note(caller.who, each)
        if child or caller.quiet:
            return
        tag = "" if ":" in reference else reference
        # containerd asks what a tag stands for, then fetches by digest.
        tag = tag or self._tags.get(caller.who, manifest["name"], reference) or ""
        self._told(Seen("pull", caller.account, manifest["name"], tag, digest))

    def _changed(
        self,
        method: str,
        manifest: re.Match[str],
        upstream: aiohttp.ClientResponse,
        caller: _Caller,
    ) -> None:
        reference, name = manifest["reference"], manifest["name"]
        digest = upstream.headers.get("Docker-Content-Digest", "")
        tag = "" if ":" in reference else reference
        if method == "HEAD" and upstream.status == 200 and tag:
            self._tags.note(caller.who, name, digest, told=tag)
        elif method == "PUT" and upstream.status == 201:
            seen = Seen("push", caller.account, name, tag, digest)
            self._told(seen if not caller.quiet else Seen("seeded", None, name, tag, digest))
        elif method == "DELETE" and upstream.status == 202 and not caller.quiet:
            self._told(Seen("delete", caller.account, name, tag, digest or reference))

    def _refused(
        self,
        request: web.Request,
        upstream: aiohttp.ClientResponse,
        name: str,
        caller: _Caller,
    ) -> None:
        tried = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}.get(request.method, "push")
        if tried == "pull" and "push" in caller.refused:  # a push begins by looking
            tried = "push"
        if caller.quiet or not caller.shown or not name:
            return
        # A client knocks once for each layer: one refusal is told.
        if self._denied.note(caller.who, name, tried):
            self._told(Seen("denied", caller.account, name, "", "", tried))


@dataclass(frozen=True)
class _Caller:
    account: str | None
    quiet: bool
    source: str
    shown: bool
    """Whether a token was shown at all: without one, a refusal is only the usual challenge."""
    refused: tuple[str, ...] = ()
    """What the token service was asked for, and did not grant."""

    @property
    def who(self) -> str:
        return f"{self.account or ''}@{self.source}"


class _Body:
    """The body of a request, as it comes; slowed or broken off when a switch says so."""

    def __init__(self, request: web.Request, switches: Switches) -> None:
        self._content = request.content
        self._switches = switches
        self.interrupted = False

    async def chunks(self) -> AsyncIterator[bytes]:
        sent, limit = 0, self._switches.interrupt
        async for chunk in _slowed(self._content, self._switches.slow):
            sent += len(chunk)
            if limit is not None and sent > limit:
                self.interrupted = True
                raise ConnectionAbortedError
            yield chunk


async def _slowed(content: aiohttp.StreamReader, slow: int | None) -> AsyncIterator[bytes]:
    """The chunks of a stream, at most `slow` bytes per second."""
    if not slow:
        async for chunk in content.iter_any():
            yield chunk
        return
    async for chunk in content.iter_chunked(max(1, min(16 * 1024, slow // 10))):
        await asyncio.sleep(len(chunk) / slow)
        yield chunk


def error(status: int, code: str, message: str) -> web.Response:
    """An error as registries tell it (distribution specification, « Error codes »)."""
    body = {"errors": [{"code": code, "message": message}]}
    return web.json_response(body, status=status)


def _strange(path: str) -> bool:
    """Whether a component is empty, `.` or `..`: what a path should not need to say."""
    parts = path.split("/")[2:]
    if parts and parts[-1] == "":  # `/v2/` and `/v2/…/blobs/uploads/`
        parts.pop()
    return any(part in ("", ".", "..") for part in parts)


def _passes(header: str) -> bool:
    name = header.lower()
    return name not in _HOP_BY_HOP and name not in _OURS and not name.startswith("atelier-")


def _here(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def source(request: web.Request) -> str:
    """The address that pulls and guesses are counted for: an IPv4 address, an IPv6 /64."""
    remote = request.remote or ""
    try:
        address = ip_address(remote)
    except ValueError:
        return remote
    if address.version == 6:
        return str(ip_network((address, 64), strict=False).network_address)
    return remote


def _refused_actions(told: dict[str, Any], name: str) -> list[str]:
    refused = told.get("refused")
    actions = refused.get(name) if isinstance(refused, dict) else None
    return [str(action) for action in actions] if isinstance(actions, list) else []


def _manifests(document: bytes) -> list[str]:
    try:
        return [str(entry["digest"]) for entry in json.loads(document)["manifests"]]
    except (ValueError, LookupError, TypeError):
        return []
