"""The final project on evidence made up: what each criterion refuses, and what it must not."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest

from checks import project
from checks.evidence import Container, HubEvent, HubState, Image
from checks.evidence.submitted import Recorder
from checks.material import phase4 as base_material
from checks.material import project as material
from checks.material.making import CourseImage, layer, legacy_archive
from tests.checks.fake import LEARNER, Fake, in_registry
from tests.checks.test_phase4 import mistake

REPOSITORY = "localhost:5000/pytheas/houle"
VIGIE = base_material.vigie(LEARNER, base_material.FORMER)
OCI = "org.opencontainers.image."
LABELS = {OCI + "title": "houle", OCI + "version": "2.0.1",
          OCI + "revision": material.revision(LEARNER)}  # fmt: skip
CONFIG = {"User": "10001", "Cmd": ["/opt/houle/houle.sh"], "Labels": LABELS}
MODULES = "libglace 2.2\nlibonde 1.4\n"


def houle(*, modules: str | None = MODULES, based: bool = True) -> CourseImage:
    """The image of the project."""
    files = {"opt/houle/houle.sh": "#!/bin/sh\n"}
    layers = [layer({"bin/busybox": b"x" * 300_000}), *(VIGIE.layers if based else ())]
    layers.append(layer({"opt/houle/modules.txt": "libglace 2.1\n"}))  # corrected further up
    files |= {"opt/houle/modules.txt": modules} if modules is not None else {}
    return CourseImage("station/houle:2.0.1", (*layers, layer(files)), CONFIG)


def done(image: CourseImage | None = None, **report: Any) -> Fake:
    """The whole project, as asked."""
    image = image or houle()
    local = Image("sha256:1", ("station/houle:2.0.1",), image.own_diff_ids, CONFIG)
    told = {"CreatedAt": "2026-11-24T10:00:00Z", "Metadata": {"DiffIDs": local.diff_ids}, **report}
    crate = gzip.compress(legacy_archive(image, [image.name]))
    evidence = Fake({"livraison/rapport-trivy.json": json.dumps(told)}, local=[local])
    evidence.files["livraison/houle-2.0.1.tar.gz"] = crate
    archive = evidence.archive("livraison/houle-2.0.1.tar.gz")
    assert archive is not None
    there = in_registry(local.diff_ids, CONFIG)
    object.__setattr__(there, "config_digest", archive.images[0].config_digest)
    evidence.published = {f"{REPOSITORY}:{tag}": there for tag in project.TAGS}
    evidence.events = [pushed(n, 1795600000.0 + n, tag) for n, tag in enumerate(project.TAGS, 1)]
    evidence.state = HubState(["pytheas"], repositories={"pytheas/houle": {"private": True}})
    evidence.files["reception.txt"] = archive.images[0].config_digest
    evidence.running = [ran("./essai.sh")]
    return evidence.answers("4.3", compte="pytheas")


def pushed(id: int, at: float, tag: str, digest: str = "sha256:" + "0" * 64) -> HubEvent:
    return HubEvent(id, at, "pytheas", "push", "pytheas/houle", tag, digest)


def ran(*command: str, entrypoint: tuple[str, ...] = ()) -> Container:
    return Container("recette", "station/houle:2.0.1", "sha256:1", "exited", 0, command,
                     entrypoint=entrypoint)  # fmt: skip


def test_the_whole_project_passes() -> None:
    evidence = done()
    for check in (project.built_and_examined, project.published, project.packed, project.restored):
        assert mistake(lambda check=check: check(evidence)) == ""


def test_who_publishes_elsewhere_delivers_from_the_workshop_s_hub() -> None:
    evidence = done().answers("4.1", espace="docker.io/jeanne")
    evidence.answers("4.3", compte="jeanne", compte_hub="pytheas")
    assert mistake(lambda: project.published(evidence)) == ""
    assert not any("docker.io" in name for name in evidence.asked)


def test_the_base_is_the_crew_s() -> None:
    evidence = done(houle(based=False))
    assert mistake(lambda: project.built_and_examined(evidence)) == "recette-incomplete"


@pytest.mark.parametrize(
    ("flaw", "expected"),
    [
        ({"VulnerabilityID": "CVE-1", "Severity": "HIGH"}, ""),
        ({"VulnerabilityID": "CVE-1", "Severity": "LOW", "FixedVersion": "2"}, ""),
        ({"VulnerabilityID": "CVE-1", "Severity": "HIGH", "FixedVersion": ""}, ""),
        ({"Severity": "CRITICAL", "FixedVersion": "2"}, "faille-corrigeable"),
        ("odd", ""),
    ],
)  # fmt: skip
def test_no_flaw_that_can_be_mended_is_delivered(flaw: Any, expected: str) -> None:
    evidence = done(Results=[None, {"Vulnerabilities": None}, {"Vulnerabilities": [flaw]}])
    assert mistake(lambda: project.built_and_examined(evidence)) == expected


def test_the_faulty_version_was_never_sent() -> None:
    evidence = done()
    evidence.events.insert(0, pushed(0, 1.0, "2.0.0", "sha256:old"))
    assert mistake(lambda: project.published(evidence)) == "version-fautive-publiee"
    gone = HubEvent(9, 2.0, "pytheas", "delete", "pytheas/houle", "", "sha256:old")
    evidence.events.append(gone)
    assert mistake(lambda: project.published(evidence)) == "", "deleted, it was not delivered"


def test_a_scan_between_two_pushes_stopped_nothing() -> None:
    evidence = done(CreatedAt="2026-11-25T10:00:00Z")
    evidence.events += [pushed(20, 1795800000.0, "2.0.1")]
    assert mistake(lambda: project.published(evidence)) == "examen-apres-envoi"


@pytest.mark.parametrize("modules", [None, "libglace 2.1\n", "libonde 1.4\n", "libglace\n2.2\n"])
def test_the_library_is_really_mended(modules: str | None) -> None:
    evidence = done(houle(modules=modules))
    assert mistake(lambda: project.packed(evidence)) == "faille-toujours-la"


def test_a_library_mended_by_a_later_layer_is_mended() -> None:
    assert mistake(lambda: project.packed(done())) == ""


def crate(sums: str, **files: bytes) -> Fake:
    evidence = done()
    for name, content in files.items():
        evidence.files[f"livraison/{name}"] = content
    for name in ("houle-2.0.1.tar.gz", "rapport-trivy.json"):
        digest = hashlib.sha256(evidence.file(f"livraison/{name}") or b"").hexdigest()
        sums = sums.replace(f"<{name}>", digest)
    evidence.files |= {"livraison/SHA256SUMS": sums, "livraison/SHA256SUMS.asc": "x",
                       "livraison/expediteur.asc": "y"}  # fmt: skip
    return evidence


ARCHIVE, REPORT = "houle-2.0.1.tar.gz", "rapport-trivy.json"
SUMS = f"<{ARCHIVE}>  {ARCHIVE}\n<{REPORT}>  {REPORT}\n"
FINE = "pas-une-signature"
"""The next thing that these crates lack."""


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        (SUMS, FINE),
        (f"SHA256 ({ARCHIVE}) = <{ARCHIVE}>\nSHA256 ({REPORT}) = <{REPORT}>\n", FINE),
        (SUMS.replace("  ", " *./"), FINE),
        (SUMS + "a" * 64 + "  SHA256SUMS\n", "sommes-fausses"),
        (SUMS + "a" * 64 + "  notes.txt\n", "sommes-fausses"),
        (SUMS.replace("  ", "  livraison/"), "sommes-fausses"),
        (f"<{ARCHIVE}>  {ARCHIVE}\n", "sommes-fausses"),
        (SUMS.replace(f"<{REPORT}>", "b" * 64), "sommes-fausses"),
        ("rien\n", "sommes-fausses"),
        ("d" * 32 + f"  {ARCHIVE}\n", "sommes-fausses"),
    ],
)
def test_every_sum_holds(sums: str, expected: str) -> None:
    assert mistake(lambda: project.signed(crate(sums))) == expected


RING = (
    b"Created: 20261124\nKey: (private-key (ecc (curve Ed25519)(flags eddsa)(q #40#)(d #00ff#)))\n"
)
SECRET_PACKET = bytes([0x95, 0, 9]) + b"\x04\x00\x00\x00\x00\x16SEC"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cle-de-signature", SECRET_PACKET),
        ("cle/privee.asc", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nSECRETSECRET\n"),
        (".trousseau/private-keys-v1.d/0A.key", RING),
        ("id", b"-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETSECRET\n"),
    ],
)
def test_no_private_key_is_delivered_nor_handed_in(name: str, content: bytes) -> None:
    evidence = Recorder(crate(SUMS, **{name: content}))
    assert mistake(lambda: project.signed(evidence)) == "cle-privee-livree"
    (kept,) = [evidence.blobs[found] for file, found in evidence._files.items()
               if file.endswith(name) and found]  # fmt: skip
    assert b"SEC" not in kept.replace(b"SECRET KEY", b"") and b"00ff" not in kept
    again = crate(SUMS, **{name: kept})
    assert mistake(lambda: project.signed(again)) == "cle-privee-livree"


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (ran("/opt/houle/essai.sh"), ""),
        (ran(entrypoint=("./essai.sh",)), ""),
        (ran("./essai.sh", entrypoint=("sh", "-e")), ""),
        (ran("sh", "-c", "cd /opt/houle && ./essai.sh"), ""),
        (ran("./essai.sh", entrypoint=("/opt/houle/houle.sh",)), "recette-absente"),
        (ran("env", "A=1", "./essai.sh"), ""),
        (ran("sh", "-c", "set -e; cd /opt/houle; A=1 ./essai.sh"), ""),
        (ran("echo", "essai.sh"), "recette-absente"),
        (ran("sh", "-c", "echo essai.sh"), "recette-absente"),
        (ran("sh"), "recette-absente"),
    ],
)
def test_the_test_was_really_run(container: Container, expected: str) -> None:
    evidence = done()
    evidence.running = [container]
    assert mistake(lambda: project.restored(evidence)) == expected
    assert Container.from_json(json.loads(json.dumps(container.to_json()))) == container
