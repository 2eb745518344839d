"""Bad files: one clear French sentence each, never a traceback, never a hang."""

import os
import socket
from pathlib import Path

import pytest

from checks.archives import (
    ArchiveError,
    BytesSource,
    FileSource,
    KnownDigest,
    Outer,
    PartsSource,
    UnreadableFile,
    open_archive,
)
from checks.archives.parts import group, join
from checks.archives.source import Watched
from tests.archives.box import Box, golden, gz

DATA = golden("docker-26.1g-save")


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    link, pipe, place = tmp_path / "lien", tmp_path / "tube", tmp_path / "prise"
    link.symlink_to("/etc/passwd")
    os.mkfifo(pipe)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(place))
    for path in (tmp_path, link, pipe, place, Path("/dev/null"), tmp_path / "absent",
                 Path("a\0b"), tmp_path / ("n" * 300)):  # fmt: skip
        with pytest.raises(UnreadableFile) as caught:
            open_archive(path)
        assert isinstance(caught.value, OSError)
        assert isinstance(caught.value, ArchiveError)
        assert str(caught.value)[0].islower()
    listening.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied(tmp_path: Path) -> None:
    path = tmp_path / "ferme.tar"
    path.write_bytes(DATA)
    path.chmod(0)
    with pytest.raises(UnreadableFile, match="droit"):
        open_archive(path)


def test_a_sparse_file_of_two_terabytes(tmp_path: Path) -> None:
    path = tmp_path / "creux.tar"
    path.write_bytes(DATA)
    os.truncate(path, 2 << 40)
    found = open_archive(path)
    assert found.images
    assert [problem.code for problem in found.problems] == ["fichier-a-trous"]
    empty = tmp_path / "zeros.tar"
    empty.touch()
    os.truncate(empty, 2 << 40)
    assert not open_archive(empty).valid


def test_a_file_that_grows_or_shrinks_while_read(tmp_path: Path) -> None:
    path = tmp_path / "vivant.tar"
    path.write_bytes(DATA)
    source = FileSource(path)
    assert not source.changed()
    with path.open("ab") as stream:
        stream.write(bytes(512))
    assert source.changed()
    assert source.size == len(DATA)
    assert open_archive(source).valid
    os.truncate(path, 5000)
    assert not open_archive(source).valid


def test_a_file_that_vanishes_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "efface.tar"
    path.write_bytes(DATA)
    found = open_archive(path)
    path.unlink()
    assert found.valid


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>404</title>", "html"),
        (b'{"erreur": 1}', "json"),
        (b"PK\x03\x04" + bytes(600), "zip"),
        (b"bonjour\n", "text"),
        (b"QUJD" * 100, "base64"),
        (os.urandom(3000), "binary"),
        (bytes(10240), "zeros"),
        (gz(b""), "gzip-of-nothing"),
        (gz(b"bonjour"), "text"),
        (b"\x1f\x8b\x08", "binary"),
        (b"BZh", "text"),
    ],
)
def test_what_is_no_archive(data: bytes, detail: str) -> None:
    found = open_archive(BytesSource(data))
    assert (found.kind, found.detail) == ("unknown", detail)
    assert not found.valid
    assert all("\xa0" in p.message or ":" not in p.message for p in found.problems)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"Salted__" + bytes(100), "openssl"),
        (b"U2FsdGVkX1" + b"A" * 100, "openssl"),
        (b"age-encryption.org/v1\n" + bytes(100), "age"),
        (b"\x8c\x0d\x04\x09\x03\x08" + bytes(100), "openpgp"),  # gpg --symmetric
        (b"\x85\x01\x0c\x03" + bytes(300), "openpgp"),  # gpg --encrypt
        (b"\xc3\x0d\x04\x09" + bytes(100), "openpgp"),  # new format
        (b"-----BEGIN PGP MESSAGE-----\n\njA0ECQMIAAAAAAAA\n", "openpgp"),
    ],
)
def test_encrypted_files_are_recognised(data: bytes, detail: str) -> None:
    for packed in (data, gz(data)):
        found = open_archive(BytesSource(packed))
        assert (found.kind, found.detail) == ("encrypted", detail)
        assert [p.code for p in found.problems] == ["contenu-chiffre"]


def test_signed_is_not_encrypted() -> None:
    armoured = b"-----BEGIN PGP MESSAGE-----\n\nowEBRwK4/ZANAwAKAQ==\n"
    assert open_archive(BytesSource(armoured)).kind == "unknown"


def test_an_archive_in_an_archive_or_in_a_folder() -> None:
    from tests.archives.box import Item, tar_of

    for inner in (DATA, gz(DATA)):
        assert open_archive(BytesSource(tar_of([Item("a", inner)]))).detail == "tar-of-tars"
        packed = gz(tar_of([Item("x", inner), Item("y", inner)]))
        assert open_archive(BytesSource(packed)).detail == "tar-of-tars"
    box = Box(DATA)
    for item in box.items:
        item.name = f"dossier/{item.name}"
    assert open_archive(BytesSource(box.bytes())).detail == "nested-directory"
    box = Box(DATA)
    for item in box.items:
        item.name = f"./{item.name}"
    assert open_archive(BytesSource(box.bytes())).valid


# -- parts ---


def split(folder: Path, data: bytes, size: int, names: list[str]) -> list[Path]:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    paths = [folder / f"a.tar.{suffix}" for suffix in names[: len(pieces)]]
    for path, piece in zip(paths, pieces, strict=True):
        path.write_bytes(piece)
    return paths


@pytest.mark.parametrize("names", [["aa", "ab", "ac", "ad"], ["00", "01", "02", "03"],
                                   ["part-001", "part-002", "part-003", "part-004"]])  # fmt: skip
def test_parts_are_one_archive(tmp_path: Path, names: list[str]) -> None:
    paths = split(tmp_path, DATA, 10_000, names)
    (ordered,) = group([str(path) for path in reversed(paths)])
    assert ordered == [str(path) for path in paths]
    found, problems = join(paths)
    assert (problems, found.valid) == ([], True)
    found, problems = join([paths[0], paths[2], paths[3]])
    assert [problem.code for problem in problems] == ["partie-manquante"]
    assert paths[1].name in problems[0].message
    assert not found.valid
    assert [p.code for p in join(paths[2:])[1]][:1] == ["partie-manquante"]
    os.truncate(paths[1], 9_000)
    assert [p.code for p in join(paths)[1]] == ["partie-inegale"]


def test_a_lone_part_says_so(tmp_path: Path) -> None:
    paths = split(tmp_path, gz(os.urandom(50_000)), 20_000, ["aa", "ab", "ac"])
    for path in paths:
        found = open_archive(path)
        assert found.kind == "part", path
        assert "partie-seule" in [p.code for p in found.problems]


def test_other_files_are_no_parts() -> None:
    names = ["a.tar", "b.tar.gz", "c.tar.xz", "a.tar.aa", "a.tar.ab", "-", "x.7z"]
    assert group(names) == [
        ["a.tar"], ["b.tar.gz"], ["c.tar.xz"], ["a.tar.aa", "a.tar.ab"], ["-"], ["x.7z"],
    ]  # fmt: skip


def test_parts_source_reads_across() -> None:
    parts = PartsSource([BytesSource(b"abc"), BytesSource(b""), BytesSource(b"defg")])
    assert parts.size == 7
    for start in range(9):
        for size in range(9):
            assert parts.read(start, size) == b"abcdefg"[start : start + size]


def test_watched_counts() -> None:
    seen: list[int] = []
    assert open_archive(Watched(BytesSource(DATA), seen.append)).valid
    assert sum(seen) > 0


# -- a submission, whose base layers stayed behind ---


class Left:
    """A source without the bytes of one range, as a submission's."""

    def __init__(self, data: bytes, start: int, size: int, known: KnownDigest) -> None:
        self._data = data[:start] + bytes(size) + data[start + size :]
        self._range, self._known = (start, size), known
        self.size = len(data)

    def read(self, offset: int, n: int) -> bytes:
        return self._data[offset : offset + n]

    def known(self, offset: int, size: int) -> KnownDigest | None:
        return self._known if (offset, size) == self._range else None


def test_a_layer_that_stayed_behind_is_known_by_its_digests() -> None:
    for name in ("docker-20.10-save", "buildx-26.1c-oci"):
        whole = open_archive(BytesSource(golden(name)))
        layer = whole.images[0].layers[0]
        known = KnownDigest(layer.stored_sha256, layer.diff_id, layer.compression)
        outer = Outer(12, "f" * 64, b"head", ("gzip",))
        found = open_archive(
            Left(golden(name), layer.offset, layer.size, known), name="rendu", outer=outer
        )
        assert found.valid, found.problems
        assert (found.size, found.sha256, found.compression) == (12, "f" * 64, ("gzip",))
        assert found.content_size == whole.content_size
        assert found.images[0].layers[0].compression == layer.compression
        assert found.images[0].layers[0].contents is None
        with pytest.raises(ArchiveError):
            _ = found.images[0].files
        wrong = KnownDigest("0" * 64, "sha256:" + "0" * 64, None)
        lying = Left(golden(name), layer.offset, layer.size, wrong)
        assert not open_archive(lying, outer=outer).valid
