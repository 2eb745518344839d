"""Reading a registry over HTTP: the distribution specification v1.1, its token authentication
(distribution/docs/spec/auth/token.md), and what the hub of the workshop tells of itself.

Any registry will do: an open one, one behind Basic authentication, Docker Hub, a hub with TLS.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.utils import parse_dict_header

from checks.evidence import INDEX_TYPES, RegistryImage
from checks.outcome import EnvironmentProblem
from checks.references import canonical

TIMEOUT = 10.0
"""Seconds that a registry may take to answer."""
DOCUMENT_LIMIT = 4 << 20
"""Bytes of a manifest or config; distribution refuses manifests above 4 MiB."""
TAGS_LIMIT = 10_000
"""Tags that are read of one repository."""
KEY_HEADER, AS_HEADER = "Atelier-Key", "Atelier-As"
"""The workshop's own key, and the account that it asks on behalf of: the hub writes no event."""

_ACCEPT = {
    "Accept": "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
}
_NO_MANIFEST = "sha256:" + "0" * 64
_NO_UPLOAD = "00000000-0000-0000-0000-000000000000"


class NoImage(ValueError):
    """What is there is no image: an artifact (SBOM, chart), a build cache, an empty index."""


Credentials = Callable[[str], tuple[str, str] | None]
"""Account and secret for a registry host; None when there are none."""


def split(reference: str) -> tuple[str, str, str]:
    """`reference` as (host, repository, tag or digest), defaults filled in."""
    host, _, rest = canonical(reference).partition("/")
    if "@" in rest:
        repository, _, digest = rest.partition("@")
        return host, repository, digest
    repository, _, tag = rest.rpartition(":")
    return host, repository, tag


def describe(digest: str, media_type: str, documents: list[bytes], config: bytes) -> RegistryImage:
    """What an image is from its documents: `[manifest]` or `[index, manifest]`, and its config.

    Each document must be the one that the former names, and `digest` name the first. Raises
    `NoImage` when they are those of something else, `ValueError`, `KeyError`… when they do not fit
    together.
    """
    expected = digest
    platforms: tuple[str, ...] = ()
    if len(documents) not in (1, 2):
        raise ValueError("documents")
    for document in documents:
        if _digest(document) != expected:
            raise ValueError("digest")
        data = json.loads(document)
        if document is documents[-1]:
            break
        platforms = tuple(_platform(entry) for entry in _images(data))
        expected = _digest(documents[1])
        if expected not in [entry["digest"] for entry in _images(data)]:
            raise ValueError("index")
    if _digest(config) != data["config"]["digest"]:
        raise ValueError("config")
    try:
        told = json.loads(config)
        diff_ids = tuple(map(str, told["rootfs"]["diff_ids"]))
        layers = tuple(str(layer["digest"]) for layer in data["layers"])
        settings, history = told.get("config") or {}, tuple(told.get("history") or ())
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise NoImage("config") from error
    if not isinstance(settings, dict) or not all(isinstance(step, dict) for step in history):
        raise NoImage("config")
    system, architecture = str(told.get("os", "")), str(told.get("architecture", ""))
    return RegistryImage(
        digest=digest,
        media_type=media_type,
        platforms=platforms or (f"{system}/{architecture}",),
        config_digest=data["config"]["digest"],
        diff_ids=diff_ids,
        layers=layers,
        config=settings,
        history=history,
        os=system,
        architecture=architecture,
        documents=(*documents, config),
    )


class Reader:
    """Reads registries as the learner, as anybody else, or as the workshop on its own `hub`."""

    def __init__(
        self, hub: str, key: str | None = None, credentials: Credentials = lambda host: None
    ) -> None:
        self.hub = hub
        self._key = key
        self._credentials = credentials
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor ~/.netrc between us and a registry
        self._bases: dict[str, str] = {}

    def image(self, reference: str, architecture: str) -> RegistryImage | None:
        """See `Evidence.registry`."""
        host, repository, name = split(reference)
        with _told(host), suppress(NoImage):
            door = self._door(host, repository)
            answer = door.get(f"manifests/{name}")
            if not _found(host, answer):
                return None
            first, media_type = answer.content, answer.headers.get("Content-Type", "")
            digest = answer.headers.get("Docker-Content-Digest") or _digest(first)
            documents, data = [first], json.loads(first)
            if media_type in INDEX_TYPES:
                entries = _images(data)
                fitting = [e for e in entries if _platform(e).split("/")[1] == architecture]
                if not entries:
                    return None
                chosen = (fitting or entries)[0]
                answer = door.get(f"manifests/{chosen['digest']}")
                if not _found(host, answer):
                    return None
                documents.append(answer.content)
                data = json.loads(answer.content)
            if not isinstance(data.get("config"), dict):  # an index of indexes
                return None
            config = door.get(f"blobs/{data['config']['digest']}")
            if not _found(host, config):
                return None
            return describe(digest, media_type, documents, config.content)
        return None

    def digest(self, reference: str) -> str | None:
        """The digest of whatever is there, image or not; None when nothing is."""
        host, repository, name = split(reference)
        with _told(host):
            answer = self._door(host, repository).send("HEAD", f"manifests/{name}")
            return answer.headers.get("Docker-Content-Digest") if _found(host, answer) else None

    def tags(self, repository: str) -> list[str]:
        """See `Evidence.tags`."""
        host, path, _ = split(repository)
        with _told(host):
            door = self._door(host, path)
            found: list[str] = []
            place: str | None = "tags/list?n=1000"
            while place and len(found) < TAGS_LIMIT:
                answer = door.get(place)
                if not _found(host, answer):
                    return []
                found += map(str, answer.json().get("tags") or ())
                following = answer.links.get("next", {}).get("url")
                place = following and urljoin(answer.url, following)
            return sorted(found)

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        """See `Evidence.access`."""
        host, path, _ = split(repository)
        granted = set()
        with _told(host):
            door = self._door(host, path, account=account or "")
            if door.get("tags/list?n=1").status_code == 200:
                granted.add("pull")
            # What does not exist is looked for after rights are: nothing is ever written.
            if door.send("PATCH", f"blobs/uploads/{_NO_UPLOAD}").status_code in (400, 404):
                granted.add("push")
            if door.send("DELETE", f"manifests/{_NO_MANIFEST}").status_code == 404:
                granted.add("delete")
        return frozenset(granted)

    def opens(self, host: str, account: str, secret: str) -> bool:
        """See `Evidence.opens`."""
        with _told(host):
            door = self._door(host, "")
            door.credentials, door.behalf, door.expected = (account, secret), None, False
            return door.send("GET", "").status_code == 200

    def hub_answers(self, question: Literal["events", "state"], **asked: Sequence[str]) -> Any:
        """What the hub tells of itself: a JSON document."""
        with _told(self.hub):
            headers = {KEY_HEADER: self._key} if self._key else {}
            auth = None if self._key else self._credentials(self.hub)
            url = f"{self._base(self.hub)}/atelier/{question}"
            answer = self._session.get(
                url, params=asked, headers=headers, auth=auth, timeout=TIMEOUT
            )
            if answer.status_code != 200:
                raise EnvironmentProblem(
                    f"Le registre {self.hub} ne raconte pas ce qu'il a vu : ce n'est pas le hub de "
                    "l'atelier, ou il faut d'abord s'y connecter. Lancez `./atelier preparer`."
                )
            return answer.json()

    def _door(self, host: str, repository: str, *, account: str | None = None) -> _Door:
        """A way into one repository: as `account` ("" = nobody), or as whoever sees most."""
        base = self._base(host)
        door = _Door(self._session, f"{base}/v2/{repository}".rstrip("/") + "/")
        own = self._credentials(host) if _confidential(base) else None
        if host == self.hub and self._key:
            door.key, door.behalf = self._key, account
        elif account is None:
            door.credentials, door.expected = own, True
        elif account:
            if own is None or own[0] != account:
                raise EnvironmentProblem(
                    f"L'atelier ne peut pas essayer {host} au nom de « {account} » : il faut s'y "
                    "connecter avec ce compte."
                )
            door.credentials = own
        return door

    def _base(self, host: str) -> str:
        """The address of the registry, its scheme found by asking, as an engine does."""
        if host not in self._bases:
            server = "registry-1.docker.io" if host == "docker.io" else host
            schemes = ("http", "https") if _loopback(host) else ("https", "http")
            for scheme in schemes:
                url = f"{scheme}://{server}/v2/"
                with suppress(requests.exceptions.SSLError, requests.exceptions.ConnectionError):
                    answer = self._session.get(url, timeout=TIMEOUT, verify=_authority(url))
                    if answer.status_code in (200, 401):
                        self._bases[host] = f"{scheme}://{server}"
                        break
            else:
                raise _silent(host)
        return self._bases[host]


class _Door:
    """Requests on one repository, answering the challenges that the registry makes."""

    def __init__(self, session: requests.Session, base: str) -> None:
        self._session = session
        self._base = base
        self.credentials: tuple[str, str] | None = None
        self.key: str | None = None
        self.behalf: str | None = None
        self.expected = False
        """Whether the credentials are those of a session, which is over if they are refused."""

    def get(self, place: str) -> requests.Response:
        return self.send("GET", place)

    def send(self, method: str, place: str) -> requests.Response:
        """Send a request; asked who we are, say it once. `place` is relative to the repository."""
        url = urljoin(self._base, place)
        answer = self._ask(method, url)
        kind, _, told = answer.headers.get("WWW-Authenticate", "").partition(" ")
        if answer.status_code != 401:
            return answer
        if kind.lower() == "basic" and self.credentials:
            answer = self._ask(method, url, auth=self.credentials)
            self._check_session(answer)
        elif kind.lower() == "bearer" and (token := self._token(parse_dict_header(told))):
            answer = self._ask(method, url, {"Authorization": f"Bearer {token}"})
        return answer

    def _token(self, challenge: dict[str, Any]) -> str | None:
        realm = str(challenge.get("realm", ""))
        query = {k: v for k, v in challenge.items() if k in ("service", "scope") and v}
        headers = {}
        if self.key and urlsplit(realm).netloc == urlsplit(self._base).netloc:
            headers[KEY_HEADER] = self.key
            if self.behalf is not None:
                headers[AS_HEADER] = self.behalf
        address = f"{realm}?{urlencode(query)}"
        answer = self._session.get(
            address,
            headers=headers,
            auth=self.credentials,
            timeout=TIMEOUT,
            verify=_authority(realm),
        )
        self._check_session(answer)
        if answer.status_code != 200:
            return None
        told = answer.json()
        return str(told.get("token") or told["access_token"])

    def _check_session(self, answer: requests.Response) -> None:
        """Credentials that are refused hide what is there: that is no mistake in the work."""
        if answer.status_code == 401 and self.expected and self.credentials:
            host = urlsplit(self._base).netloc
            raise EnvironmentProblem(
                f"Le registre {host} refuse la session de votre client (compte "
                f"{self.credentials[0]}) : elle a expiré, ou son jeton a été révoqué. "
                "Reconnectez-vous, puis recommencez."
            )

    def _ask(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> requests.Response:
        answer = self._session.request(
            method,
            url,
            headers=_ACCEPT | (headers or {}),
            auth=auth,
            timeout=TIMEOUT,
            stream=True,
            verify=_authority(url),
        )
        body = bytearray()
        for chunk in answer.iter_content(1 << 16):
            body += chunk
            if len(body) > DOCUMENT_LIMIT:
                answer.close()
                raise NoImage("too large")
        answer._content = bytes(body)  # what `content` gives
        return answer


def logins(path: Path) -> Credentials:
    """The credentials that a Docker client keeps in `path`, a `config.json`, helpers included."""

    def credentials(host: str) -> tuple[str, str] | None:
        if not path.is_file():
            return None
        from docker.auth import load_config
        from docker.errors import DockerException

        try:
            found = load_config(str(path)).resolve_authconfig(host)
        except (DockerException, OSError, ValueError):
            return None
        if not found or not found.get("Username", found.get("username")):
            return None
        account = found.get("username") or found.get("Username")
        secret = found.get("password") or found.get("Password") or ""
        return str(account), str(secret)

    return credentials


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Turn every way a registry can fail to answer into an `EnvironmentProblem`."""
    try:
        yield
    except requests.RequestException as error:
        raise _silent(host) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise EnvironmentProblem(
            f"Le registre {host} a donné une réponse que l'atelier ne comprend pas. Recommencez ; "
            "si cela dure, son contenu est abîmé."
        ) from error


def _silent(host: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"Le registre {host} ne répond pas. Si c'est le hub de l'atelier, lancez "
        "`./atelier preparer`, puis recommencez : rien n'est perdu."
    )


def _found(host: str, answer: requests.Response) -> bool:
    """Whether it is there for us. What is private and what does not exist look the same."""
    if answer.status_code == 429:
        raise EnvironmentProblem(
            f"Le registre {host} a atteint sa limite de téléchargements : attendez, ou "
            "connectez-vous, puis recommencez."
        )
    if answer.status_code >= 500:
        raise _silent(host)
    return answer.ok


def _images(index: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of an index that are images: neither attestations nor unknown platforms."""
    return [
        entry
        for entry in index.get("manifests") or ()
        if (entry.get("platform") or {}).get("os") != "unknown"
        and (entry.get("annotations") or {}).get("vnd.docker.reference.type")
        != "attestation-manifest"
    ]


def _platform(entry: dict[str, Any]) -> str:
    told = entry.get("platform") or {}
    parts = [str(told.get(key, "")) for key in ("os", "architecture", "variant")]
    return "/".join(parts).rstrip("/") if parts[2] else "/".join(parts[:2])


def _digest(document: bytes) -> str:
    return "sha256:" + hashlib.sha256(document).hexdigest()


def _loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"


def _confidential(base: str) -> bool:
    """Whether a secret may be sent there."""
    parts = urlsplit(base)
    return parts.scheme == "https" or _loopback(parts.netloc)


def _authority(url: str) -> str | bool:
    """The authority that the engine was told to trust for a host (`certs.d/<host>/*.crt`). One for
    each request: a check may speak to several registries."""
    host = urlsplit(url).netloc
    folders = [Path("/etc/docker/certs.d"), Path.home() / ".config" / "docker" / "certs.d"]
    for folder in folders:
        with suppress(OSError):
            for path in sorted((folder / host).glob("*.crt")):
                if os.access(path, os.R_OK):
                    return str(path)
    return True
