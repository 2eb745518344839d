"""Containers, volumes and histories as evidence: live, recorded and submitted say the same."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from checks.archives import BytesSource, open_archive
from checks.evidence import Evidence, Mount
from checks.evidence.submitted import BODY_LIMIT, WHOLE_LIMIT, Recorder, SubmittedEvidence
from checks.outcome import EnvironmentProblem
from tests.conftest import run_script
from workshop.lab import Lab

SCENE = """set -e
docker create --name boite --label couleur=bleu -v coffre:/coffre busybox sh -c 'exit 4'
printf 'au nord\\n' > mot
chmod 640 mot
tar -c --owner=1207 --group=1207 mot | docker cp - boite:/coffre
docker start -a boite || true
docker commit -m 'un message' boite boite:figee
docker export -o boite.tar boite
"""


@pytest.fixture
def three(lab: Lab) -> Callable[[Callable[[Evidence], Any]], list[Any]]:
    """Asks a question of live evidence, of a recorder, and of what it recorded."""
    code, output = run_script(lab, SCENE)
    assert code == 0, output

    def ask(question: Callable[[Evidence], Any]) -> list[Any]:
        recorder = Recorder(lab.evidence())
        answers = [question(lab.evidence()), question(recorder)]
        blobs = recorder.blobs
        answers.append(question(SubmittedEvidence(recorder.document([]), blobs.__getitem__)))
        return answers

    return ask


def test_a_container_tells_its_command_labels_and_mounts(three: Any) -> None:
    for (container,) in three(lambda e: [c for c in e.containers() if c.name == "boite"]):
        assert container.command == ("sh", "-c", "exit 4")
        assert container.labels["couleur"] == "bleu"
        assert container.mounts == (Mount("volume", "coffre", "/coffre"),)
        assert (container.status, container.exit_code) == ("exited", 4)


def test_a_volume_is_read_through_a_stopped_container(three: Any) -> None:
    def question(evidence: Evidence) -> Any:
        tree = evidence.tree("boite", "/coffre")
        assert tree is not None
        member = tree.members["coffre/mot"]
        return tree.read("coffre/mot"), member.uid, member.mode & 0o777

    assert three(question) == [(b"au nord\n", 1207, 0o640)] * 3
    assert three(lambda e: e.tree("boite", "/rien")) == [None] * 3
    assert three(lambda e: e.tree("personne", "/")) == [None] * 3


def test_looking_at_a_volume_changes_nothing(three: Any, lab: Lab) -> None:
    def engine() -> Any:
        api = lab.connect().api
        containers = [(row["Id"], row["State"]) for row in api.containers(all=True)]
        return containers, [row["Name"] for row in api.volumes()["Volumes"]], len(api.images())

    before = engine()
    three(lambda e: e.tree("boite", "/coffre"))
    assert engine() == before


def test_volumes_and_histories(three: Any) -> None:
    assert three(lambda e: e.volumes()) == [["coffre"]] * 3
    for steps in three(lambda e: e.history("boite:figee")):
        assert len(steps) == 2 and steps[-1].comment == "un message"
    assert three(lambda e: e.history("rien:1")) == [[]] * 3


def test_an_exported_container_travels_without_its_large_files(three: Any, lab: Lab) -> None:
    recorder = Recorder(lab.evidence())
    whole = recorder.archive("boite.tar")
    assert whole is not None and whole.size > WHOLE_LIMIT
    assert all(len(data) < BODY_LIMIT for data in recorder.blobs.values())
    sent = SubmittedEvidence(recorder.document([]), recorder.blobs.__getitem__).archive("boite.tar")
    assert sent is not None and sent.kind == whole.kind == "rootfs"
    assert list(sent.members) == list(whole.members)
    assert sent.content_sha256 == whole.content_sha256
    assert sent.read("etc/passwd") == whole.read("etc/passwd")
    large = max(whole.members.values(), key=lambda member: member.size)
    assert sent.digests(large.name).sha256 == whole.digests(large.name).sha256


def test_what_was_not_recorded_is_nobody_s_fault() -> None:
    document = {"identity": {"pseudonym": "x", "id": "00000000"}, "hub": "localhost:5000"}
    empty = SubmittedEvidence(document, {}.__getitem__)
    for question in (
        lambda: empty.tree("boite", "/"),
        lambda: empty.history("x"),
        lambda: empty.volumes(),
    ):
        with pytest.raises(EnvironmentProblem):
            question()


def test_a_tree_is_an_archive_like_any_other() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo("coffre/mot")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"mot"))
    assert open_archive(BytesSource(buffer.getvalue()[:512])).structure_problems


@pytest.mark.parametrize("name", ["léa/x:1", "mon compte/x:1", "lea@exemple.fr/x:1", "X:1"])
def test_a_name_that_no_image_may_have_is_no_image(three: Any, name: str) -> None:
    assert three(lambda e: e.image(name)) == [None] * 3
    assert three(lambda e: e.history(name)) == [[]] * 3
