"""Evidence taken from the workspace and the engine, now."""

from __future__ import annotations

import base64
import errno
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.archives import Archive, BytesSource, open_archive
from checks.evidence import (
    COMMAND,
    FILE_LIMIT,
    ClientConfig,
    Container,
    HubEvent,
    HubState,
    Image,
    Mount,
    RegistryImage,
    Step,
)
from checks.identity import Identity
from checks.outcome import EnvironmentProblem, reason

if TYPE_CHECKING:
    from docker import DockerClient

    from checks.evidence.registry import Reader


def files(workspace: Path, pattern: str) -> Iterator[Path]:
    """The files of `workspace` that match a glob pattern, without our own link to the command."""
    for path in workspace.glob(pattern):
        if path.is_file() and not is_command_link(path, workspace):
            yield path


def is_command_link(path: Path, workspace: Path) -> bool:
    """Whether `path` is the link that `preparer` puts in the workspace."""
    return path == workspace / COMMAND and path.is_symlink()


class LiveEvidence:
    """Looks at `workspace` and, only when a check asks, at the engine `connect` reaches.

    `hub_key` opens the workshop's own hub; `former_hubs` are addresses that it had;
    `docker_config` is the learner's `DOCKER_CONFIG`.
    """

    def __init__(
        self,
        workspace: Path,
        identity: Identity,
        hub: str,
        connect: Callable[[], DockerClient],
        *,
        former_hubs: Sequence[str] = (),
        hub_key: str | None = None,
        docker_config: Path | None = None,
    ) -> None:
        self.workspace = workspace
        self.identity = identity
        self.hub = hub
        self.hub_addresses = (hub, *former_hubs)
        self._connect = connect
        self._client: DockerClient | None = None
        self._hub_key = hub_key
        self._docker_config = docker_config
        self._reader: Reader | None = None

    def names(self, pattern: str) -> list[str]:
        """See `Evidence.names`."""
        return sorted(
            str(path.relative_to(self.workspace)) for path in files(self.workspace, pattern)
        )

    def file(self, name: str) -> bytes | None:
        """See `Evidence.file`."""
        path = self.workspace / name
        if not _is_file(path, name):
            return None
        with _readable(name), path.open("rb") as stream:
            return stream.read(FILE_LIMIT)

    def archive(self, name: str) -> Archive | None:
        """See `Evidence.archive`."""
        path = self.workspace / name
        if not _is_file(path, name):
            return None
        with _readable(name):
            return open_archive(path.resolve(), name=name)

    def image(self, reference: str) -> Image | None:
        """See `Evidence.image`."""
        with _engine():
            for name in self._names_of(reference):
                with _if_there():
                    return _image(self._docker().api.inspect_image(name))
        return None

    def images(self) -> list[Image]:
        """See `Evidence.images`."""
        with _engine():
            api = self._docker().api
            return [_image(attrs) for attrs in _each(api.images(), api.inspect_image)]

    def containers(self) -> list[Container]:
        """See `Evidence.containers`."""
        with _engine():
            api = self._docker().api
            rows = _each(api.containers(all=True), api.inspect_container)
        return [_container(row) for row in rows]

    def history(self, reference: str) -> list[Step]:
        """See `Evidence.history`."""
        lines: list[dict[str, Any]] = []
        with _engine():
            for name in self._names_of(reference):
                with _if_there():
                    lines = self._docker().api.history(name)
                    break
        return [
            Step(str(line.get("CreatedBy") or ""), str(line.get("Comment") or ""))
            for line in reversed(lines)
        ]

    def _names_of(self, reference: str) -> list[str]:
        """`reference`, then the same at each of the hub's former addresses."""
        host, _, path = reference.partition("/")
        former = self.hub_addresses[1:] if host == self.hub else ()
        return [reference, *(f"{each}/{path}" for each in former)]

    def volumes(self) -> list[str]:
        """See `Evidence.volumes`."""
        with _engine():
            found = self._docker().api.volumes().get("Volumes") or []
        return sorted(str(volume["Name"]) for volume in found)

    def tree(self, container: str, path: str) -> Archive | None:
        """See `Evidence.tree`."""
        from docker.errors import NotFound

        with _engine():
            try:
                chunks, _ = self._docker().api.get_archive(container, path)
                data = bytearray()
                for chunk in chunks:
                    data += chunk
                    if len(data) > FILE_LIMIT:
                        break
            except NotFound:
                return None
        return open_archive(BytesSource(bytes(data[:FILE_LIMIT])), name=f"{container}:{path}")

    def registry(self, reference: str, *, architecture: str = "amd64") -> RegistryImage | None:
        """See `Evidence.registry`."""
        return self._registries().image(reference, architecture)

    def tags(self, repository: str) -> list[str]:
        """See `Evidence.tags`."""
        return self._registries().tags(repository)

    def access(self, repository: str, account: str | None) -> frozenset[str]:
        """See `Evidence.access`."""
        return self._registries().access(repository, account)

    def opens(self, account: str, secret: str, *, host: str = "") -> bool:
        """See `Evidence.opens`."""
        return self._registries().opens(host or self.hub, account, secret)

    def hub_events(self, *actions: str) -> list[HubEvent]:
        """See `Evidence.hub_events`."""
        told = self._registries().hub_answers("events", action=actions)
        # A hub that was started before the course was updated tells them all.
        return [HubEvent(**data) for data in told if not actions or data["action"] in actions]

    def hub_state(self) -> HubState:
        """See `Evidence.hub_state`."""
        return HubState(**self._registries().hub_answers("state"))

    def client_config(self, name: str = "") -> ClientConfig | None:
        """See `Evidence.client_config`."""
        if name:
            path = self.workspace / name
        elif self._docker_config:
            path = self._docker_config / "config.json"
        else:
            return None
        if not path.is_file():
            return None
        with _readable(name or "config.json"), path.open("rb") as stream:
            return _client_config(stream.read(FILE_LIMIT))

    def _registries(self) -> Reader:
        if self._reader is None:
            from checks.evidence.registry import Reader, logins

            config = self._docker_config
            credentials = {"credentials": logins(config / "config.json")} if config else {}
            self._reader = Reader(self.hub, self._hub_key, **credentials)
        return self._reader

    def _docker(self) -> DockerClient:
        if self._client is None:
            self._client = self._connect()
        return self._client


def _is_file(path: Path, name: str) -> bool:
    """Whether `path` is a file; a name that no file can bear names none."""
    with _readable(name):
        try:
            return path.is_file()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return False
            raise


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"`{name}` ne peut pas être lu ({reason(error)}). Rendez-le lisible, puis recommencez."
        ) from error


@contextmanager
def _engine() -> Iterator[None]:
    """Turn every way an engine can fail to answer into an `EnvironmentProblem`."""
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        if isinstance(error, APIError) and not error.is_server_error():
            raise
        raise EnvironmentProblem(
            "Le moteur Docker ne répond pas. Lancez `./atelier preparer`, puis recommencez : "
            "rien n'est perdu."
        ) from error


@contextmanager
def _if_there() -> Iterator[None]:
    """Pass over an image that is not there, or whose name no image may have."""
    from docker.errors import APIError

    try:
        yield
    except APIError as error:
        if error.status_code not in (400, 404):
            raise


def _each(
    rows: list[dict[str, Any]], inspect: Callable[[str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Inspect what a list names, but for what has gone since the list was made."""
    from docker.errors import NotFound

    found = []
    for row in rows:
        with suppress(NotFound):
            found.append(inspect(row["Id"]))
    return found


def _image(attrs: dict[str, Any]) -> Image:
    # Engine 29 leaves unset fields out, so nothing is taken for granted.
    return Image(
        id=attrs["Id"],
        tags=tuple(attrs.get("RepoTags") or ()),
        diff_ids=tuple((attrs.get("RootFS") or {}).get("Layers") or ()),
        config=attrs.get("Config") or {},
        os=attrs.get("Os", ""),
        architecture=attrs.get("Architecture", ""),
        comment=attrs.get("Comment", ""),
    )


def _container(attrs: dict[str, Any]) -> Container:
    config, state = attrs.get("Config") or {}, attrs.get("State") or {}
    mounts = [
        Mount(
            kind=str(mount.get("Type", "")),
            name=str(mount.get("Name") or mount.get("Source") or ""),
            destination=str(mount.get("Destination", "")),
        )
        for mount in attrs.get("Mounts") or ()
    ]
    return Container(
        name=attrs["Name"].lstrip("/"),
        image=config.get("Image", ""),
        image_id=attrs.get("Image", ""),
        status=state.get("Status", ""),
        exit_code=state.get("ExitCode", 0),
        command=tuple(config.get("Cmd") or ()),
        labels=config.get("Labels") or {},
        entrypoint=tuple(config.get("Entrypoint") or ()),
        mounts=tuple(sorted(mounts, key=lambda mount: mount.destination)),
    )


def _client_config(data: bytes) -> ClientConfig:
    """A `config.json` (docker/cli configfile) without its secrets; unreadable, it holds nothing."""
    with suppress(ValueError, AttributeError, TypeError):
        told = json.loads(data)
        auths = dict(told.get("auths") or {})
        return ClientConfig(
            logins={str(host): _account(entry or {}) for host, entry in auths.items()},
            store=str(told.get("credsStore") or ""),
            helpers={str(k): str(v) for k, v in (told.get("credHelpers") or {}).items()},
        )
    return ClientConfig()


def _account(entry: dict[str, Any]) -> str:
    """The account of an entry of `auths`: `auth` is the Base64 of `account:secret`."""
    with suppress(ValueError):
        return base64.b64decode(entry.get("auth") or "").decode().partition(":")[0]
    return ""
