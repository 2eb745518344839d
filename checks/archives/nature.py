"""What a file is, from its bytes; its name only tells a part of a split file from noise."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from checks.archives.tar import Member

PART = re.compile(r"(?P<stem>.*(?:[-_.]|part(?:ie|e)?|x))(?P<suffix>[a-z]{2,3}|\d{2,4})", re.S)
_EXTENSIONS = {
    "7z", "age", "asc", "bak", "bin", "bz", "db", "enc", "gif", "gpg", "gz", "img", "iso", "jpg",
    "js", "lz", "md", "oci", "old", "out", "pdf", "pgp", "png", "py", "rar", "sh", "sig", "tar",
    "tbz", "tgz", "tmp", "txt", "txz", "xz", "zip", "zst",
}  # fmt: skip
_MAGIC = (
    (b"PK\x03\x04", "unknown", "zip"),
    (b"PK\x05\x06", "unknown", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "unknown", "7z"),
    (b"\x04\x22\x4d\x18", "unknown", "lz4"),
    (b"LZIP", "unknown", "lzip"),
    (b"\x1f\x9d", "unknown", "compress"),
    (b"Rar!\x1a\x07", "unknown", "rar"),
    (b"Salted__", "encrypted", "openssl"),  # openssl-enc(1)
    (b"U2FsdGVkX1", "encrypted", "openssl"),  # the same in Base64 (`-a`)
    (b"age-encryption.org/", "encrypted", "age"),  # age-encryption.org/v1, "Encrypted file format"
    (b"-----BEGIN AGE ENCRYPTED FILE", "encrypted", "age"),
)
_ROOT_NAMES = {
    ".dockerenv", "bin", "boot", "dev", "etc", "home", "lib", "proc", "root", "sbin", "sys",
    "tmp", "usr", "var",
}  # fmt: skip
_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{64}|[0-9a-f]{64}/(?:layer\.tar|json|VERSION)")


class Nature(NamedTuple):
    """`kind` as in the JSON of `inspecter`; `detail` is finer, in stable kebab-case."""

    kind: str
    detail: str


def of_tar(members: Mapping[str, Member], *, cut: bool, nested: bool) -> Nature:
    """The nature of a tar.

    `cut`: its end could not be reached; `nested`: it holds archives, and nothing else.
    """
    if "manifest.json" in members:
        if "oci-layout" in members:
            return Nature("docker-save", "oci-layout")
        podman = any(re.fullmatch(r"[0-9a-f]{64}\.tar", name) for name in members)
        return Nature("docker-save", "podman" if podman else "legacy")
    if "oci-layout" in members and "index.json" in members:
        return Nature("oci", "oci-only")
    if any(_BLOB.fullmatch(name) for name in members):
        return Nature("unknown", "truncated" if cut else "no-manifest")
    if any(re.fullmatch(r"[^/]+/(manifest\.json|oci-layout)", name) for name in members):
        return Nature("unknown", "nested-directory")
    if nested and not cut:
        return Nature("unknown", "tar-of-tars")
    tops = {name.split("/")[0] for name in members}
    if ".dockerenv" in tops or len(tops & _ROOT_NAMES) >= 3:
        return Nature("rootfs", "export")
    return Nature("unknown", "truncated" if cut else "plain-tar")


def of_bytes(head: bytes) -> Nature:
    """The nature of what is no tar, from its first 512 bytes."""
    for magic, kind, detail in _MAGIC:
        if head.startswith(magic):
            return Nature(kind, detail)
    if _openpgp(head) or _openpgp(_armoured(head)):
        return Nature("encrypted", "openpgp")
    return Nature("unknown", _text(head))


def part(name: str) -> tuple[str, str] | None:
    """`("cargaison.tar.", "ab")` when the name is one that `split` gives, else None."""
    match = PART.fullmatch(name)
    if match is None or match["suffix"] in _EXTENSIONS:
        return None
    return match["stem"], match["suffix"]


def _openpgp(head: bytes) -> bool:
    """Whether an OpenPGP message starts here that is encrypted, not only signed.

    RFC 4880 section 4.2: packet tags 1 and 3 (session keys: public key, passphrase), 9 and 18
    (encrypted data), with the version numbers that exist.
    """
    if len(head) < 4 or not head[0] & 0x80:
        return False
    if head[0] & 0x40:
        tag = head[0] & 0x3F
        length = 1 if head[1] < 192 else 2 if head[1] < 224 else 5 if head[1] == 255 else 1
    else:
        tag, length = (head[0] >> 2) & 0x0F, (1, 2, 4, 0)[head[0] & 3]
    version = head[1 + length] if len(head) > 1 + length else 0
    return (
        (tag == 1 and version in (3, 6))
        or (tag == 3 and version in (4, 5, 6))
        or (tag == 18 and version in (1, 2))
    )


def _armoured(head: bytes) -> bytes:
    """The first bytes inside an ASCII armour (RFC 4880, section 6.2), or nothing."""
    if not head.startswith(b"-----BEGIN PGP MESSAGE-----"):
        return b""
    _, _, body = head.replace(b"\r", b"").partition(b"\n\n")
    text = body.replace(b"\n", b"")[:64]
    try:
        return base64.b64decode(text[: len(text) // 4 * 4])
    except binascii.Error:
        return b""


def _text(head: bytes) -> str:
    text = head.lstrip()
    if re.match(rb"(?i)<(!doctype|html|\?xml)", text):
        return "html"
    if text[:1] in (b"{", b"["):
        return "json"
    if not any(head):
        return "zeros"
    try:
        decoded = head.decode()
    except UnicodeDecodeError as problem:
        if problem.start < len(head) - 4:
            return "binary"
        decoded = head[: problem.start].decode()
    if re.fullmatch(r"[A-Za-z0-9+/=\r\n]{40,}", decoded):
        return "base64"
    return "text" if all(char.isprintable() or char in "\n\t\r\f" for char in decoded) else "binary"
