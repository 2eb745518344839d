"""The hub opened to a room: TLS with an authority of its own, and what each learner has to do.

The authority can only vouch for private addresses and local names (X.509 name constraints): whoever
trusts it in a browser gives it no power over the rest of the Web.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from checks.outcome import EnvironmentProblem
from checks.typography import french
from workshop.lab import write_atomically

PORT = 5443
CERTIFICATE_PATH = "/atelier/autorite.crt"
"""Where the hub gives its authority's certificate."""
_AUTHORITY_DAYS, _SERVER_DAYS = 3650, 397
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
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
            "essayer de se connecter et télécharger ce qui est public ; rien d'autre de votre "
            "machine n'est exposé. `./atelier hub fermer-au-reseau` le referme."
        )

    def steps(self) -> list[str]:
        """The commands that a learner types to trust the hub, then to use it."""
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

    Its loopback address keeps answering as before. Raises `EnvironmentProblem`.
    """
    from workshop.hub import registry

    host = host or own_address()
    folder = state / "hub"
    if not _vouchable(host):
        raise EnvironmentProblem(
            f"`{host}` n'est ni une adresse privée ni un nom local : le hub ne s'ouvre qu'à un "
            "réseau local. Donnez l'adresse de cette machine dans la salle avec `--adresse`."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fingerprint = _make_certificates(folder, host)
        opened = Opening(host, port, fingerprint)
        write_atomically(folder / "network.json", json.dumps(asdict(opened)).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {folder} ({error.strerror}). Libérez de la place."
        ) from error
    try:
        registry.stop(state)
        registry.ensure(state, say)
    except EnvironmentProblem:
        (folder / "network.json").unlink(missing_ok=True)
        raise
    return opened


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


def _vouchable(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == socket.gethostname() or host.rpartition(".")[2] in _LOCAL
    networks = [ipaddress.ip_network(network) for network in _PRIVATE]
    return any(address in network for network in networks if network.version == address.version)


def _make_certificates(folder: Path, host: str) -> str:
    """Write the server's certificate for `host`, and its authority unless there is one already.

    Returns the SHA-256 of the authority's file.
    """
    authority_path, key_path = folder / "authority.crt", folder / "authority.key"
    now = datetime.datetime.now(datetime.UTC)
    if authority_path.exists() and key_path.exists():
        authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        authority = _authority(key, now)
        write_atomically(key_path, _pem(key), mode=0o600)
        write_atomically(authority_path, authority.public_bytes(serialization.Encoding.PEM))
    server_key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    for each in dict.fromkeys((host, "127.0.0.1")):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(each)))
        except ValueError:
            names.append(x509.DNSName(each))
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


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité du hub de l'atelier")])
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(network)) for network in _PRIVATE
    ]
    permitted += [x509.DNSName(name) for name in (*_LOCAL, socket.gethostname())]
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
