"""What checks see of registries: an open one, one behind Basic authentication, one behind TLS;
live and in a submission, the same. Real registries, without the workshop's hub."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from checks import material
from checks.evidence import ClientConfig, HubEvent, HubState
from checks.evidence.live import LiveEvidence
from checks.evidence.registry import Reader, split
from checks.evidence.submitted import Recorder, SubmittedEvidence
from checks.identity import Identity
from checks.material import making
from checks.outcome import EnvironmentProblem
from workshop import process
from workshop.debian import ensure_programs, find_program
from workshop.hub import network, registry

LEARNER = Identity("essai", "5ea0b0a7")
BUSYBOX = [making.layer({"bin/busybox": Path("/bin/busybox").read_bytes()}, mode=0o755)]
HASHED = "$2b$05$aaaaaaaaaaaaaaaaaaaaauCrclrAnlv9TlNRh0Vnh2EMAGbQd5F0."
"""`s3cret`, by bcrypt: the only form that the registry reads."""
INDEX = "application/vnd.oci.image.index.v1+json"


@contextmanager
def serve(folder: Path, http: str = "", more: str = "") -> Iterator[str]:
    """A registry of its own; yields its host."""
    ensure_programs({"docker-registry": "docker-registry"}, print)
    port = registry.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\n{more}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}{http}}}\n"
    )

    def ready() -> bool:
        scheme = "https" if http else "http"
        try:
            place = f"{scheme}://127.0.0.1:{port}/v2/"
            return requests.get(place, verify=False, timeout=1).status_code in (200, 401)
        except requests.RequestException:
            return False

    process.start(
        [find_program("docker-registry") or "", "serve", str(folder / "config.yml")],
        pidfile=folder / "pid", log=folder / "log", ready=ready, timeout=20,
    )  # fmt: skip
    try:
        yield f"localhost:{port}"
    finally:
        process.stop(folder / "pid")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def open_registry(folder: Path) -> Iterator[str]:
    with serve(folder / "ouvert") as host:
        for variants in material.registry_images(LEARNER):
            registry.push(host, [variants[0].name], [image.built(BUSYBOX) for image in variants])
        yield host


def evidence(host: str, folder: Path) -> LiveEvidence:
    def no_engine() -> None:
        raise AssertionError

    return LiveEvidence(folder, LEARNER, host, no_engine, docker_config=folder)  # type: ignore[arg-type]


def test_an_image_is_what_its_documents_say(open_registry: str, folder: Path) -> None:
    live = evidence(open_registry, folder)
    found = live.registry(f"{open_registry}/cours/outil:1.2")
    wanted = next(v[0] for v in material.registry_images(LEARNER) if v[0].name == "cours/outil:1.2")
    built = wanted.built(BUSYBOX)
    assert found is not None
    assert found.diff_ids == tuple(making.digest(layer) for layer in built.all_layers)
    assert found.config_digest == making.digest(built.config_blob)
    assert found.media_type == "application/vnd.oci.image.manifest.v1+json"
    head = requests.head(
        f"http://{open_registry}/v2/cours/outil/manifests/1.2",
        headers={"Accept": found.media_type},
    )
    assert found.digest == head.headers["Docker-Content-Digest"]
    assert live.registry(f"{open_registry}/cours/outil@{found.digest}") == found
    assert found.config["Labels"][making.LEARNER_LABEL] == LEARNER.id


def test_an_index_gives_the_image_of_the_architecture(open_registry: str, folder: Path) -> None:
    live = evidence(open_registry, folder)
    name = f"{open_registry}/cours/sonde:1"
    amd, arm = live.registry(name), live.registry(name, architecture="arm64")
    odd = live.registry(name, architecture="riscv64")
    assert amd and arm and odd
    assert (amd.architecture, arm.architecture, odd) == ("amd64", "arm64", amd)
    assert amd.media_type == INDEX and amd.digest == arm.digest
    assert set(amd.platforms) == {"linux/amd64", "linux/arm64"}


def test_attestations_are_not_images(open_registry: str, folder: Path) -> None:
    base = f"http://{open_registry}/v2/cours/sonde"
    told = requests.get(f"{base}/manifests/1", headers={"Accept": INDEX}).json()
    attestation = {
        **told["manifests"][0],
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    told["manifests"].insert(0, attestation)
    requests.put(
        f"{base}/manifests/attestee", data=json.dumps(told), headers={"Content-Type": INDEX}
    ).raise_for_status()
    found = evidence(open_registry, folder).registry(f"{open_registry}/cours/sonde:attestee")
    assert found and found.platforms == ("linux/amd64", "linux/arm64")


def test_what_is_not_there_is_none_and_who_is_silent_is_told(
    open_registry: str, folder: Path
) -> None:
    live = evidence(open_registry, folder)
    assert live.registry(f"{open_registry}/cours/outil:9.9") is None
    assert live.registry(f"{open_registry}/rien/du/tout:1") is None
    assert live.tags(f"{open_registry}/rien/du/tout") == []
    assert live.tags(f"{open_registry}/cours/outil") == ["1.0", "1.2", "1.3"]
    with pytest.raises(EnvironmentProblem, match="ne répond pas"):
        live.registry("localhost:1/cours/outil:1.2")
    with pytest.raises(EnvironmentProblem, match="hub de l'atelier"):
        live.hub_events()


def test_access_is_really_tried_and_leaves_nothing(open_registry: str, folder: Path) -> None:
    live = evidence(open_registry, folder)
    assert live.access(f"{open_registry}/cours/outil", None) == {"pull", "push", "delete"}
    assert "push" in live.access(f"{open_registry}/tout/neuf", None)
    assert not list((folder / "ouvert").rglob("tout")), "nothing was made to find out"


def test_a_registry_behind_basic_authentication(folder: Path) -> None:
    place = folder / "basic"
    place.mkdir()
    (place / "htpasswd").write_text(f"lea:{HASHED}\n")
    auth = f"auth: {{htpasswd: {{realm: essai, path: {place}/htpasswd}}}}"
    with serve(place, more=auth) as host:
        client = folder / "client"
        client.mkdir()
        stranger = evidence(host, client)
        assert stranger.tags(f"{host}/a/b") == [] and stranger.registry(f"{host}/a/b:1") is None
        assert stranger.access(f"{host}/a/b", None) == frozenset()
        with pytest.raises(EnvironmentProblem, match="au nom de « lea »"):
            stranger.access(f"{host}/a/b", "lea")
        token = base64.b64encode(b"lea:s3cret").decode()
        (client / "config.json").write_text(json.dumps({"auths": {host: {"auth": token}}}))
        lea = evidence(host, client)
        assert "push" in lea.access(f"{host}/a/b", "lea")
        assert lea.access(f"{host}/a/b", None) == frozenset()
        assert lea.opens("lea", "s3cret") and not lea.opens("lea", "autre")
        assert lea.client_config() == ClientConfig(logins={host: "lea"})


def test_a_registry_behind_tls(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder / "tls"
    place.mkdir()
    network._make_certificates(place, "127.0.0.1")
    tls = f", tls: {{certificate: {place}/server.crt, key: {place}/server.key}}"
    with serve(place, http=tls) as host:
        monkeypatch.setenv("HOME", str(folder))
        live = evidence(host, place)
        with pytest.raises(EnvironmentProblem, match="ne répond pas"):
            live.tags(f"{host}/a/b")
        trusted = folder / ".config" / "docker" / "certs.d" / host
        trusted.mkdir(parents=True)
        shutil.copy(place / "authority.crt", trusted / "ca.crt")
        assert live.tags(f"{host}/a/b") == []
        assert "push" in live.access(f"{host}/a/b", None)


def test_a_submission_says_the_same_and_hashes_again(open_registry: str, folder: Path) -> None:
    recorder = Recorder(evidence(open_registry, folder))
    name = f"{open_registry}/cours/sonde:1"
    answers = [
        recorder.registry(name),
        recorder.registry(name, architecture="arm64"),
        recorder.registry(f"{open_registry}/rien:1"),
        recorder.tags(f"{open_registry}/cours/outil"),
        recorder.access(f"{open_registry}/cours/outil", None),
        recorder.opens("lea", "tres-secret"),
        recorder.client_config(),
    ]
    document = json.loads(json.dumps(recorder.document(["4.1"])))
    assert "tres-secret" not in json.dumps(document)

    def replay(blobs: dict[str, bytes]) -> list[object]:
        submitted = SubmittedEvidence(document, blobs.__getitem__)
        return [
            submitted.registry(name),
            submitted.registry(name, architecture="arm64"),
            submitted.registry(f"{open_registry}/rien:1"),
            submitted.tags(f"{open_registry}/cours/outil"),
            submitted.access(f"{open_registry}/cours/outil", None),
            submitted.opens("lea", "tres-secret"),
            submitted.client_config(),
        ]

    assert replay(recorder.blobs) == answers
    for blob in recorder.blobs:
        forged = recorder.blobs | {blob: recorder.blobs[blob].replace(b"sha256:", b"sha256:0", 1)}
        with pytest.raises(EnvironmentProblem, match="mal formée"):
            replay(forged)
    with pytest.raises(EnvironmentProblem):
        SubmittedEvidence(document, recorder.blobs.__getitem__).registry("autre/image:1")


def test_secrets_of_client_settings_never_leave(folder: Path) -> None:
    settings = {
        "auths": {"hub:1": {"auth": base64.b64encode(b"lea:s3cret").decode()}, "hub:2": {}},
        "credsStore": "pass",
        "credHelpers": {"hub:3": "secretservice"},
    }
    (folder / "reglages.json").write_text(json.dumps(settings))
    recorder = Recorder(evidence("localhost:1", folder))
    found = recorder.client_config("reglages.json")
    assert found == ClientConfig({"hub:1": "lea", "hub:2": ""}, "pass", {"hub:3": "secretservice"})
    assert recorder.client_config("absent.json") is None
    (folder / "abime.json").write_text("{")
    assert recorder.client_config("abime.json") == ClientConfig()
    told = json.dumps(recorder.document([])) + str(recorder.blobs)
    assert "s3cret" not in told and settings["auths"]["hub:1"]["auth"] not in told  # type: ignore[index]


def test_what_is_asked_of_the_log_in_several_times_travels_whole() -> None:
    events = [HubEvent(n, 1.0, "lea", a, "", "", "", {}) for n, a in enumerate(("push", "denied"))]

    class Live:
        identity, hub = LEARNER, "localhost:5000"
        hub_addresses = (hub,)

        def hub_events(self, *actions: str) -> list[HubEvent]:
            return [event for event in events if event.action in actions]

    recorder = Recorder(Live())  # type: ignore[arg-type]
    assert recorder.hub_events("denied") == events[1:] and recorder.hub_events("push") == events[:1]
    document = json.loads(json.dumps(recorder.document([])))
    submitted = SubmittedEvidence(document, lambda name: b"")
    assert submitted.hub_events("denied") == events[1:] and submitted.hub_events() == events


def test_what_the_hub_told_travels_as_it_was() -> None:
    event = HubEvent(1, 12.5, "lea", "push", "lea/app", "1", "sha256:0", {"a": 1})
    state = HubState(accounts=["lea"], tokens=[{"name": "ci", "revoked": True}])
    document = {
        "identity": {"pseudonym": "essai", "id": "5ea0b0a7"},
        "hub": "localhost:5000",
        "hub_events": [event.to_json()],
        "hub_state": state.to_json(),
    }
    submitted = SubmittedEvidence(json.loads(json.dumps(document)), lambda name: b"")
    assert submitted.hub_events() == [event] and submitted.hub_state() == state
    assert submitted.hub_events("pull", "push") == [event] and submitted.hub_events("pull") == []


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("nginx", ("docker.io", "library/nginx", "latest")),
        ("lea/app:1", ("docker.io", "lea/app", "1")),
        ("localhost:5000/lea/app", ("localhost:5000", "lea/app", "latest")),
        ("localhost:5000/lea/app:1@sha256:ab", ("localhost:5000", "lea/app", "sha256:ab")),
        ("registry.example.com/a/b/c:2", ("registry.example.com", "a/b/c", "2")),
    ],
)
def test_a_reference_names_a_registry(reference: str, expected: tuple[str, str, str]) -> None:
    assert split(reference) == expected


def test_a_secret_is_never_sent_in_clear_afar() -> None:
    sent: list[object] = []
    reader = Reader("localhost:1", None, lambda host: sent.append(host) or ("lea", "s3cret"))  # type: ignore[func-returns-value]
    reader._bases["192.0.2.7:5000"] = "http://192.0.2.7:5000"
    assert reader._door("192.0.2.7:5000", "a/b").credentials is None
