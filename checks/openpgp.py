"""Reading an OpenPGP message encrypted with a passphrase (RFC 4880, RFC 9580 for the tag names).

Only what `gpg --symmetric` writes: a symmetric-key session key packet, then an encrypted data
packet with its modification detection code. No key, no agent, no file: bytes in, bytes out.
"""

from __future__ import annotations

import base64
import bz2
import hashlib
import hmac
import zlib
from dataclasses import dataclass

LIMIT = 64 << 20
"""Bytes that a decrypted message may hold at most."""

CIPHERS = {2: ("3DES", 24), 7: ("AES128", 16), 8: ("AES192", 24), 9: ("AES256", 32)}
"""Cipher id → (name, key length in bytes) for the ciphers read here."""
_HASHES = {1: "md5", 2: "sha1", 3: "ripemd160", 8: "sha256", 9: "sha384", 10: "sha512"}
_PUBLIC_KEY_SESSION, _SIGNATURE, _SYMMETRIC_SESSION, _ONE_PASS = 1, 2, 3, 4
_COMPRESSED, _MARKER, _LITERAL, _ENCRYPTED = 8, 10, 11, 18


class NotOpenPGP(ValueError):
    """The bytes are not an OpenPGP message that can be read here."""


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
