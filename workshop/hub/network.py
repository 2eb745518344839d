"""The hub opened to a room: TLS with an authority of its own, and what each learner has to do.

The authority can only vouch for private addresses, local names and this machine (X.509 name
constraints): whoever trusts it in a browser gives it no power over the rest of the Web.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import ipaddress
import json
import re
import socket
import ssl
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from checks.outcome import EnvironmentProblem, reason
from checks.typography import french
from workshop.lab import write_atomically

PORT = 5443
CERTIFICATE_PATH = "/atelier/autorite.crt"
"""Where the hub gives its authority's certificate."""
_FILES = ("network.json", "authority.crt", "authority.key", "server.crt", "server.key")
"""What opening the hub writes."""
_AUTHORITY_DAYS, _SERVER_DAYS = 3650, 397
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_LOCAL = ("localhost", "local", "lan", "home.arpa", "internal")


@dataclass(frozen=True)
class Opening:
    """Where the hub answers for the room: `host` is what learners type, `fingerprint` the SHA-256
    of the authority's file."""

    host: str
    port: int
    fingerprint: str

    @property
    def address(self) -> str:
        """The registry's name in references: `192.168.1.10:5443`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def exposes(self) -> str:
        """What opening the hub means, told plainly (French)."""
        return french(
            f"Le hub répond désormais à tout le réseau sur https://{self.address} : sa page, la "
            "recherche, les dépôts publics sans connexion, et les dépôts privés à qui en a le "
            "droit. Mots de passe et jetons voyagent chiffrés. N'importe qui sur ce réseau peut "
            "essayer de se connecter et télécharger ce qui est public ; qui a un compte peut y "
            "envoyer des images, sans limite de place sur votre disque. Rien d'autre de votre "
            "machine n'est exposé. `./atelier hub fermer-au-reseau` le referme."
        )

    def steps(self) -> list[str]:
        """The commands that a learner types, on Linux, to trust the hub, then to use it."""
        trusted = f"/etc/docker/certs.d/{self.address}/ca.crt"
        return [
            f"curl -fsSk -o autorite.crt https://{self.address}{CERTIFICATE_PATH}",
            f"echo '{self.fingerprint}  autorite.crt' | sha256sum -c",
            f"sudo install -D -m 644 autorite.crt '{trusted}'",
            f"docker login {self.address}",
        ]


def opening(state: Path) -> Opening | None:
    """How the hub of `state` is open to the network, if it is."""
    try:
        told = json.loads((state / "hub" / "network.json").read_text())
        return Opening(str(told["host"]), int(told["port"]), str(told["fingerprint"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def open_to_network(
    state: Path, say: Callable[[str], None], *, host: str | None = None, port: int = PORT
) -> Opening:
    """Open the hub to the network at `host` (this machine's address when None), and restart it.

    Its loopback address keeps answering as before. Raises `EnvironmentProblem`, the hub being then
    as it was.
    """
    from workshop.hub import registry

    host = host or own_address()
    folder = state / "hub"
    if _address(host) is None and not _NAME.fullmatch(host):
        raise EnvironmentProblem(
            f"`{host}` n'est ni une adresse ni un nom de machine : donnez ceux de cette machine "
            "dans la salle avec `--adresse`."
        )
    former = opening(state)
    if not (former and former.port == port and registry.running(state)):
        _check_port(port)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = {path: path.read_bytes() for name in _FILES if (path := folder / name).exists()}
        fingerprint = _make_certificates(folder, host)
        opened = Opening(host, port, fingerprint)
        write_atomically(folder / "network.json", json.dumps(asdict(opened)).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({reason(error)}). Libérez de la place."
        ) from error
    registry.stop(state)
    address = registry.ensure(state, say)
    if (mark := _mark(f"http://{address}")) and _mark(f"https://127.0.0.1:{port}") == mark:
        if _mark(f"https://{opened.address}") != mark:
            say(
                f"Cette machine n'atteint pas elle-même {opened.address} : vérifiez depuis un "
                "autre poste que c'est bien l'adresse de cette machine dans la salle."
            )
        return opened
    registry.stop(state)
    (folder / "network.json").unlink()
    for path, content in kept.items():
        write_atomically(path, content, mode=0o600 if path.suffix == ".key" else 0o644)
    registry.ensure(state, say)
    raise EnvironmentProblem(
        f"Le hub n'a pas pu prendre le port {port} sur toutes les adresses de cette machine : "
        "donnez-en un autre avec `--port`. Rien n'a changé."
    )


def _check_port(port: int) -> None:
    """Raise `EnvironmentProblem` when the hub cannot listen on that port everywhere."""
    if port not in range(1, 65536):
        raise EnvironmentProblem(f"Un port est un nombre de 1 à 65535, et non {port}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))  # every address, as the hub will
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "est occupé" if taken else f"ne s'ouvre pas ({reason(error)})"
            raise EnvironmentProblem(
                f"Le port {port} {why} : donnez-en un autre avec `--port`. Rien n'a changé."
            ) from error


def _mark(base: str) -> str | None:
    """The mark of the hub that answers at that URL, whoever vouches for it."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy between this machine and itself
            session.verify = False
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = session.get(f"{base}/v2/", timeout=3)
            return answer.headers.get("X-Atelier")
    except requests.RequestException:
        return None


def close_to_network(state: Path, say: Callable[[str], None]) -> bool:
    """Let the hub answer on the loopback only; returns whether it was open."""
    from workshop.hub import registry

    path = state / "hub" / "network.json"
    was_open = path.exists()
    path.unlink(missing_ok=True)
    if was_open and registry.running(state):
        registry.stop(state)
        registry.ensure(state, say)
    return was_open


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS as the hub speaks it, 1.2 or later."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    return context


def own_address() -> str:
    """This machine's address on its network: the one that packets for elsewhere leave from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: nothing is sent
            return str(probe.getsockname()[0])
        except OSError as error:
            raise EnvironmentProblem(
                "Cette machine n'a pas d'adresse sur un réseau. Reliez-la, ou donnez son adresse "
                "avec `--adresse`."
            ) from error


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _general_name(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.IPAddress(address) if address else x509.DNSName(host)


def _vouches(authority: x509.Certificate, host: str) -> bool:
    """Whether the authority's constraints allow a certificate for `host`."""
    told = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    address = _address(host)
    for each in told.permitted_subtrees or ():
        if isinstance(each, x509.DNSName):
            if address is None and (host == each.value or host.endswith("." + each.value)):
                return True
        elif address and address in ipaddress.ip_network(str(each.value)):
            return True
    return False


def _make_certificates(folder: Path, host: str) -> str:
    """Write the server's certificate for `host`, and its authority unless there is a fitting one.

    Returns the SHA-256 of the authority's file.
    """
    authority_path, key_path = folder / "authority.crt", folder / "authority.key"
    now = datetime.datetime.now(datetime.UTC)
    authority, key = None, None
    if authority_path.exists() and key_path.exists():
        authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    if (
        authority is None
        or not isinstance(key, ec.EllipticCurvePrivateKey)
        or not _vouches(authority, host)
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        authority = _authority(key, now, host)
        write_atomically(key_path, _pem(key), mode=0o600)
        write_atomically(authority_path, authority.public_bytes(serialization.Encoding.PEM))
    server_key = ec.generate_private_key(ec.SECP256R1())
    names = [_general_name(each) for each in dict.fromkeys((host, "localhost", "127.0.0.1"))]
    certificate = (
        _builder("Hub de l'atelier", authority.subject, server_key, now, _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    write_atomically(folder / "server.key", _pem(server_key), mode=0o600)
    write_atomically(folder / "server.crt", chain)
    return hashlib.sha256(authority_path.read_bytes()).hexdigest()


def _authority(
    key: ec.EllipticCurvePrivateKey, now: datetime.datetime, host: str
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité du hub de l'atelier")])
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(network)) for network in _PRIVATE
    ]
    permitted += [x509.DNSName(name) for name in _LOCAL]
    address = _address(host)
    permitted.append(
        x509.IPAddress(ipaddress.ip_network(address)) if address else x509.DNSName(host)
    )
    return (
        _builder("Autorité du hub de l'atelier", name, key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip


def _builder(
    name: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))  # clocks of a room differ
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
