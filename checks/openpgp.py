"""Reading OpenPGP (RFC 4880, RFC 9580 for the tag names) without agent nor key ring.

Two things that the course has people write: a message encrypted with a passphrase (`gpg
--symmetric`: a session key packet, then encrypted data with its modification detection code), and
a detached signature (`gpg --detach-sign`), with the public key that verifies it. Bytes in only.
"""

from __future__ import annotations

import base64
import bz2
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from typing import Any

LIMIT = 64 << 20
"""Bytes that a decrypted message may hold at most."""

CIPHERS = {2: ("3DES", 24), 7: ("AES128", 16), 8: ("AES192", 24), 9: ("AES256", 32)}
"""Cipher id → (name, key length in bytes) for the ciphers read here."""
_HASHES = {1: "md5", 2: "sha1", 3: "ripemd160", 8: "sha256", 9: "sha384", 10: "sha512"}
_PUBLIC_KEY_SESSION, _SIGNATURE, _SYMMETRIC_SESSION, _ONE_PASS = 1, 2, 3, 4
_COMPRESSED, _MARKER, _LITERAL, _ENCRYPTED = 8, 10, 11, 18


class NotOpenPGP(ValueError):
    """The bytes are not an OpenPGP message that can be read here."""


class BadSignature(ValueError):
    """The signature is not of these bytes, or not by this key."""


class WrongPassphrase(ValueError):
    """The passphrase does not open the message, or the message was changed."""


@dataclass(frozen=True)
class Message:
    """An OpenPGP message. `cipher` is the name of its symmetric cipher, "" when it has none."""

    packets: tuple[tuple[int, bytes], ...]

    @property
    def tags(self) -> tuple[int, ...]:
        """Packet tags, in order."""
        return tuple(tag for tag, _ in self.packets)

    @property
    def symmetric(self) -> bool:
        """Whether a passphrase opens it."""
        return _SYMMETRIC_SESSION in self.tags and _ENCRYPTED in self.tags

    @property
    def public_key(self) -> bool:
        """Whether it is encrypted to somebody's key."""
        return _PUBLIC_KEY_SESSION in self.tags

    @property
    def clear(self) -> bool:
        """Whether it holds no encrypted data: signed, compressed or literal only."""
        return not {9, _ENCRYPTED, 20} & set(self.tags)

    @property
    def cipher(self) -> str:
        """The name of the cipher that the passphrase unlocks."""
        body = self._session()
        return CIPHERS.get(body[1], (f"n° {body[1]}", 0))[0] if len(body) > 1 else ""

    def decrypt(self, passphrase: bytes) -> bytes:
        """The literal data. Raises `WrongPassphrase` or `NotOpenPGP`."""
        from cryptography.exceptions import UnsupportedAlgorithm

        session, encrypted = self._session(), dict(self.packets).get(_ENCRYPTED, b"")
        if len(session) < 4 or session[0] != 4 or session[1] not in CIPHERS or not encrypted:
            raise NotOpenPGP("unsupported packets")
        if encrypted[0] != 1:
            raise NotOpenPGP("unsupported encrypted data version")
        key_size = CIPHERS[session[1]][1]
        key, rest = _derive(session[2:], passphrase, key_size)
        cipher_id = session[1]
        try:
            if rest:  # An encrypted session key follows: cipher id, then key.
                opened = _cfb(key, rest, cipher_id)
                cipher_id, key = opened[0], opened[1:]
                if cipher_id not in CIPHERS or len(key) != CIPHERS[cipher_id][1]:
                    raise WrongPassphrase
            plain = _cfb(key, encrypted[1:], cipher_id)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise WrongPassphrase from error
        block = 8 if cipher_id == 2 else 16
        prefix, data, code = plain[: block + 2], plain[block + 2 : -22], plain[-22:]
        if (
            prefix[-2:] != prefix[-4:-2]
            or code[:2] != b"\xd3\x14"
            or not hmac.compare_digest(hashlib.sha1(plain[:-20]).digest(), code[2:])  # noqa: S324
        ):
            raise WrongPassphrase
        return _literal(data)

    def _session(self) -> bytes:
        return dict(reversed(self.packets)).get(_SYMMETRIC_SESSION, b"")


def parse(data: bytes) -> Message:
    """Read the packets of a message, ASCII-armored or not. Raises `NotOpenPGP`."""
    if data.lstrip().startswith(b"-----BEGIN PGP MESSAGE-----"):
        data = _dearmor(data)
    packets = tuple(_packets(data))
    if not packets or packets[0][0] not in (
        _PUBLIC_KEY_SESSION, _SIGNATURE, _SYMMETRIC_SESSION, _ONE_PASS, _COMPRESSED, _MARKER,
        _LITERAL, _ENCRYPTED,
    ):  # fmt: skip
        raise NotOpenPGP("no message packet")
    return Message(packets)


_SECRET_KEY, _PUBLIC_KEY, _SECRET_SUBKEY, _PUBLIC_SUBKEY = 5, 6, 7, 14
_KEY_VERSIONS = (3, 4, 5, 6)
_KEY_ALGORITHMS = (1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28)
_RSA, _ECDSA, _EDDSA = (1, 3), 19, 22
_CURVES = {"2a8648ce3d030107": "SECP256R1", "2b81040022": "SECP384R1", "2b81040023": "SECP521R1"}
_ED25519 = bytes.fromhex("2b06010401da470f01")


def holds_secret_key(data: bytes) -> bool:
    """Whether `data` is a private key, ASCII-armored or not.

    The first packet is looked at, its version and its algorithm (RFC 9580, 5.5.2 and 9.1): chance
    alone gives many a piece of an archive the tag of a secret key.
    """
    try:
        packets = _packets(_dearmor(data) if data.lstrip().startswith(b"-----BEGIN PGP") else data)
    except NotOpenPGP:
        return b"-----BEGIN PGP PRIVATE KEY BLOCK-----" in data
    tag, body = packets[0] if packets else (0, b"")
    known = len(body) > 5 and body[0] in _KEY_VERSIONS and body[5] in _KEY_ALGORITHMS
    return tag in (_SECRET_KEY, _SECRET_SUBKEY) and known


def verify(signature: bytes, key: bytes, data: bytes) -> str:
    """The fingerprint (upper-case hexadecimal) of the key, in the public key block `key`, that made
    the detached `signature` of `data`.

    Version 4 signatures over binary data or text, RSA, ECDSA (NIST curves) and Ed25519. Raises
    `NotOpenPGP` when `signature` or `key` is something else, `BadSignature` when they do not fit.
    """
    signed = _block(signature, b"SIGNATURE")
    if not signed or any(tag != _SIGNATURE for tag, _ in signed):
        raise NotOpenPGP("not a detached signature")
    keys = [
        b for tag, b in _block(key, b"PUBLIC KEY BLOCK") if tag in (_PUBLIC_KEY, _PUBLIC_SUBKEY)
    ]
    if not keys:
        raise NotOpenPGP("not a public key")
    for _, body in signed:
        for public in keys:
            try:
                if _fits(body, public, data):
                    whole = b"\x99" + len(public).to_bytes(2, "big") + public
                    return hashlib.sha1(whole).hexdigest().upper()  # noqa: S324
            except (IndexError, ValueError) as error:
                raise NotOpenPGP("malformed signature or key") from error
    raise BadSignature


def _block(data: bytes, kind: bytes) -> list[tuple[int, bytes]]:
    if data.lstrip().startswith(b"-----BEGIN PGP " + kind):
        data = _dearmor(data)
    return _packets(data)


def _fits(body: bytes, key: bytes, data: bytes) -> bool:
    """Whether the signature packet `body` is of `data` by the key packet `key` (RFC 4880, 5.2)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

    if body[0] != 4 or key[0] != 4 or body[1] not in (0, 1):
        raise ValueError("version or type")
    algorithm, name = body[2], _HASHES.get(body[3], "")
    if key[5] != algorithm:
        return False
    known: dict[str, Any] = {
        "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512
    }  # fmt: skip
    if name not in known:
        raise ValueError("hash")
    hashed = body[: 6 + int.from_bytes(body[4:6], "big")]
    at = len(hashed) + 2 + int.from_bytes(body[len(hashed) : len(hashed) + 2], "big") + 2
    if body[1] == 1:  # canonical text: lines end with CR LF
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    trailer = b"\x04\xff" + len(hashed).to_bytes(4, "big")
    digest = hashlib.new(name, data + hashed + trailer).digest()
    chosen = Prehashed(known[name]())
    try:
        if algorithm in _RSA:
            n, e = _numbers(key[6:], 2)
            (value,) = _numbers(body[at:], 1)
            size = (n.bit_length() + 7) // 8
            rsa.RSAPublicNumbers(e, n).public_key().verify(
                value.to_bytes(size, "big"), digest, padding.PKCS1v15(), chosen
            )
            return True
        oid = key[7 : 7 + key[6]]
        (point,) = _numbers(key[7 + key[6] :], 1)
        r, s = _numbers(body[at:], 2)
        encoded = point.to_bytes((point.bit_length() + 7) // 8, "big")
        if algorithm == _EDDSA and oid == _ED25519:
            ed25519.Ed25519PublicKey.from_public_bytes(encoded[1:]).verify(
                r.to_bytes(32, "big") + s.to_bytes(32, "big"), digest
            )
        elif algorithm == _ECDSA and oid.hex() in _CURVES:
            curve: Any = getattr(ec, _CURVES[oid.hex()])()
            public = ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded)
            public.verify(encode_dss_signature(r, s), digest, ec.ECDSA(chosen))
        else:
            raise ValueError("algorithm")
    except (InvalidSignature, OverflowError):
        return False
    return True


def _numbers(data: bytes, count: int) -> list[int]:
    """The `count` multiprecision integers that `data` starts with (RFC 4880, 3.2)."""
    found, at = [], 0
    for _ in range(count):
        size = (int.from_bytes(data[at : at + 2], "big") + 7) // 8
        if at + 2 + size > len(data):
            raise ValueError("truncated number")
        found.append(int.from_bytes(data[at + 2 : at + 2 + size], "big"))
        at += 2 + size
    return found


def _packets(data: bytes) -> list[tuple[int, bytes]]:
    """Split into (tag, body), RFC 4880 section 4.2."""
    packets, at = [], 0
    try:
        while at < len(data):
            header = data[at]
            at += 1
            if not header & 0x80:
                raise NotOpenPGP("no packet header")
            if header & 0x40:
                tag, body = header & 0x3F, b""
                while True:
                    first = data[at]
                    at += 1
                    partial = 224 <= first < 255
                    if first < 192:
                        size = first
                    elif first < 224:
                        size = ((first - 192) << 8) + data[at] + 192
                        at += 1
                    elif partial:
                        size = 1 << (first & 0x1F)
                    else:
                        size = int.from_bytes(data[at : at + 4], "big")
                        at += 4
                    if at + size > len(data):
                        raise NotOpenPGP("truncated packet")
                    body += data[at : at + size]
                    at += size
                    if not partial:
                        break
            else:
                tag, kind = (header >> 2) & 0x0F, header & 3
                if kind == 3:
                    size = len(data) - at
                else:
                    size = int.from_bytes(data[at : at + (1 << kind)], "big")
                    at += 1 << kind
                if at + size > len(data):
                    raise NotOpenPGP("truncated packet")
                body = data[at : at + size]
                at += size
            packets.append((tag, body))
    except IndexError as error:
        raise NotOpenPGP("truncated packet") from error
    return packets


def _dearmor(data: bytes) -> bytes:
    """The bytes inside an ASCII armor (RFC 4880 section 6.2); the CRC is not checked."""
    lines = data.decode("ascii", "replace").strip().splitlines()[1:]
    body = lines[lines.index("") + 1 :] if "" in lines else lines
    text = "".join(line.strip() for line in body if line and line[0] not in "=-")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NotOpenPGP("bad armor") from error


def _derive(s2k: bytes, passphrase: bytes, size: int) -> tuple[bytes, bytes]:
    """String-to-key (RFC 4880 section 3.7): the key, and what follows the specifier."""
    kind, algorithm = s2k[0], _HASHES.get(s2k[1])
    if algorithm is None or kind not in (0, 1, 3):
        raise NotOpenPGP("unsupported string-to-key")
    salt = s2k[2:10] if kind else b""
    material = salt + passphrase
    count = len(material)
    if kind == 3:
        count = max(count, (16 + (s2k[10] & 15)) << ((s2k[10] >> 4) + 6))
    key, preload = b"", 0
    while len(key) < size:
        digest = hashlib.new(algorithm, b"\0" * preload)
        whole, rest = divmod(count, len(material))
        digest.update(material * whole + material[:rest])
        key += digest.digest()
        preload += 1
    return key[:size], s2k[{0: 2, 1: 10, 3: 11}[kind] :]


def _cfb(key: bytes, data: bytes, cipher_id: int) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    algorithm = TripleDES(key) if cipher_id == 2 else algorithms.AES(key)
    block = 8 if cipher_id == 2 else 16
    decryptor = Cipher(algorithm, CFB(b"\0" * block)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _literal(data: bytes) -> bytes:
    for tag, body in _packets(data):
        if tag == _COMPRESSED:
            return _literal(_inflate(body))
        if tag == _LITERAL:
            return body[2 + body[1] + 4 :]
    raise NotOpenPGP("no literal data")


def _inflate(body: bytes) -> bytes:
    """A compressed data packet (RFC 4880 section 5.6), at most `LIMIT` bytes."""
    if body[0] == 0:
        return body[1:]
    if body[0] == 3:
        plain = bz2.BZ2Decompressor().decompress(body[1:], LIMIT + 1)
    else:
        plain = zlib.decompressobj(-15 if body[0] == 1 else 15).decompress(body[1:], LIMIT + 1)
    if len(plain) > LIMIT:
        raise NotOpenPGP("message too large")
    return plain
