"""The hub opened to a room: TLS that clients check, an authority that cannot vouch for the Web."""

import csv
import datetime
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from checks.evidence.registry import Reader
from checks.material import making
from checks.outcome import EnvironmentProblem
from tests import engines
from tests.workshop.hub.people import PASSWORD
from tests.workshop.hub.test_commands import tool
from workshop.hub import network, registry
from workshop.hub.store import open_store
from workshop.hub.web.session import TRIES

IMAGE = making.CourseImage(name="essai", config={}, layers=(making.layer({"a": b"contenu"}),))


CLASS = """Nom;Prénom;Groupe
Martin;Léa;A
D'Œuvre;Zoé;A

;;
martin;LÉA;B
Hervy; Nicolas ;B
"""


def quiet(line: str) -> None:
    """A `say` that says nothing."""


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    registry.stop(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def opened(state: Path) -> network.Opening:
    opened = network.open_to_network(state, quiet, port=registry.free_port())
    address = registry.running(state)
    assert address
    registry.push(address, ["cours/essai:1"], [IMAGE])
    return opened


def test_it_answers_the_network_over_tls_and_the_loopback_as_before(
    opened: network.Opening, state: Path
) -> None:
    authority = str(state / "hub" / "authority.crt")
    answer = requests.get(f"https://{opened.address}/v2/", verify=authority, timeout=5)
    realm = f'realm="https://{opened.address}/auth/token"'
    assert answer.status_code == 401 and realm in answer.headers["WWW-Authenticate"]
    assert requests.get(f"http://{registry.running(state)}/v2/", timeout=5).status_code == 401
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://{opened.address}/v2/", timeout=5)
    with pytest.raises((requests.ConnectionError, requests.exceptions.InvalidSchema)):
        requests.get(f"http://{opened.address}/v2/", timeout=5)


def test_old_tls_is_refused(opened: network.Opening) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((opened.host, opened.port), timeout=5) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(raw)


def test_the_lines_that_a_learner_types_make_docker_trust_it(
    opened: network.Opening, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """From the class list to a push: the teacher's command, then a learner's own lines."""
    class_list = tmp_path / "classe.csv"
    class_list.write_bytes(CLASS.encode("utf-8-sig"))
    code, out, err = tool(state, monkeypatch, capsys)(
        "ouvrir-au-reseau", "--classe", str(class_list), "--adresse", opened.host,
        "--port", str(opened.port),
    )  # fmt: skip
    assert code == 0 and "Le compte « lea.martin » est 2 fois" in err, err
    assert "lignes 2, 6" in err and opened.address in err
    access = dict(row[:2] for row in csv.reader(out.splitlines(), delimiter=";"))
    assert set(access) == {"lea.martin", "zoe.d-oeuvre", "nicolas.hervy"}
    assert all(f"    {line}" in err.splitlines() for line in opened.steps())
    trusted = Path("/etc/docker/certs.d") / opened.address
    with engines.engine("docker-20.10", state / "m", None) as engine:

        def docker(*arguments: str, given: str = "") -> tuple[int, str]:
            done = subprocess.run(
                ["docker", *arguments], input=given, capture_output=True, text=True, timeout=60,
                env=os.environ | {"DOCKER_HOST": engine.address, "DOCKER_CONFIG": str(tmp_path)},
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr

        name = f"{opened.address}/cours/essai:1"
        code, told = docker("pull", name)
        assert code != 0 and "certificate" in told
        try:
            for line in opened.steps()[:3]:
                line = line.removeprefix("sudo ").replace("sudo ", "")
                subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True)
            code, told = docker("pull", name)
            assert code == 0, told
            assert opened.steps()[3] == f"docker login {opened.address}"
            mine = f"{opened.address}/lea.martin/app:1"
            docker("tag", name, mine)
            assert docker("push", mine)[0] != 0
            login = ("login", "-u", "lea.martin", "--password-stdin", opened.address)
            assert "incorrect username or password" in docker(*login, given="faux")[1]
            code, told = docker(*login, given=access["lea.martin"])
            assert code == 0, told
            code, told = docker("push", mine)
            assert code == 0, told
            assert "lea.martin/app" in docker("search", f"{opened.address}/app")[1]
            docker("tag", name, f"{opened.address}/moi/app:1")
            code, told = docker("push", f"{opened.address}/moi/app:1")
            assert code != 0 and "denied" in told, "nothing is open to all in a room"
        finally:
            shutil.rmtree(trusted, ignore_errors=True)


def test_guesses_from_the_room_are_counted(opened: network.Opening, state: Path) -> None:
    store = open_store(state)
    store.create_account("aya", PASSWORD)
    store.close()
    loopback = registry.running(state)

    def login(base: str, secret: str, account: str = "aya") -> requests.Response:
        authority = str(state / "hub" / "authority.crt")
        place, auth = f"{base}/auth/token", (account, secret)
        return requests.get(place, {"offline_token": "1"}, auth=auth, verify=authority, timeout=10)

    room = f"https://{opened.address}"
    assert login(room, PASSWORD).status_code == 200
    assert [login(room, f"faux-{n}").status_code for n in range(TRIES)] == [401] * TRIES
    for secret in ("faux", PASSWORD):  # who guesses does not even learn that a guess was right
        answer = login(room, secret)
        words = "too many failed login attempts for username or IP address"
        assert answer.status_code == 429 and answer.json() == {"details": words}
    search = requests.get(
        f"{room}/v1/search", {"q": "a"}, auth=("aya", PASSWORD), timeout=10,
        verify=str(state / "hub" / "authority.crt"),
    )  # fmt: skip
    assert search.status_code == 429, "no other door"
    assert login(room, "faux", "personne").status_code == 401, "others may still try"
    assert login(f"http://{loopback}", PASSWORD).status_code == 200, "nor is the teacher shut out"


def test_guesses_made_at_once_are_counted_too(opened: network.Opening, state: Path) -> None:
    authority = str(state / "hub" / "authority.crt")

    def guess(number: int) -> int:
        place, auth = f"https://{opened.address}/auth/token", ("bob", f"faux-{number}")
        return requests.get(place, auth=auth, verify=authority, timeout=60).status_code

    with ThreadPoolExecutor(40) as pool:
        codes = list(pool.map(guess, range(40)))
    assert codes.count(401) <= TRIES and set(codes) == {401, 429}


def test_the_page_s_cookie_only_travels_encrypted(opened: network.Opening, state: Path) -> None:
    for base, secure in ((f"https://{opened.address}", True),
                         (f"http://{registry.running(state)}", False)):  # fmt: skip
        answer = requests.get(f"{base}/connexion", verify=False, timeout=10)
        assert ("Secure" in answer.headers["Set-Cookie"]) is secure


def test_the_fingerprint_is_that_of_the_file_given(opened: network.Opening) -> None:
    place = f"https://{opened.address}{network.CERTIFICATE_PATH}"
    given = requests.get(place, verify=False, timeout=5).content
    assert hashlib.sha256(given).hexdigest() == opened.fingerprint
    assert "PRIVATE" not in given.decode()


def test_the_authority_cannot_vouch_for_the_web(
    state: Path, opened: network.Opening, tmp_path: Path
) -> None:
    certificate = x509.load_pem_x509_certificate((state / "hub" / "authority.crt").read_bytes())
    told = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert told.critical and told.value.permitted_subtrees
    assert certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC)
    for name in ("authority.key", "server.key", "token.key", "key", "secret"):
        assert (state / "hub" / name).stat().st_mode & 0o077 == 0, name
    for host, vouched in (("docker.io", False), ("8.8.8.8", False), ("10.1.2.3", True)):
        folder = tmp_path / host
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        signer = load_pem_private_key((state / "hub" / "authority.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        now = datetime.datetime.now(datetime.UTC)
        forged = (
            network._builder("essai", certificate.subject, key, now, 30)
            .add_extension(
                x509.SubjectAlternativeName([network._general_name(host)]), critical=False
            )
            .sign(signer, hashes.SHA256())
        )
        (folder / "crt").write_bytes(forged.public_bytes(Encoding.PEM))
        verify = ["openssl", "verify", "-CAfile", str(state / "hub" / "authority.crt")]
        done = subprocess.run([*verify, str(folder / "crt")], capture_output=True, text=True)
        assert (done.returncode == 0) == vouched, done.stderr
    for host in ("", "a b", "-x", "http://ici", "10.0.0.1:5000"):
        with pytest.raises(EnvironmentProblem, match="ni une adresse ni un nom"):
            network.open_to_network(state, quiet, host=host or " ")


def test_another_address_keeps_the_authority_when_it_may(tmp_path: Path) -> None:
    first = network._make_certificates(tmp_path, "192.168.1.10")
    assert network._make_certificates(tmp_path, "10.0.0.7") == first
    assert network._make_certificates(tmp_path, "prof.local") == first
    assert network._make_certificates(tmp_path, "193.50.1.2") != first, "it did not vouch for it"


def test_checks_read_it_as_any_registry(
    state: Path, opened: network.Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    trusted = tmp_path / ".config" / "docker" / "certs.d" / opened.address
    trusted.mkdir(parents=True)
    shutil.copy(state / "hub" / "authority.crt", trusted / "ca.crt")
    reader = Reader("localhost:5000")
    found = reader.image(f"{opened.address}/cours/essai:1", "amd64")
    assert found and found.diff_ids == tuple(map(making.digest, IMAGE.layers))


def test_a_port_that_will_not_do_changes_nothing(opened: network.Opening, state: Path) -> None:
    def untouched() -> None:
        assert network.opening(state) == opened
        answer = requests.get(
            f"https://{opened.address}/v2/", verify=str(state / "hub" / "authority.crt"), timeout=5
        )
        assert answer.status_code == 401 and registry.running(state)

    for port in (0, -1, 65_536, 70_000):
        with pytest.raises(EnvironmentProblem, match="de 1 à 65535"):
            network.open_to_network(state, quiet, port=port)
        untouched()
    for address in ("127.0.0.1", network.own_address()):
        with socket.socket() as squatter:
            squatter.bind((address, 0))
            squatter.listen()
            with pytest.raises(EnvironmentProblem, match="est occupé"):
                network.open_to_network(state, quiet, port=squatter.getsockname()[1])
        untouched()


def test_an_opening_that_fails_is_undone(
    opened: network.Opening, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes the port between the moment it is looked at and the hub's own start."""
    before = {name: (state / "hub" / name).read_bytes() for name in network._FILES}
    with socket.socket() as squatter:
        squatter.bind((network.own_address(), 0))
        squatter.listen()
        monkeypatch.setattr(network, "_check_port", lambda port: None)
        with pytest.raises(EnvironmentProblem, match="n'a pas pu prendre le port"):
            network.open_to_network(state, quiet, host="193.50.1.2", port=squatter.getsockname()[1])
    assert {name: (state / "hub" / name).read_bytes() for name in network._FILES} == before
    answer = requests.get(
        f"https://{opened.address}/v2/", verify=str(state / "hub" / "authority.crt"), timeout=5
    )
    assert answer.status_code == 401


def test_it_closes_again_and_a_taken_port_is_told(state: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        with pytest.raises(EnvironmentProblem, match="est occupé"):
            network.open_to_network(state, quiet, port=squatter.getsockname()[1])
    assert registry.running(state)
    opened = network.open_to_network(state, quiet, port=registry.free_port())
    assert opened.host in opened.exposes() and "sans limite de place" in opened.exposes()
    assert network.opening(state) == opened
    assert network.close_to_network(state, quiet)
    assert network.opening(state) is None and registry.running(state)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"https://{opened.address}/v2/", verify=False, timeout=5)
    assert not network.close_to_network(state, quiet)
