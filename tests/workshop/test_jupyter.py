"""JupyterLab: French, quiet, on the right document, apart from the user's own, never over work."""

from __future__ import annotations

import json
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from checks.outcome import EnvironmentProblem
from workshop import jupyter, process
from workshop.lab import ROOT, Lab

NAME = "phase-2-save-load.ipynb"
BESIDE = "phase-2-save-load.nouveau.ipynb"


class Said(list[str]):
    """A `say` that remembers."""

    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def say() -> Said:
    return Said()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Lab]:
    """A workshop without an engine: JupyterLab needs none."""
    place = Lab(tmp_path / "état", tmp_path / "travail à moi")
    place.settle(engine="unix:///nulle/part.sock", hub="localhost:5007", legacy_builder=False)
    place.workspace.mkdir()
    yield place
    jupyter.stop(place)


def get(address: str, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"token {token}"} if token else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def settings(base: str, plugin: str, token: str) -> dict[str, Any]:
    answer = json.loads(get(f"{base}/lab/api/settings/{plugin}", token)[1])
    return {name: p["default"] for name, p in answer["schema"]["properties"].items()}


def test_it_opens_in_french_on_the_notebook(
    place: Lab, say: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs = tmp_path / "leur-jupyter"
    theirs.mkdir()
    (theirs / "jupyter_server_config.json").write_text('{"ServerApp": {"base_url": "/chez-eux"}}')
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(theirs))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(theirs))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    jupyter.copy_notebooks(place, say)
    address = jupyter.open_lab(place, port=None, browser=False, say=say)
    base, token = address.partition("/doc/")[0], address.partition("token=")[2]
    assert "/doc/tree/phase-1-comprendre.ipynb?token=" in address and "chez-eux" not in address
    assert get(address)[0] == 200
    assert get(f"{base}/api/contents/{NAME}")[0] == 403, "nothing without the token"
    assert get(f"{base}/api/contents/{NAME}", token)[0] == 200
    locale = settings(base, "@jupyterlab/translation-extension:plugin", token)
    assert locale["locale"] == "fr_FR"
    news = settings(base, "@jupyterlab/apputils-extension:notification", token)
    assert (news["fetchNews"], news["checkForUpdates"]) == ("false", False)
    assert "fr_FR" in json.loads(get(f"{base}/lab/api/translations", token)[1])["data"]
    pid = process.running(place.state / "jupyter" / "jupyter.pid")
    command = Path(f"/proc/{pid}/cmdline").read_text()
    assert token not in command, "others could read it there"

    again = jupyter.open_lab(place, port=1, browser=False, say=say)
    assert again == address and "déjà ouvert" in say[-1]
    assert process.running(place.state / "jupyter" / "jupyter.pid") == pid
    assert jupyter.stop(place)
    assert not jupyter.stop(place)
    assert not Path(f"/proc/{pid}").exists()


IN_A_TERMINAL = """async ([base, token, line, last]) => {
    const headers = {Authorization: `token ${token}`};
    const made = await fetch(`${base}/api/terminals`, {method: "POST", headers});
    const {name} = await made.json();
    const way = `${base.replace("http", "ws")}/terminals/websocket/${name}?token=${token}`;
    const socket = new WebSocket(way);
    socket.onopen = () => socket.send(JSON.stringify(["stdin", line]));
    let said = "";
    return new Promise((done) => {
        socket.onmessage = (message) => {
            const [kind, text] = JSON.parse(message.data);
            said += kind === "stdout" ? text : "";
            if (said.includes(last)) done(said);
        };
        setTimeout(() => done(said), 60000);
    });
}"""


def test_its_terminals_have_the_workshop_s_environment(
    place: Lab, say: Said, browser: Browser
) -> None:
    """As the notebooks promise: the command, the engine, the workspace, with nothing to type."""
    address = jupyter.open_lab(place, port=None, browser=False, say=say)
    base, token = address.partition("/lab?")[0], address.partition("token=")[2]
    page = browser.new_page()
    page.goto(address)
    line = 'command -v atelier; echo "$DOCKER_HOST in $PWD, e""nd"\r'
    said = page.evaluate(IN_A_TERMINAL, [base, token, line, ", end"])
    page.close()
    assert str(ROOT / "atelier") in said
    assert f"unix:///nulle/part.sock in {place.workspace}, end" in said


def test_terminal_cells_are_coloured_as_shell(place: Lab, say: Said, browser: Browser) -> None:
    sources = {"%%terminal\nls | wc -l": "shell", "x = 1": "python"}
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "source": source,
         "execution_count": None}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (place.workspace / "phase-1-comprendre.ipynb").write_text(json.dumps(notebook))
    page = browser.new_page()
    page.goto(jupyter.open_lab(place, port=None, browser=False, say=say))
    page.wait_for_selector(".jp-NotebookPanel [data-status=idle]", timeout=60_000)
    first = page.locator(".jp-CodeCell .cm-content").first
    page.wait_for_selector(".jp-CodeCell .cm-content[data-language=shell]")
    page.wait_for_selector(".jp-CodeCell .cm-content[data-language=python]")
    found = page.locator(".jp-CodeCell .cm-content")
    assert [cell.get_attribute("data-language") for cell in found.all()] == list(sources.values())
    first.fill("y = 2")  # a cell that is no longer for the terminal
    page.wait_for_selector(".jp-CodeCell:first-child .cm-content[data-language=python]")
    page.close()


def test_a_port_in_use_gives_the_next_one(place: Lab, say: Said) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        address = jupyter.open_lab(place, port=port, browser=False, say=say)
    assert f":{port}/" not in address
    assert any(f"Le port {port} est occupé" in line for line in say)
    assert get(address)[0] == 200


def test_what_cannot_start_is_said(place: Lab, say: Said) -> None:
    (place.state / "jupyter").write_text("")
    with pytest.raises(EnvironmentProblem, match="Impossible d'écrire"):
        jupyter.open_lab(place, port=None, browser=False, say=say)
    (place.state / "jupyter").unlink()


# --- copies ---------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one notebook that the test may change."""
    root = tmp_path / "cours"
    (root / "notebooks").mkdir(parents=True)
    monkeypatch.setattr(jupyter, "ROOT", root)
    notebook = root / "notebooks" / NAME
    notebook.write_text("version 1, hub localhost:5000")
    return notebook


def test_copies_name_the_hub_and_are_made_once(place: Lab, course: Path, say: Said) -> None:
    jupyter.copy_notebooks(place, say)
    jupyter.copy_notebooks(place, say)
    assert (place.workspace / NAME).read_text() == "version 1, hub localhost:5007"
    assert course.read_text() == "version 1, hub localhost:5000"
    assert say == [f"Notebook déposé : {NAME}"]


def test_an_untouched_copy_follows_the_course(place: Lab, course: Path, say: Said) -> None:
    jupyter.copy_notebooks(place, say)
    course.write_text("version 2")
    jupyter.copy_notebooks(place, say)
    assert (place.workspace / NAME).read_text() == "version 2"
    assert say[1:] == [f"Notebook mis à jour : {NAME}"]


def test_an_edited_copy_is_never_written_over(place: Lab, course: Path, say: Said) -> None:
    jupyter.copy_notebooks(place, say)
    mine, beside = place.workspace / NAME, place.workspace / BESIDE
    mine.write_text("mon travail")
    jupyter.copy_notebooks(place, say)
    assert not beside.exists() and len(say) == 1, "the course has not changed"
    course.write_text("version 2")
    jupyter.copy_notebooks(place, say)
    jupyter.copy_notebooks(place, say)
    assert (mine.read_text(), beside.read_text()) == ("mon travail", "version 2")
    assert len(say) == 2 and BESIDE in say[1], "said once"
    course.write_text("version 3")
    jupyter.copy_notebooks(place, say)
    assert beside.read_text() == "version 3"
    beside.write_text("mon travail aussi")
    course.write_text("version 4")
    jupyter.copy_notebooks(place, say)
    assert (mine.read_text(), beside.read_text()) == ("mon travail", "mon travail aussi")
    assert (place.workspace / "phase-2-save-load.nouveau-2.ipynb").read_text() == "version 4"


@pytest.mark.parametrize("record", ["", "[]", "pas du JSON", f'{{"{NAME}": 1}}'])
def test_a_lost_record_loses_no_work(place: Lab, course: Path, say: Said, record: str) -> None:
    jupyter.copy_notebooks(place, say)
    (place.workspace / NAME).write_text("mon travail")
    (place.private / "livraisons.json").write_text(record)
    jupyter.copy_notebooks(place, say)
    assert (place.workspace / NAME).read_text() == "mon travail"
    assert (place.workspace / BESIDE).exists()


def test_a_deleted_copy_comes_back(place: Lab, course: Path, say: Said) -> None:
    jupyter.copy_notebooks(place, say)
    (place.workspace / NAME).unlink()
    jupyter.copy_notebooks(place, say)
    assert (place.workspace / NAME).exists()


def test_a_workspace_that_cannot_be_written_is_said(place: Lab, course: Path, say: Said) -> None:
    place.workspace.rmdir()
    place.workspace.write_text("un fichier à la place du dossier")
    with pytest.raises(EnvironmentProblem, match="Impossible d'écrire"):
        jupyter.copy_notebooks(place, say)
    place.workspace.unlink()


def test_files_of_ours_are_readable_by_the_learner_only(place: Lab, say: Said) -> None:
    jupyter.open_lab(place, port=None, browser=False, say=say)
    (server,) = (place.state / "jupyter" / "execution").glob("jpserver-*[0-9].json")
    assert stat.S_IMODE(server.stat().st_mode) & 0o077 == 0
