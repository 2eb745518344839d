"""Messages that the real gpg writes, opened without it."""

import random
import subprocess
from pathlib import Path

import pytest

from checks import openpgp

TEXT = b"Journal de bord\n" * 4000


@pytest.mark.parametrize(
    ("options", "cipher"),
    [
        ([], "AES256"),
        (["--cipher-algo", "AES128", "--compress-algo", "bzip2"], "AES128"),
        (["--s2k-mode", "1", "--compress-algo", "none"], "AES256"),
        (["--armor", "--s2k-digest-algo", "SHA512"], "AES256"),
    ],
)
def test_a_symmetric_message_opens_with_its_passphrase_only(
    tmp_path: Path, options: list[str], cipher: str
) -> None:
    (tmp_path / "clair").write_bytes(TEXT)
    (tmp_path / "phrase").write_text("nord-é\n")
    subprocess.run(
        ["gpg", "--homedir", str(tmp_path), "--batch", "--pinentry-mode", "loopback",
         "--passphrase-file", "phrase", *options, "--symmetric", "--output", "m.gpg", "clair"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=True)
    data = (tmp_path / "m.gpg").read_bytes()
    message = openpgp.parse(data)
    assert message.symmetric and not message.clear and not message.public_key
    assert message.cipher == cipher
    assert message.decrypt("nord-é".encode()) == TEXT
    with pytest.raises(openpgp.WrongPassphrase):
        message.decrypt(b"sud")


@pytest.mark.parametrize("data", [b"", b"bonjour", b"\x8c\x0d", b"\x1f\x8b" * 40, b"\xc3\xff" * 9])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(openpgp.NotOpenPGP):
        openpgp.parse(data)


@pytest.mark.parametrize("armor", [[], ["--armor"]])
def test_a_private_key_is_recognised(tmp_path: Path, armor: list[str]) -> None:
    gpg = ["gpg", "--homedir", str(tmp_path), "--batch", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "essai"], check=True, capture_output=True)
    for what, expected in (("--export-secret-keys", True), ("--export", False)):
        done = subprocess.run([*gpg, *armor, what], check=True, capture_output=True)
        assert openpgp.holds_secret_key(done.stdout) is expected
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=True)


def test_a_piece_of_an_archive_is_no_private_key() -> None:
    chance = random.Random(5)
    for start in (b"\x94", b"\x95", b"\x97", b"\x9d", b"\xc5", b"\xc7"):
        pieces = (start + chance.randbytes(16384) for _ in range(300))
        assert sum(map(openpgp.holds_secret_key, pieces)) == 0
