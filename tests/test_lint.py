"""What the course shows is an example: its Dockerfiles pass hadolint, its workflows the public
schemas of GitHub and GitLab (those that check-jsonschema carries)."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks import material
from publish.markdown import fences
from tests.conftest import LEARNER
from workshop.lab import ROOT

IGNORED = {
    "DL3007": r".*\.md:",  # chapter 1 says why they write busybox:latest
    "DL3008": r"workshop/",  # Debian removes former versions: a pin would break the build
    "DL4006": r"",  # pipes only draw random bytes, under busybox's shell
}
"""Rule → where it may be broken (start of the place)."""

_SCRIPTED = re.compile(
    r"(?:>\s*\S*Dockerfile\S*\s*|\bbuild\b[^\n]*\s-\s*)<<-?\s*(['\"]?)(\w+)\1\n(.*?)\n\2\b",
    re.DOTALL,
)


def scripted(text: str) -> Iterator[str]:
    """The Dockerfiles that a script writes, or gives to a build, as the shell leaves them."""
    for quoted, _, body in _SCRIPTED.findall(text):
        yield body if quoted else body.replace("\\\\", "\\").replace("$base", "busybox:1.35")


def lintable(text: str) -> str:
    """`text` as hadolint can read it: its parser takes no registry host without a dot."""
    text = re.sub(
        r"(?m)^(FROM (?:--\S+ )*)(?:localhost:\d+|\$HUB|\$\{HUB\})/", r"\1hub.example:5000/", text
    )
    return text.rstrip("\n") + "\n"


def dockerfiles() -> dict[str, str]:
    """Every Dockerfile that the course gives as an answer, an example or a supply, by place."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "solutions").glob("*.sh")):
        for number, text in enumerate(scripted(path.read_text())):
            found[f"{path.name}#{number}"] = text
    for path in sorted((ROOT / "chapters").rglob("*.md")):
        for fence in fences(path.read_text(), path.name):
            place = f"{path.name}:{fence.start + 1}"
            if fence.language == "dockerfile":
                found[place] = fence.code
            for text in scripted(fence.code):
                found[place] = text
    for name, data in material.supplies(LEARNER, "localhost:5000", [b""]).items():
        if name.endswith("Dockerfile"):
            found[name] = data.decode()
        elif name.endswith(".tar"):
            try:
                with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                    for member in tar:
                        if member.isfile() and member.name.endswith("Dockerfile"):
                            opened = tar.extractfile(member)
                            assert opened is not None
                            found[f"{name}/{member.name}"] = opened.read().decode()
            except tarfile.TarError:  # damaged on purpose
                continue
    hub = ROOT / "workshop" / "hub" / "Dockerfile"
    return found | {str(hub.relative_to(ROOT)): hub.read_text()}


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="no hadolint for this machine")
def test_dockerfiles_pass_hadolint(tmp_path: Path) -> None:
    places = dockerfiles()
    assert len(places) > 10
    files = {}
    for number, (place, text) in enumerate(places.items()):
        path = tmp_path / f"{number}.Dockerfile"
        path.write_text(lintable(text))
        files[str(path)] = place
    told = subprocess.run(
        ["hadolint", "--format", "json", "--no-fail", *files], capture_output=True, text=True
    )
    problems = {
        (files[found["file"]], found["code"], found["message"])
        for found in json.loads(told.stdout)
        if found["level"] in ("error", "warning")
        and not re.match(IGNORED.get(found["code"], "(?!)"), files[found["file"]])
    }
    assert problems == set()


def workflows(host: str) -> dict[str, str]:
    """The workflows for `host`: of the chapters, of the solutions, and of the project itself."""
    own = {"github": ".github/workflows/*.yml", "gitlab": ".gitlab-ci.yml"}[host]
    found = {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.glob(own)}
    for path in sorted((ROOT / "chapters").rglob("*.md")):
        for fence in fences(path.read_text(), path.name):
            if fence.language == "yaml":
                github = re.search(r"(?m)^\s*runs-on:", fence.code) is not None
                if github == (host == "github"):
                    found[f"{path.name}:{fence.start + 1}"] = fence.code
    solution = {"github": "4.12.sh", "gitlab": "4.17.sh"}[host]
    script = (ROOT / "solutions" / solution).read_text()
    found[solution] = script.partition("<<'FIN'\n")[2].rpartition("FIN")[0]
    return found


@pytest.mark.parametrize(
    ("host", "schema"), [("github", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")]
)
def test_workflows_are_what_their_host_accepts(host: str, schema: str, tmp_path: Path) -> None:
    places = workflows(host)
    assert len(places) >= 2
    files = []
    for number, text in enumerate(places.values()):
        path = tmp_path / f"{number}.yml"
        path.write_text(text)
        files.append(str(path))
    done = subprocess.run(
        ["check-jsonschema", "--builtin-schema", schema, *files], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{list(places)}\n{done.stdout}{done.stderr}"


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="no hadolint for this machine")
def test_a_bad_dockerfile_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM debian\nRUN cd /srv && sudo make\n")
    assert subprocess.run(["hadolint", str(path)], capture_output=True).returncode == 1


def test_a_workflow_with_a_mistake_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "w.yml"
    path.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    étapes: []\n")
    command = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    assert subprocess.run(command, capture_output=True).returncode == 1
