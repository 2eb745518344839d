"""One workshop: its folders, its learner, the environment that commands run in."""

from __future__ import annotations

import getpass
import json
import os
from argparse import ArgumentTypeError
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.identity import Identity
from checks.outcome import EnvironmentProblem, reason

if TYPE_CHECKING:
    from docker import DockerClient

    from checks.evidence.live import LiveEvidence

ROOT = Path(__file__).resolve().parent.parent
VALISE = ROOT / "valise"
"""What the course needs on a machine without a network (`workshop.valise`); most have none."""
DEFAULT_HUB = "localhost:5000"


@dataclass(frozen=True)
class Lab:
    """`state` belongs to the workshop (engine, hub, made images), `workspace` to the learner.

    What the last preparation settled (engine and hub addresses) is kept in `state/lab.json`, so
    that every command and every notebook sees the same engine.
    """

    state: Path
    workspace: Path

    @classmethod
    def current(cls) -> Lab:
        """The workshop of this checkout, or the one `ATELIER_ETAT` and `ATELIER_TRAVAIL` name."""
        return cls(
            Path(os.environ.get("ATELIER_ETAT", ROOT / ".atelier")).resolve(),
            Path(os.environ.get("ATELIER_TRAVAIL", ROOT / "travail")).resolve(),
        )

    @property
    def private(self) -> Path:
        """The folder of the workspace where identity and journal are kept."""
        return self.workspace / ".atelier"

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What the last preparation settled: `engine`, `hub`, `legacy_builder`; or `{}`."""
        try:
            settings = json.loads((self.state / "lab.json").read_text())
        except (OSError, ValueError):
            return {}
        return settings if isinstance(settings, dict) else {}

    def settle(self, *, engine: str, hub: str, legacy_builder: bool) -> None:
        """Remember the addresses for later commands."""
        self.state.mkdir(parents=True, exist_ok=True)
        settings = {"engine": engine, "hub": hub, "legacy_builder": legacy_builder}
        write_atomically(self.state / "lab.json", json.dumps(settings).encode())
        self.__dict__["settings"] = settings

    @property
    def hub(self) -> str:
        """The address of the hub, without a scheme: `localhost:5000`."""
        return str(self.settings.get("hub", DEFAULT_HUB))

    @property
    def former_hubs(self) -> list[str]:
        """The other addresses that the hub has had, when another program had taken its port."""
        try:
            ports = (self.state / "hub" / "ports").read_text().split()
        except (OSError, ValueError):
            return []
        return [each for port in ports if (each := f"localhost:{port}") != self.hub]

    @property
    def hub_key(self) -> str | None:
        """The secret that opens the workshop's own hub to the workshop, when there is one."""
        try:
            return (self.state / "hub" / "key").read_text().strip()
        except OSError:
            return None

    @cached_property
    def identity(self) -> Identity:
        """The learner, made once and kept in the workspace.

        Raises `EnvironmentProblem` when the workspace cannot be written or the file is damaged.
        """
        path = self.private / "identite.json"
        try:
            if path.exists():
                data = json.loads(path.read_text())
                return Identity(str(data["pseudonyme"]), str(data["id"]))
            identity = Identity.new(os.environ.get("ATELIER_PSEUDONYME") or getpass.getuser())
            path.parent.mkdir(parents=True, exist_ok=True)
            data = {"pseudonyme": identity.pseudonym, "id": identity.id}
            write_atomically(path, json.dumps(data, ensure_ascii=False).encode())
            return identity
        except OSError as error:
            raise EnvironmentProblem(
                f"Impossible d'écrire dans le dossier de travail {self.workspace} "
                f"({reason(error)}). Libérez de la place ou rendez-le inscriptible."
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise EnvironmentProblem(
                f"Le fichier d'identité {path} est illisible. Restaurez-le si vous en avez une "
                "copie ; sinon, supprimez-le, puis lancez `./atelier preparer` : les missions "
                "personnelles seront à refaire."
            ) from error

    @property
    def space(self) -> str:
        """Host and namespace where phase 4 publishes: `localhost:5000/moi`, `docker.io/account`."""
        from checks.phase4 import space

        return space(self.evidence())

    def publish_in(self, space: str) -> None:
        """Publish in `space` from now on: what `reponse("4.1", espace=…)` does in the notebook.

        Raises `EnvironmentProblem`.
        """
        from checks.answers import answer_file

        path = self.workspace / answer_file("4.1")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"espace": space}, ensure_ascii=False, indent=2) + "\n"
            write_atomically(path, text.encode())
        except OSError as error:
            raise EnvironmentProblem(f"Impossible d'écrire {path} ({reason(error)}).") from error

    def rename(self, pseudonym: str) -> None:
        """Change the learner's name; their id, and all that was made for them, stays.

        Raises `EnvironmentProblem`.
        """
        identity = Identity(" ".join(pseudonym.split()), self.identity.id)
        data = {"pseudonyme": identity.pseudonym, "id": identity.id}
        try:
            text = json.dumps(data, ensure_ascii=False)
            write_atomically(self.private / "identite.json", text.encode())
        except OSError as error:
            raise EnvironmentProblem(
                f"Impossible d'écrire dans {self.private} ({reason(error)})."
            ) from error
        self.__dict__["identity"] = identity

    def environment(self) -> dict[str, str]:
        """The environment of the learner's commands: engine, client settings, hub, tools."""
        env = dict(os.environ)
        if engine := self.settings.get("engine"):
            env["DOCKER_HOST"] = str(engine)
            env.pop("DOCKER_CONTEXT", None)
        env["DOCKER_CONFIG"] = str(self.state / "docker-config")
        env["ATELIER_ETAT"], env["ATELIER_TRAVAIL"] = str(self.state), str(self.workspace)
        env["HUB"], env["ESPACE"] = self.hub, self.space
        # What stands in for a missing program comes last: the real one wins.
        path = [str(ROOT), env.get("PATH", os.defpath), str(ROOT / "workshop" / "tools")]
        env["PATH"] = os.pathsep.join(path)
        if self.settings.get("legacy_builder"):
            env["DOCKER_BUILDKIT"] = "0"
        # Content Trust is retired, and only some clients still obey it.
        env.pop("DOCKER_CONTENT_TRUST", None)
        return env

    def connect(self) -> DockerClient:
        """A docker-py client on the workshop's engine; raises `docker.errors.DockerException`."""
        from docker import DockerClient

        return DockerClient(
            base_url=self.settings.get("engine") or os.environ.get("DOCKER_HOST"), timeout=300
        )

    def evidence(self) -> LiveEvidence:
        """What checks can see here."""
        from checks.evidence.live import LiveEvidence

        return LiveEvidence(
            self.workspace,
            self.identity,
            self.hub,
            self.connect,
            former_hubs=self.former_hubs,
            hub_key=self.hub_key,
            docker_config=self.state / "docker-config",
        )


def port_number(text: str) -> int:
    """A TCP port, for argparse; raises `ArgumentTypeError`."""
    try:
        if 1 <= (port := int(text)) <= 65535:
            return port
    except ValueError:
        pass
    raise ArgumentTypeError(f"un nombre entier de 1 à 65535 est attendu, et non « {text} »")


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write `path` whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(data)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
