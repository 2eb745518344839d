"""JupyterLab, in French, on the learner's copies of the notebooks."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from checks.outcome import EnvironmentProblem
from checks.typography import french
from workshop import process
from workshop.lab import DEFAULT_HUB, ROOT, Lab, write_atomically

FIRST_PORT, PORTS = 8888, 20
FIRST_NOTEBOOK = "phase-2-save-load.ipynb"
_SETTINGS = {
    "@jupyterlab/translation-extension/plugin": {"locale": "fr_FR"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


def open_lab(lab: Lab, *, port: int | None, browser: bool, say: Callable[[str], None]) -> str:
    """The address of JupyterLab on the first notebook, started if need be.

    Raises `EnvironmentProblem` when it does not start, or when the `port` asked for is taken.
    """
    folder = lab.state / "jupyter"
    with process.lock(folder / "lock"):
        address = _running_address(folder)
        if address is None:
            address = _start(lab, folder, port, say)
    if browser:
        import webbrowser

        webbrowser.open(address)
    return address


def stop(lab: Lab) -> bool:
    """Stop JupyterLab and its kernels; returns whether it was running."""
    return process.stop(lab.state / "jupyter" / "atelier.pid")


def copy_notebooks(lab: Lab, say: Callable[[str], None]) -> None:
    """Give the learner a copy of every notebook, without ever overwriting one they edited.

    A newer version of the course arrives beside an edited copy, as `….nouveau.ipynb`. Raises
    `EnvironmentProblem` when the workspace cannot be written.
    """
    ledger = lab.private / "livraisons.json"
    try:
        delivered = json.loads(ledger.read_text()) if ledger.exists() else {}
    except ValueError:
        delivered = {}  # unreadable: every copy counts as edited, nothing is overwritten
    before = dict(delivered)
    try:
        for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
            content = source.read_bytes().replace(DEFAULT_HUB.encode(), lab.hub.encode())
            digest = hashlib.sha256(content).hexdigest()
            if delivered.get(source.name) == digest and (lab.workspace / source.name).exists():
                continue
            target = lab.workspace / source.name
            if target.exists():
                current = hashlib.sha256(target.read_bytes()).hexdigest()
                if current not in (delivered.get(source.name), digest):
                    target = target.with_suffix(".nouveau.ipynb")
                    say(
                        f"Le cours a une nouvelle version de {source.name} : elle est à côté de la "
                        f"vôtre, sous le nom {target.name}."
                    )
            else:
                say(f"Notebook déposé : {target.name}")
            write_atomically(target, content)
            delivered[source.name] = digest
        if delivered != before:
            ledger.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(ledger, json.dumps(delivered).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire les notebooks dans {lab.workspace} ({error.strerror}). Libérez "
            "de la place ou rendez ce dossier inscriptible."
        ) from error


def _start(lab: Lab, folder: Path, port: int | None, say: Callable[[str], None]) -> str:
    port = _free_port(port, say)
    token = secrets.token_hex(16)
    for name, settings in _SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings))
    # Loaded in every kernel: a learner who starts in the middle of a notebook finds its words.
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_config.py").write_text(
        'c.InteractiveShellApp.extensions = ["workshop.notebook"]\n'
    )
    server = {"port": port, "token": token}
    write_atomically(folder / "serveur.json", json.dumps(server).encode(), mode=0o600)
    say("Démarrage de JupyterLab…")
    process.start(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", f"--ServerApp.root_dir={lab.workspace}",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ],
        pidfile=folder / "atelier.pid",
        log=folder / "jupyter.log",
        ready=lambda: _answers(port, token),
        timeout=90,
        env=_environment(lab, folder, token),
        cwd=lab.workspace,
    )  # fmt: skip
    return _address(port, token)


def _environment(lab: Lab, folder: Path, token: str) -> dict[str, str]:
    """Nothing of the user's own Jupyter leaks in, nothing of ours leaks out."""
    env = lab.environment()
    for name in list(env):
        if name.startswith(("JUPYTER", "IPYTHON")):
            del env[name]
    paths = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    env |= {name: str(folder / path) for name, path in paths.items()}
    env["JUPYTER_TOKEN"] = token  # not on the command line, where others could read it
    env["PYTHONPATH"] = str(ROOT)
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    return env


def _running_address(folder: Path) -> str | None:
    if process.running(folder / "atelier.pid") is None:
        return None
    try:
        server = json.loads((folder / "serveur.json").read_text())
        port, token = int(server["port"]), str(server["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _address(port, token) if _answers(port, token) else None


def _address(port: int, token: str) -> str:
    return f"http://localhost:{port}/doc/tree/{FIRST_NOTEBOOK}?token={token}"


def _answers(port: int, token: str) -> bool:
    try:
        url = f"http://localhost:{port}/api/status"
        return requests.get(url, headers={"Authorization": f"token {token}"}, timeout=2).ok
    except requests.RequestException:
        return False


def _free_port(wanted: int | None, say: Callable[[str], None]) -> int:
    first = wanted or FIRST_PORT
    for port in range(first, first + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
        if port != first:
            say(french(f"Le port {first} est occupé : JupyterLab prend le port {port}."))
        return port
    raise EnvironmentProblem(
        f"Aucun port libre à partir de {first} pour JupyterLab : choisissez-en un avec `--port`."
    )
