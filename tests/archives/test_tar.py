"""The header walker: formats, limits, and what it refuses to guess."""

import io
import tarfile

import pytest

from checks.archives import BytesSource, Member, Problem
from checks.archives.tar import (
    MAX_MEMBERS,
    SeekReader,
    StreamReader,
    Walk,
    normal_name,
    number,
    parse_header,
    parse_pax,
)
from tests.archives.box import Item, checksummed, tar_of


def walk(data: bytes) -> tuple[list[Member], list[Problem]]:
    """Both readers must tell the same."""
    seeking = Walk(SeekReader(BytesSource(data)))
    found = list(seeking.members())
    seeking.finish()
    pieces = (data[start : start + 700] for start in range(0, len(data), 700))
    streaming = Walk(StreamReader(pieces))
    assert list(streaming.members()) == found
    streaming.finish()
    assert streaming.problems == seeking.problems
    assert streaming.is_tar == seeking.is_tar
    return found, seeking.problems


@pytest.mark.parametrize("flavour", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_flavour_is_read(flavour: int) -> None:
    stream = io.BytesIO()
    names = ["a", "dossier/" + "b" * 90, "é/" + "c" * 60 + "/" + "d" * 60]
    with tarfile.open(fileobj=stream, mode="w", format=flavour) as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.uid, info.mtime = 5, 0o640, 1000, 1_790_000_000
            tar.addfile(info, io.BytesIO(b"12345"))
        info = tarfile.TarInfo("lien")
        info.type, info.linkname = tarfile.SYMTYPE, "x" * 80
        tar.addfile(info)
    members, problems = walk(stream.getvalue())
    assert [m.name for m in members] == [*names, "lien"]
    told = {(m.size, m.mode, m.uid, m.mtime) for m in members[:3]}
    assert told == {(5, 0o640, 1000, 1_790_000_000)}
    assert members[3][:3] == ("lien", "symlink", 0)
    assert members[3].linkname == "x" * 80
    assert problems == []


def test_very_long_names_and_huge_sizes() -> None:
    for flavour in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        info = tarfile.TarInfo("n" * 300)
        info.size = 9 << 30  # announced, not there
        header = info.tobuf(format=flavour)
        members, problems = walk(header)
        assert (members[0].name, members[0].size) == ("n" * 300, 9 << 30)
        assert [p.code for p in problems] == ["archive-tronquee"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"\x80" + bytes(10) + b"\x05", 5),
        (b"\xff" * 12, None),
        (b"\x80" + b"\xff" * 11, None),
        (b"-0000000001\0", None),
        (b"00000000017\0", 15),
        (b"        17 \0", 15),
        (b"\0" * 12, 0),
        (b"0000000 008\0", None),
        (b"1_000\0\0\0\0\0\0\0", None),
    ],
)
def test_numbers(field: bytes, value: int | None) -> None:
    assert number(field) == value


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"", {}),
        (b"12 path=abc\n", {"path": "abc"}),
        (b"12 path=abc\n11 size=42\n", {"path": "abc", "size": "42"}),
        (b"11 atime=1\n\0\0\0", {}),
        (b"11 mtime=1\n\0\0\0", {"mtime": "1"}),
        (b"22 mtime=1790000000.9\n", {"mtime": "1790000000"}),
        (b"14 mtime=hier\n", {}),
        (b"12 mtime=.5\n", {}),
        (b"29 mtime=9999999999999999999\n", {}),
        (b"12 path=abc", None),
        (b"99999999999 path=abc\n", None),
        (b"0 path=abc\n", None),
        (b"3 \n", None),
        (b"12 path=a\0c\n", None),
        (b"13 size=\xc2\xb2\xc2\n", None),
        (b"12 size=-42\n", None),
        (b"xx path=abc\n", None),
    ],
)
def test_pax_records(data: bytes, records: dict[str, str] | None) -> None:
    assert parse_pax(data) == records


@pytest.mark.parametrize(
    ("name", "normal"),
    [("./a", "a"), ("a/", "a"), ("./", "."), (".", "."), ("a//b", "a/b"), ("a/./b", "a/b"),
     (".a", ".a"), ("a.", "a."), ("/a//b/", "/a/b"), ("./../a", "../a"), ("", ".")],
)  # fmt: skip
def test_names_are_normalised(name: str, normal: str) -> None:
    assert normal_name(name) == normal


def test_the_end_must_be_there() -> None:
    data = tar_of([Item("a", b"1")])
    assert walk(data)[1] == []
    assert [p.code for p in walk(data[:1024])[1]] == ["archive-tronquee"]
    assert [p.code for p in walk(data[:1536])[1]] == ["fin-incomplete"]
    assert walk(data[:2048])[1] == []
    assert walk(data + bytes(1 << 20))[1] == []
    assert [p.code for p in walk(data + b"x")[1]] == ["octets-superflus"]
    assert [p.code for p in walk(data + bytes(700_000) + b"x")[1]] == ["octets-superflus"]
    assert [p.code for p in walk(data + data)[1]] == ["donnees-apres-la-fin"]


def test_content_where_there_should_be_none() -> None:
    header = bytearray(tar_of([Item("d", b"x" * 512)])[:512])
    for flag in (b"5", b"1", b"2"):
        header[156:157] = flag
        found, problems = walk(checksummed(header) + bytes(2048))
        assert (found, [p.code for p in problems]) == ([], ["entete-invalide"])


def test_a_global_header_may_comment_but_not_rename() -> None:
    def with_global(record: bytes) -> bytes:
        block = bytearray(tar_of([Item("g", record)])[:1024])
        block[156:157] = b"g"
        return checksummed(block[:512]) + bytes(block[512:]) + tar_of([Item("a")])

    assert walk(with_global(b"15 comment=abc\n"))[1] == []
    assert [p.code for p in walk(with_global(b"12 path=abc\n"))[1]] == ["entete-invalide"]


def test_too_many_members() -> None:
    one = tar_of([Item("a")])[:512]
    walker = Walk(StreamReader(iter([one * (MAX_MEMBERS + 2)])))
    assert sum(1 for _ in walker.members()) == MAX_MEMBERS
    assert [p.code for p in walker.problems] == ["trop-de-membres"]


def test_endless_extended_headers_are_counted_too() -> None:
    block = bytearray(tar_of([Item("x")])[:512])
    block[156:157] = b"x"
    one = checksummed(block)
    walker = Walk(StreamReader(iter([one * (MAX_MEMBERS + 2)])))
    assert list(walker.members()) == []
    assert [p.code for p in walker.problems] == ["trop-de-membres"]


def test_signed_checksums_of_old_writers() -> None:
    block = bytearray(tar_of([Item("é")])[:512])
    block[148:156] = b" " * 8
    signed = sum(byte - 256 if byte > 127 else byte for byte in block)
    block[148:156] = b"%06o\0 " % signed
    assert parse_header(bytes(block)) is not None
    block[0] ^= 1
    assert parse_header(bytes(block)) is None


def test_what_is_no_tar() -> None:
    for data in (b"", b"x", b"x" * 511, b"x" * 512, b"x" * 5000, bytes(100)):
        walker = Walk(SeekReader(BytesSource(data)))
        assert list(walker.members()) == []
        assert not walker.is_tar
