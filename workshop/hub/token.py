"""The tokens that the hub signs and its registry checks: the distribution token specification.

Format: a JWT signed with ES256, with the claims of distribution/docs/spec/auth/jwt.md, and in its
header the certificate (`x5c`) of the key, which registries 2.x and 3.x find in `rootcertbundle`.
"""

from __future__ import annotations

import base64
import datetime
import json
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workshop.lab import write_atomically

ISSUER, SERVICE = "hub de l'atelier", "hub"
LIFETIME = 300
"""Seconds that a token lives, as on Docker Hub."""
ACTIONS = ("pull", "push", "delete")

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_NAME_LIMIT = 255


@dataclass(frozen=True)
class Access:
    """Actions asked for, or granted, on one resource; `kind` is `repository` or `registry`."""

    kind: str
    name: str
    actions: tuple[str, ...]


def valid_repository(name: str) -> bool:
    """Whether `name` is a repository's (distribution/reference grammar, no host)."""
    return len(name) <= _NAME_LIMIT and _REPOSITORY.fullmatch(name) is not None


def parse_scopes(scopes: Iterable[str]) -> list[Access]:
    """What a client asks for: `repository:a/b:pull,push registry:catalog:*`, several times.

    A scope that does not follow the specification asks for nothing, and is left out.
    """
    found = []
    for scope in " ".join(scopes).split():
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        kind = re.sub(r"\([a-z0-9]+\)$", "", kind)  # resource class, e.g. `repository(plugin)`
        if name and actions and (kind != "repository" or valid_repository(name)):
            found.append(Access(kind, name, tuple(dict.fromkeys(actions.split(",")))))
    return found


class Signer:
    """Signs tokens with the key kept in `folder`, made at first use.

    `folder/token.crt` is the `rootcertbundle` of the registry.
    """

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "token.crt"
        path = folder / "token.key"
        if not (path.exists() and self.certificate.exists()):
            _make(path, self.certificate)
        self._key = path.read_bytes()
        found = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        self._public: Any = found.public_key()
        self._x5c = [base64.b64encode(found.public_bytes(serialization.Encoding.DER)).decode()]

    def issue(self, account: str | None, access: Sequence[Access], **claims: Any) -> dict[str, Any]:
        """The answer of the token service, JSON-ready; `account` None is nobody."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "sub": account or "",
            "aud": SERVICE,
            "exp": now + LIFETIME,
            "nbf": now - 60,  # the registry may run in a virtual machine whose clock is behind
            "iat": now,
            "jti": secrets.token_hex(16),
            "access": [
                {"type": each.kind, "name": each.name, "actions": list(each.actions)}
                for each in access
            ],
            **claims,
        }
        token = jwt.encode(payload, self._key, algorithm="ES256", headers={"x5c": self._x5c})
        issued = datetime.datetime.fromtimestamp(now, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "token": token,
            "access_token": token,
            "expires_in": LIFETIME,
            "issued_at": issued,
        }

    def claims(self, authorization: str) -> dict[str, Any]:
        """What the bearer of `Authorization: Bearer …` claims, if the token was signed here: the
        registry checks the rest. `{}` when it was not, or is no such token."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            return {}
        try:
            told = json.loads(jwt.PyJWS().decode(token, self._public, algorithms=["ES256"]))
        except (jwt.InvalidTokenError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def _make(key_path: Path, certificate_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that jumped must not lock the hub.
        .not_valid_before(datetime.datetime(2000, 1, 1))
        .not_valid_after(datetime.datetime(2100, 1, 1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(key_path, pem, mode=0o600)
    write_atomically(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
