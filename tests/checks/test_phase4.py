"""What phase 4 reads without running, and the secrets that it keeps out."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks import dockerfile, expressions, phase4, workflow
from checks.evidence.live import LiveEvidence
from checks.evidence.submitted import Recorder, _without_secrets
from checks.identity import Identity
from checks.material import phase4 as material
from checks.outcome import Mistake

LEARNER = Identity("essai", "5ea0b0a7")
SOLUTIONS = Path(__file__).parents[2] / "solutions"


def mistake(function: Callable[[], Any]) -> str:
    """The name of the mistake that `function` raises; "" when it raises none."""
    try:
        function()
    except Mistake as found:
        return found.name
    return ""


LABELS = "LABEL " + " ".join(f"{dockerfile.PREFIX}{key}=x" for key in dockerfile.OCI_LABELS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM debian:12-slim\n{LABELS}\nUSER app\nEXPOSE 80\n", ""),
        (f"ARG V=1.31\nFROM nginx:${{V}}\n{LABELS}\nUSER 101\nEXPOSE 80\n", ""),
        (f"from nginx@sha256:{'a' * 64}\n{LABELS}\nuser 101\nexpose 80\n", ""),
        (f"FROM localhost:5000/cours/socle\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-flottante"),
        (f"FROM alpine:3.18\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-perimee"),
        (f"FROM alpine:3.24\n{LABELS}\nUSER 1\nEXPOSE 80\n", ""),
        (f"FROM ubuntu:focal\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-perimee"),
        (f"FROM debian:12 AS a\n{LABELS}\nUSER 1\nFROM a\nEXPOSE 80\n", ""),
        (f"FROM debian:12\n# {LABELS}\nUSER 1\nEXPOSE 80\n", "labels-absents"),
        (f"FROM debian:12\n{LABELS}\nUSER root:root\nEXPOSE 80\n", "utilisateur-root"),
        (f"FROM debian:12\n{LABELS}\nEXPOSE 80\n", "sans-utilisateur"),
        (f"FROM debian:12\n{LABELS}\nUSER 1\n", "port-non-declare"),
        (f"ARG BASE=busybox:latest\nFROM $BASE\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-flottante"),
        (f"FROM ${{BASE:-busybox}}\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-flottante"),
        (f"ARG HUB\nFROM $HUB/socle:1.2\n{LABELS}\nUSER 1\nEXPOSE 80\n", ""),
        (f"FROM alpine:edge\n{LABELS}\nUSER 1\nEXPOSE 80\n", "base-flottante"),
        (f"FROM debian:12\nARG U=root\n{LABELS}\nUSER $U\nEXPOSE 80\n", "utilisateur-root"),
        (f"FROM debian:12\nARG U=10001\n{LABELS}\nUSER ${{U}}\nEXPOSE 80\n", ""),
        (f"FROM debian:12\n{LABELS.replace('=x', '=')}\nUSER 1\nEXPOSE 80\n", "labels-absents"),
        (f"FROM a:1\nCOPY . .\nRUN rm installer.sh m.txt\n{LABELS}\nUSER 1\nEXPOSE 80\n", ""),
        (f"FROM a:1\nCOPY . .\nRUN install -d -o 1 /x\n{LABELS}\nUSER 1\nEXPOSE 80\n", ""),
        *(
            (
                f"FROM a:1\nCOPY . .\nRUN {run}\n{LABELS}\nUSER 1\nEXPOSE 1\n",
                "code-avant-dependances",
            )
            for run in (
                "./installer.sh",
                "chmod +x i && ./installer.sh",
                "sh -e installer.sh",
                '["./installer.sh"]',
                "A=1 /app/install.sh",
                "sh -c './installer.sh'",
            )
        ),
        (
            f"FROM python:3.13\nCOPY . .\nRUN pip install -r r.txt\n{LABELS}\nUSER 1\nEXPOSE 80\n",
            "code-avant-dependances",
        ),
        (
            "FROM python:3.13\nCOPY r.txt .\nRUN pip install \\\n  # les modules\n  -r r.txt\n"
            f"COPY . .\nRUN <<FIN\npip list\nFIN\n{LABELS}\nUSER 1\nEXPOSE 80\n",
            "",
        ),
    ],
)
def test_dockerfiles(text: str, expected: str) -> None:
    assert mistake(lambda: dockerfile.publishable("D", dockerfile.parse(text))) == expected


def test_a_dockerfile_made_to_be_slow_is_refused() -> None:
    for text in ("RUN \\\n" * 30_000, "RUN " + "--a " * 2000, "FROM a\n" * 20_000):
        assert (
            mistake(lambda text=text: dockerfile.read("D", text.encode())) == "dockerfile-illisible"
        )


@pytest.mark.parametrize("text", ["", "RUN true\n", "FROM\n", "FROM a:1\nDEPUIS b\n", "\0\1\2"])
def test_what_is_no_dockerfile(text: str) -> None:
    assert mistake(lambda: dockerfile.read("D", text.encode())) == "dockerfile-illisible"


def _workflow() -> str:
    script = (SOLUTIONS / "4.12.sh").read_text()
    return script.partition("<<'FIN'\n")[2].rpartition("FIN")[0]


EXAMINE = "      - name: Examiner\n"
NO_EFFECT = "examen-sans-effet"
PROPOSED, NOT_PROPOSED = (
    "github.event_name == 'pull_request'",
    "github.event_name != 'pull_request'",
)
SCAN = f"""{EXAMINE}\
        run: trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed vigie:examen
"""
SPLIT = f"""{SCAN}
  envoi:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with: {{tags: "type=semver,pattern={{{{version}}}}"}}
"""
"""The push in a job of its own, which does not wait for the scan."""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("@v7\n", "@" + "0123456789abcdef" * 2 + "01234567\n", ""),
        ("'pull_request'\n", '"pull_request"\n', ""),
        ("on:\n", "'on':\n", ""),
        ("permissions:\n  contents: read\n", "permissions: {}\n", ""),
        ("permissions:\n  contents: read\n", "permissions: write-all\n", "permissions-trop-larges"),
        ("checkout@v7", "checkout@v4", "action-perimee"),
        ("checkout@v7", "checkout@main", "action-flottante"),
        ("${{ secrets.DOCKER_PAT }}", "dckr_pat_abcdefgh12345678", "secret-en-clair"),
        ("    steps:", "\tsteps:", "yaml-illisible"),
        ("jobs:", "jobs: [", "yaml-illisible"),
        # What comes before the scan, and what it is run with.
        (EXAMINE, "      - run: sudo apt-get install -y trivy\n" + EXAMINE, ""),
        (EXAMINE, "      - run: curl -sfL https://x.example/trivy/install.sh | sh\n" + EXAMINE, ""),
        ("run: trivy", "run: sudo apt-get install -y trivy && trivy", ""),
        (EXAMINE, "      - run: trivy image --format table vigie:examen\n" + EXAMINE, ""),
        ("--exit-code 1 ", "--exit-code=1 ", ""),
        ("run: trivy image", "run: docker run --rm aquasec/trivy:0.70.0 image", ""),
        ("trivy image --exit-code 1", "grype --fail-on high", ""),
        ("trivy image --exit-code 1", "docker scout cves --exit-code", ""),
        ("vigie:examen\n      - name: Se", "vigie:examen || exit 1\n      - name: Se", ""),
        ("vigie:examen\n      - name: Se", "vigie:examen || true\n      - name: Se", NO_EFFECT),
        ("vigie:examen\n      - name: Se", "vigie:examen | cat\n      - name: Se", NO_EFFECT),
        ("trivy image --exit-code 1", "grype", NO_EFFECT),
        ("trivy image --exit-code 1", "docker scout cves", NO_EFFECT),
        (
            "        run: trivy",
            "        continue-on-error: ${{ true }}\n        run: trivy",
            NO_EFFECT,
        ),
        ("        run: trivy", f"        if: {PROPOSED}\n        run: trivy", NO_EFFECT),
        ("        run: trivy", "        if: github.ref_type == 'tag'\n        run: trivy", ""),
        (SCAN, SPLIT, NO_EFFECT),
        (SCAN, SPLIT.replace("  envoi:\n", "  envoi:\n    needs: [image]\n"), ""),
        (
            SCAN,
            SPLIT.replace("  envoi:\n", "  envoi:\n    if: always()\n    needs: image\n"),
            NO_EFFECT,
        ),
        # What is pushed, and when.
        ("    runs-on", f"    if: {NOT_PROPOSED}\n    runs-on", ""),
        (
            f"push: ${{{{ {NOT_PROPOSED} }}}}",
            f"push: ${{{{ {PROPOSED} }}}}",
            "envoi-sur-proposition",
        ),
        (f"push: ${{{{ {NOT_PROPOSED} }}}}", "push: ${{ github.ref_type == 'tag' }}", ""),
        (f"push: ${{{{ {NOT_PROPOSED} }}}}", "push: ${{ github.ref == 'x' }}", "sans-envoi"),
        ("    tags: [", "    branches: [main]\n    tags: [", "envoi-hors-version"),
        ('  push:\n    tags: ["v*.*.*"]\n', "  push:\n", "envoi-hors-version"),
        ('  push:\n    tags: ["v*.*.*"]\n', "  release:\n    types: [published]\n", ""),
        ("${{ steps.meta.outputs.tags }}", "boreale/vigie:latest", "sans-semver"),
        (
            "${{ steps.meta.outputs.tags }}",
            "boreale/vigie:${{ github.ref_name }}",
            "tag-de-branche",
        ),
        ("- id: meta", "- id: autre", "sans-semver"),
        # Rights and secrets.
        ("    runs-on", "    permissions: {contents: read, id-token: write}\n    runs-on", ""),
        (
            "permissions:\n  contents: read\n\njobs:\n",
            "permissions: write-all\njobs:\n  essai:\n    permissions: {}\n",
            "permissions-trop-larges",
        ),
        ("    runs-on", "    env: {HUB_PASSWORD: hunter2-hunter2}\n    runs-on", "secret-en-clair"),
        ("secrets.DOCKER_PAT", "env.JETON", "secret-introuvable"),
        (
            "          password: ${{ secrets.DOCKER_PAT }}",
            "          password: ${{ env.JETON }}\n        env: {JETON: '${{ secrets.PAT }}'}",
            "",
        ),
        (
            "          load: true",
            "          load: true\n          secrets: |\n            a=${{ secrets.GITHUB_TOKEN }}",
            "",
        ),
        (
            "          load: true",
            "          load: true\n          secrets: a=b3c",
            "secret-en-clair",
        ),
    ],
)
def test_workflows(old: str, new: str, expected: str) -> None:
    assert old in _workflow()
    text = _workflow().replace(old, new)
    assert mistake(lambda: workflow.check("w", text)) == expected
    masked = _without_secrets("publish.yml", text.encode()).decode()
    assert mistake(lambda: workflow.check("w", masked)) == expected


def test_odd_workflows_are_never_our_error() -> None:
    odd = ("4", "[1, {a: b}]", "{1: {steps: [{run: 3}]}}", "{a: {needs: a, steps: [{if: {}}]}}",
           "{a: {env: 3, steps: [{uses: docker/build-push-action@v7, with: [x]}]}}")  # fmt: skip
    for jobs in odd:
        for permissions in ("{}", "[a]", "3"):
            text = f"on: [push, pull_request]\npermissions: {permissions}\njobs: {jobs}\n"
            assert mistake(lambda text=text: workflow.check("w", text)), jobs


@pytest.mark.parametrize(
    ("text", "proposal", "version"),
    [
        ("github.event_name != 'pull_request'", False, True),
        ("${{ !startsWith(github.ref, 'refs/tags/v') }}", True, False),
        ("github.ref_type == 'TAG' && !cancelled()", False, True),
        ("github.ref_type == 'tag' || inputs.force", None, True),
        ("github.actor == 'moi' && github.event_name == 'push'", False, None),
        ("(github.head_ref || github.ref_name) == 'v1.2.3'", False, True),
        ("'it''s'", True, True),
        ("fromJSON(x)", None, None),
        ("(" * 900, None, None),
        ("a.b == ", None, None),
        ("true false", None, None),
        (True, True, True),
    ],
)
def test_expressions(text: object, proposal: bool | None, version: bool | None) -> None:
    assert expressions.holds(text, expressions.PROPOSAL) is proposal
    assert expressions.holds(text, expressions.VERSION) is version


def test_a_workflow_made_to_be_slow_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    bomb = "\n".join([*lines, "on: push", "jobs: {a: {steps: [*a9]}}", ""])
    merged = "a: &a {k: v}\n" + "".join(f"b{n}: {{<<: [{'*a, ' * 40}]}}\n" for n in range(90))
    begin = time.monotonic()
    assert mistake(lambda: workflow.check("w", bomb)) == "yaml-illisible"
    assert mistake(lambda: workflow.check("w", merged)) == "pas-un-workflow"
    long = "on: push\njobs:\n  a:\n    steps:\n" + "      - [a, b]\n" * 4000
    assert mistake(lambda: workflow.check("w", long)) == "pas-un-workflow"
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "text",
    [
        "a: [\n",
        "a: 'x\n",
        "{\n",
        "on:\n\tpush\n",
        "- a\n",
        "on: 3\n",
        "on: push\njobs: 4\n",
        "&a [*a]",
        "a: &x [*x]",
    ],
)
def test_odd_yaml_is_never_our_error(text: str) -> None:
    assert mistake(lambda: workflow.check("w", text)) in ("pas-un-workflow", "yaml-illisible")


def test_the_interpreter_of_a_program() -> None:
    assert phase4._interpreter(b"#!/bin/sh -e\necho") == "/bin/sh"
    assert phase4._interpreter(Path("/bin/true").read_bytes()).startswith("/lib")
    assert phase4._interpreter(b"#!\n") == phase4._interpreter(b"") == ""


def test_the_report_has_what_its_exercise_asks() -> None:
    for number in range(200):
        report: Any = material.scan_report(Identity("x", f"{number:08x}"))
        rows = [row for result in report["Results"] for row in result["Vulnerabilities"] or ()]
        named = [row["VulnerabilityID"] for row in rows]
        assert len(set(named)) < len(named), "the same flaw in two packages"
        fixable = [r for r in rows if "FixedVersion" in r]
        assert phase4._flaws(fixable, "HIGH", "CRITICAL") < phase4._flaws(rows, "HIGH", "CRITICAL")


PLANTED = ("dckr_pat_0a1b2c3dPLANTEDplantedPLANTED", "mot-de-passe-PLANTED-2026")


def test_no_secret_travels_in_a_submission(tmp_path: Path) -> None:
    """A token in a script, a notebook and a file; a password in a client's settings."""
    token, password = PLANTED
    work, settings = tmp_path / "travail", tmp_path / "docker"
    (work / "reponses").mkdir(parents=True)
    settings.mkdir()
    (work / "reponses/4.3.json").write_text('{"compte": "pytheas"}')
    (work / "connexion.sh").write_text(f"docker login -u a --password-stdin h <<< {token}\n")
    (work / "fuite.ipynb").write_text(json.dumps({"cells": [token]}))
    (work / ".jeton").write_text(token)
    (work / "poste").mkdir()
    auth = base64.b64encode(f"pytheas:{password}".encode()).decode()
    document = json.dumps({"auths": {"localhost:5000": {"auth": auth}}})
    for folder in (settings, work / "poste"):
        (folder / "config.json").write_text(document)

    def no_engine() -> Any:
        raise AssertionError("no engine is needed")

    live = LiveEvidence(work, LEARNER, "localhost:5000", no_engine, docker_config=settings)
    recorded = Recorder(live)
    assert mistake(lambda: phase4.private_push(recorded)) == "secret-en-clair"
    assert mistake(lambda: phase4.signed_out(recorded)) == "autre-connexion-perdue"
    assert recorded.client_config() is not None
    everything = json.dumps(recorded.document(["4.3", "4.4"])).encode() + b"".join(
        recorded.blobs.values()
    )
    for secret in (*PLANTED, auth, "PLANTED"):
        assert secret.encode() not in everything
    assert b"dckr_pat_xxxx" in everything, "that a token was there stays visible"
