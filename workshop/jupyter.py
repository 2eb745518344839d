"""JupyterLab on the workspace: started once, in French, apart from the user's own Jupyter."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import secrets
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.outcome import EnvironmentProblem, reason
from workshop import process
from workshop.lab import DEFAULT_HUB, ROOT, Lab, write_atomically

Say = Callable[[str], None]

PORT = 8888
STARTUP = 60.0
"""Seconds that JupyterLab may take to answer."""

_SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/translation-extension:plugin": {"locale": "fr_FR"},
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/notebook-extension:tracker": {
        "codeCellConfig": {"lineWrap": True}, "windowingMode": "none", "recordTiming": False,
        "autoStartDefaultKernel": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 30},
    "@jupyterlab/completer-extension:manager": {"autoCompletion": False},
}  # fmt: skip
"""What JupyterLab does by default here; the learner can change all of it in its own menus."""

_HIDDEN = (
    "nbdime-jupyterlab",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension",
)
"""Parts of JupyterLab that serve nobody here."""


# --- the server -----------------------------------------------------------------------------


def open_lab(lab: Lab, *, port: int | None, browser: bool, say: Say) -> str:
    """Start JupyterLab on the workspace, or find the one that runs; returns its address.

    `port` is the one wished for (8888 when None); the next free one is taken, and said. Raises
    `EnvironmentProblem` when JupyterLab does not start.
    """
    folder = lab.state / "jupyter"
    try:
        with process.lock(folder / "verrou"):
            server = _running(lab)
            if server is None:
                say("JupyterLab démarre.")
                server = _start(lab, _free_port(port, say))
            elif port not in (None, server["port"]):
                say(f"JupyterLab est déjà ouvert sur le port {server['port']}.")
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place ou rendez "
            "ce dossier inscriptible."
        ) from error
    address = f"{server['url']}{_page(lab)}?token={server['token']}"
    if browser and not webbrowser.open(address):
        say("Aucun navigateur n'a pu être ouvert : ouvrez vous-même l'adresse ci-dessous.")
    return address


def stop(lab: Lab) -> bool:
    """Stop JupyterLab and its kernels; returns whether it was running."""
    return process.stop(_pidfile(lab))


def _pidfile(lab: Lab) -> Path:
    return lab.state / "jupyter" / "jupyter.pid"


def _start(lab: Lab, port: int) -> dict[str, Any]:
    folder = lab.state / "jupyter"
    _write_settings(folder)
    lab.workspace.mkdir(parents=True, exist_ok=True)
    argv = [
        sys.executable, "-m", "jupyterlab",
        "--no-browser",
        f"--ServerApp.root_dir={lab.workspace}",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        f"--LabApp.app_settings_dir={folder / 'reglages'}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # Without a word on it, a login shell: it would take the workshop's PATH away.
        "--ServerApp.terminado_settings=shell_command=bash",
        f"--LabApp.extra_labextensions_path={ROOT / 'workshop' / 'labextension'}",
    ]  # fmt: skip
    if os.geteuid() == 0:
        argv.append("--allow-root")
    process.start(
        argv,
        pidfile=_pidfile(lab),
        log=folder / "jupyter.log",
        ready=lambda: _running(lab) is not None,
        timeout=STARTUP,
        env=_environment(lab),
        cwd=lab.workspace,
    )
    server = _running(lab)
    if server is None:
        raise EnvironmentProblem("JupyterLab s'est arrêté aussitôt démarré.")
    return server


def _environment(lab: Lab) -> dict[str, str]:
    """The learner's environment, without anything of a Jupyter or a Python of their own."""
    env = {
        name: value
        for name, value in lab.environment().items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "PYTHON"))
    }
    folder = lab.state / "jupyter"
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    env |= {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "donnees"),
        "JUPYTER_RUNTIME_DIR": str(folder / "execution"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "preferences"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "espaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_TOKEN": secrets.token_urlsafe(24),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONNOUSERSITE": "1",  # else ~/.local/etc/jupyter would be read
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }
    return env


def _write_settings(folder: Path) -> None:
    """Our defaults for JupyterLab and its kernels, in folders of ours: the venv stays as it is."""
    settings = folder / "reglages"
    settings.mkdir(parents=True, exist_ok=True)
    write_atomically(settings / "overrides.json", json.dumps(_SETTINGS, indent=2).encode())
    # A learner who starts in the middle of a notebook finds its functions all the same.
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    line = 'c.InteractiveShellApp.extensions = ["workshop.notebook"]\n'
    write_atomically(profile / "ipython_config.py", line.encode())
    hidden = {"disabledExtensions": dict.fromkeys(_HIDDEN, True)}
    write_atomically(settings / "page_config.json", json.dumps(hidden, indent=2).encode())


def _running(lab: Lab) -> dict[str, Any] | None:
    """What our server says of itself (`jpserver-<pid>.json`), when it answers."""
    pid = process.running(_pidfile(lab))
    path = lab.state / "jupyter" / "execution" / f"jpserver-{pid}.json"
    try:
        server = json.loads(path.read_text())
        # Straight to our server: urllib would obey the proxy of the environment.
        connection = http.client.HTTPConnection("127.0.0.1", int(server["port"]), timeout=5)
        with contextlib.closing(connection):
            connection.request(
                "GET", "/api/status", headers={"Authorization": f"token {server['token']}"}
            )
            return dict(server) if connection.getresponse().status == 200 else None
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None


def _free_port(wished: int | None, say: Say) -> int:
    first = wished or PORT
    for port in range(first, min(first + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != first:
            say(f"Le port {first} est occupé : JupyterLab prend le port {port}.")
        return port
    raise EnvironmentProblem(f"Aucun port libre à partir de {first}. Choisissez-en un : `--port`.")


def _page(lab: Lab) -> str:
    """The calm page of one document, for the first notebook there is."""
    names = [name for name in _course() if (lab.workspace / name).exists()]
    return f"doc/tree/{min(names)}" if names else "lab"


# --- the notebooks --------------------------------------------------------------------------


def copy_notebooks(lab: Lab, say: Say) -> None:
    """Put the course's notebooks in the workspace, and never write over one that was edited.

    A new version of an edited notebook arrives beside it. `livraisons.json` keeps the sha256 of
    what was delivered: {name: {"original": of the course's version, "files": {file: sha256}}}.
    """
    record = lab.private / "livraisons.json"
    deliveries = _read(record)
    try:
        lab.private.mkdir(parents=True, exist_ok=True)
        for name, content in _course().items():
            content = content.replace(DEFAULT_HUB.encode(), lab.hub.encode())
            delivery = deliveries.setdefault(name, {"original": "", "files": {}})
            if _sha256(content) == delivery["original"] and (lab.workspace / name).exists():
                continue
            target = _target(lab.workspace, name, content, delivery["files"])
            if target.name != name:
                say(
                    f"Une nouvelle version de `{name}` est arrivée : comme vous avez modifié la "
                    f"vôtre, elle est à côté, dans `{target.name}`."
                )
            elif target.exists() and target.read_bytes() != content:
                say(f"Notebook mis à jour : {name}")
            elif not target.exists():
                say(f"Notebook déposé : {name}")
            write_atomically(target, content)
            delivery["original"] = _sha256(content)
            delivery["files"][target.name] = _sha256(content)
            write_atomically(record, json.dumps(deliveries, indent=2).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {lab.workspace} ({reason(error)}). Libérez de la place ou "
            "rendez ce dossier inscriptible, puis relancez `./atelier preparer`."
        ) from error


def _course() -> dict[str, bytes]:
    """The course's notebooks: name → content."""
    return {path.name: path.read_bytes() for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def _target(workspace: Path, name: str, content: bytes, delivered: dict[str, str]) -> Path:
    """Where to write: the first of `name`, `….nouveau`, `….nouveau-2`… that holds nothing of the
    learner's."""
    stem = name.removesuffix(".ipynb")
    names = [name, f"{stem}.nouveau.ipynb", *(f"{stem}.nouveau-{n}.ipynb" for n in range(2, 1000))]
    for path in map(workspace.joinpath, names):
        if not path.exists():
            return path
        if _sha256(path.read_bytes()) in (delivered.get(path.name), _sha256(content)):
            return path
    raise EnvironmentProblem(f"Trop de copies de `{name}` : rangez votre dossier de travail.")


def _read(path: Path) -> dict[str, Any]:
    """The record of deliveries; what is lost or damaged makes every copy count as edited."""
    try:
        document = json.loads(path.read_text())
        return {name: {"original": d["original"], "files": dict(d["files"])}
                for name, d in document.items()}  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
