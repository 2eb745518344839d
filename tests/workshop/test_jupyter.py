"""JupyterLab: French, on the right document, never over the learner's work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import quiet
from workshop import jupyter
from workshop.lab import ROOT, Lab

NAME = jupyter.FIRST_NOTEBOOK


@pytest.fixture
def own(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """The lab with a state folder of its own for JupyterLab."""
    own = Lab(tmp_path / "etat", lab.workspace)
    own.settle(engine=str(lab.settings["engine"]), hub=lab.hub, legacy_builder=True)
    yield own
    jupyter.stop(own)


def test_it_opens_on_the_notebook_in_french_and_is_reused(own: Lab) -> None:
    address = jupyter.open_lab(own, port=None, browser=False, say=quiet)
    assert f"/doc/tree/{NAME}?token=" in address
    page = requests.get(address, timeout=30)
    assert page.status_code == 200 and "JupyterLab" in page.text
    base, _, token = address.partition("/doc/tree/")[0], "", address.partition("token=")[2]
    headers = {"Authorization": f"token {token}"}
    plugin = "@jupyterlab/translation-extension:plugin"
    settings = requests.get(f"{base}/lab/api/settings/{plugin}", headers=headers, timeout=30).json()
    assert json.loads(settings["raw"]) == {"locale": "fr_FR"}
    packs = requests.get(f"{base}/lab/api/translations/", headers=headers, timeout=30).json()
    assert "fr_FR" in packs["data"]
    assert requests.get(f"{base}/api/contents/{NAME}", timeout=30).status_code == 403
    assert jupyter.open_lab(own, port=None, browser=False, say=quiet) == address
    assert jupyter.stop(own) and not jupyter.stop(own)


def test_a_port_in_use_gives_the_next_one(own: Lab) -> None:
    import socket

    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        said: list[str] = []
        address = jupyter.open_lab(own, port=port, browser=False, say=said.append)
        assert f":{port}/" not in address
        assert any(str(port) in line for line in said)


def test_an_edited_notebook_is_never_overwritten(lab: Lab) -> None:
    copy = lab.workspace / NAME
    mine = copy.read_text().replace("Vos commandes ici", "Mes commandes")
    copy.write_text(mine)
    said: list[str] = []
    jupyter.copy_notebooks(lab, said.append)
    assert copy.read_text() == mine and said == []
    # A new version of the course: what was delivered before is no longer what the course has.
    ledger = lab.private / "livraisons.json"
    ledger.write_text(json.dumps({NAME: "0" * 64}))
    jupyter.copy_notebooks(lab, said.append)
    assert copy.read_text() == mine
    assert (lab.workspace / "phase-2-save-load.nouveau.ipynb").exists()
    assert "nouvelle version" in said[0]
    jupyter.copy_notebooks(lab, said.append)
    assert len(said) == 1, "said once"


def test_an_untouched_copy_follows_the_course(lab: Lab) -> None:
    (lab.workspace / NAME).unlink()
    said: list[str] = []
    jupyter.copy_notebooks(lab, said.append)
    assert len(said) == 1 and (lab.workspace / NAME).exists()


def test_the_copy_names_the_real_address_of_the_hub(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "etat", tmp_path / "travail")
    lab.workspace.mkdir()
    lab.settle(engine="unix:///x", hub="localhost:5007", legacy_builder=False)
    jupyter.copy_notebooks(lab, quiet)
    text = (lab.workspace / NAME).read_text()
    assert "localhost:5007" in text and "localhost:5000" not in text
    assert "localhost:5000" in (ROOT / "notebooks" / NAME).read_text()
