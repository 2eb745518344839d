"""Phase 4 on evidence made up: strangers, other registries, what a refusal proves."""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
from typing import Any

import pytest

from checks import phase4
from checks.evidence import ClientConfig, HubEvent, HubState
from checks.material import phase4 as material
from checks.material.making import CourseImage, layer, legacy_archive
from tests.checks.fake import LEARNER, Fake, in_registry
from tests.checks.test_phase4 import mistake

GLACES = "localhost:5000/boreale/glaces"


def shared() -> Fake:
    """4.15, done as asked, with a second reader and a stranger."""
    log = material.internal_log(LEARNER)
    teams: dict[str, Any] = {
        "lecteurs": {"members": ["nansen", "fram"], "grants": {"boreale/glaces": "read"}},
        "redacteurs": {"members": ["amundsen"], "grants": {"boreale/glaces": "write"}},
        "autres": {"members": ["rasmussen"], "grants": {}},
    }
    people = ["amundsen", "fram", "nansen", "pytheas", "rasmussen", "sverdrup"]
    evidence = Fake(
        published={f"{GLACES}:1": in_registry(log.own_diff_ids, log.config)},
        rights={(GLACES, "nansen"): {"pull"}, (GLACES, "fram"): {"pull"},
                (GLACES, "amundsen"): {"pull", "push"}, (GLACES, "pytheas"): {"pull", "delete"}},
        state=HubState(people, {"boreale": {"owners": ["pytheas"], "teams": teams}}),
    )  # fmt: skip
    evidence.answers("4.3", compte="pytheas")
    return evidence.answers("4.15", organisation="boreale", lecteur="nansen", redacteur="amundsen")


def test_sharing_as_asked() -> None:
    assert mistake(lambda: phase4.shared(shared())) == ""


@pytest.mark.parametrize(
    ("name", "rights"),
    [("rasmussen", {"pull", "push", "delete"}), ("sverdrup", {"pull"}), ("fram", {"pull", "push"})],
)
def test_nobody_else_may_come_in(name: str, rights: set[str]) -> None:
    evidence = shared()
    evidence.rights[GLACES, name] = rights
    assert mistake(lambda: phase4.shared(evidence)) == "acces-de-trop"


def test_a_large_hub_is_tried_within_bounds() -> None:
    evidence = shared()
    evidence.state.accounts.extend(f"eleve-{number:03}" for number in range(500))
    evidence.rights[GLACES, "eleve-499"] = {"pull"}
    team = evidence.state.organisations["boreale"]["teams"]["autres"]
    team["members"].append("eleve-499")
    assert mistake(lambda: phase4.shared(evidence)) == "acces-de-trop"


@pytest.mark.parametrize("here", ["pytheas", "jeanne"])
def test_who_publishes_elsewhere_shares_and_revokes_on_the_workshop_s_hub(here: str) -> None:
    evidence = shared().answers("4.1", espace="docker.io/jeanne")
    evidence.answers("4.3", compte="jeanne", compte_hub=here if here != "jeanne" else "")
    assert phase4.account_home(evidence) == "docker.io/jeanne"
    assert mistake(lambda: phase4.shared(evidence)) == ""
    assert not any("docker.io" in name for name in evidence.asked)
    told = {"name": "robot-meteo", "account": here, "id": "a", "created": 1.0, "revoked": True}
    fresh = {"name": "robot-meteo-2", "account": here, "id": "b", "created": 3.0, "revoked": False,
             "scope": "read", "expires": 9.0, "last_used": 4.0}  # fmt: skip
    evidence.state.tokens.extend([told, fresh])
    evidence.events = [HubEvent(1, 2.0, here, "login-refused", detail={"token": "a"})]
    assert mistake(lambda: phase4.revoked(evidence)) == ""
    # Another token was revoked, or a wrong password typed: nothing is proven of this one.
    evidence.events = [HubEvent(1, 2.0, here, "login-refused", detail={"token": "z"}),
                       HubEvent(2, 2.5, here, "login-refused")]  # fmt: skip
    assert mistake(lambda: phase4.revoked(evidence)) == "refus-non-constate"


def test_a_session_on_docker_hub_has_another_name_in_the_client_s_settings() -> None:
    evidence = Fake(settings={"": ClientConfig({material.DOCKER_HUB_KEY: "jeanne"})})
    assert phase4.session(evidence, "docker.io") == "jeanne"
    assert phase4.session(evidence, "localhost:5000") == ""


def test_a_refusal_to_nobody_proves_nothing() -> None:
    vigie = material.vigie(LEARNER, material.FORMER)
    evidence = Fake(
        {"refus.txt": phase4.REFUSALS[0]},
        published={"localhost:5000/pytheas/vigie:1.4.1": in_registry(
            ("sha256:base", *vigie.own_diff_ids), vigie.config)},
        state=HubState(["pytheas"]),
        events=[HubEvent(1, 1.0, None, "denied", phase4.FOREIGN)],
    ).answers("4.3", compte="pytheas")  # fmt: skip
    assert mistake(lambda: phase4.denied(evidence)) == "jamais-tentee"
    evidence.events.append(HubEvent(2, 2.0, "pytheas", "denied", phase4.FOREIGN))
    assert mistake(lambda: phase4.denied(evidence)) == ""


@pytest.mark.parametrize("emptied", [material.STATION, material.DOCKER_HUB_KEY])
def test_an_emptied_session_is_lost(emptied: str) -> None:
    logins = {material.STATION: material.station_account(LEARNER), material.DOCKER_HUB_KEY: "x"}
    helpers = {material.SHIPOWNER: "secretservice"}
    evidence = Fake().answers("4.4", ecriture="Base64", compte=logins[material.STATION])
    evidence.settings[phase4.POSTE] = ClientConfig(logins, helpers=helpers)
    assert mistake(lambda: phase4.signed_out(evidence)) == ""
    logins[emptied] = ""
    assert mistake(lambda: phase4.signed_out(evidence)) == "autre-connexion-perdue"


RECIPE = """FROM busybox:1.35 AS chantier
RUN awk -f tracer.awk sondages.csv > /carte.txt
FROM busybox:1.35
COPY --from=chantier /carte.txt /srv/carte.txt
COPY afficher.sh /usr/local/bin/
"""
SHOW = "usr/local/bin/afficher.sh"
CHART = {"srv/carte.txt": material.chart_result(LEARNER)}


def chart(config: dict[str, Any], files: dict[str, str], mode: int = 0o755, copies: int = 1) -> str:
    """What 4.10 thinks of an image that holds `files`."""
    base = layer({"bin/busybox": b"x" * 300_000})
    image = CourseImage(
        "carte:1", (base, layer(CHART), layer(files, mode=mode)), config, on_busybox=False
    )
    data = legacy_archive(image, [image.name])
    if copies > 1:
        other = dataclasses.replace(image, name="autre:1", config={"Cmd": ["sh"]})
        data = legacy_archives(data, legacy_archive(other, [other.name]))
    evidence = Fake({"carte/Dockerfile": RECIPE, "carte.tar": data})
    return mistake(lambda: phase4.two_stages(evidence))


def legacy_archives(*archives: bytes) -> bytes:
    """Several archives of one image as one of several images."""
    buffer, told = io.BytesIO(), []
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        seen = set()
        for each in archives:
            with tarfile.open(fileobj=io.BytesIO(each)) as old:
                for member in old:
                    content = old.extractfile(member)
                    if member.name == "manifest.json" and content:
                        told += json.load(content)
                    elif member.name not in seen and member.name != "repositories":
                        seen.add(member.name)
                        tar.addfile(member, content)
        data = json.dumps(told).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


SUPPLIED = material.chart(LEARNER)["afficher.sh"][0]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"Cmd": ["/usr/local/bin/afficher.sh"]}, ""),
        ({"Cmd": ["afficher.sh"]}, ""),
        ({"Cmd": ["/bin/sh", "-c", "exec afficher.sh"]}, ""),
        ({"Entrypoint": ["sh", "-e"], "Cmd": ["/usr/local/bin/afficher.sh"]}, ""),
        ({"Entrypoint": ["./afficher.sh"], "WorkingDir": "/usr/local/bin"}, ""),
        ({"Cmd": ["/bin/sh", "-c", "cd /usr/local/bin && sh ./afficher.sh"]}, ""),
        ({}, "sans-programme"),
        ({"Cmd": ["sh"]}, "sans-programme"),
        ({"Cmd": ["true"]}, "sans-programme"),
        ({"Cmd": ["echo", "afficher.sh"]}, "sans-programme"),
        ({"Cmd": ["/srv/afficher.sh"]}, "sans-programme"),
        ({"Cmd": 3, "Entrypoint": "x"}, "sans-programme"),
    ],
)
def test_the_default_command_shows_the_chart(config: dict[str, Any], expected: str) -> None:
    assert chart(config, {SHOW: SUPPLIED}) == expected


def test_the_viewer_is_there_and_can_run() -> None:
    cmd = {"Cmd": ["/usr/local/bin/afficher.sh"]}
    assert chart(cmd, {"x": "y"}) == "sans-programme"
    assert chart(cmd, {SHOW: SUPPLIED}, mode=0o644) == "afficheur-non-executable"
    assert chart({"Cmd": ["sh", "/usr/local/bin/afficher.sh"]}, {SHOW: SUPPLIED}, mode=0o644) == ""
    assert chart({"Cmd": ["/usr/bin/carte"]}, {"usr/bin/carte": SUPPLIED}) == ""
    wrapped = {SHOW: SUPPLIED, "go.sh": "#!/bin/sh\nexec afficher.sh\n"}
    assert chart({"Cmd": ["/go.sh"]}, wrapped) == ""
    assert chart(cmd, {SHOW: "#!/bin/bash\n"}) == "interprete-absent"


def test_one_image_only() -> None:
    config = {"Cmd": ["/usr/local/bin/afficher.sh"]}
    assert chart(config, {SHOW: SUPPLIED}, copies=2) == "image-de-trop"
