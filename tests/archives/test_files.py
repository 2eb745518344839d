"""The merged file system of an image."""

import io
import tarfile

import pytest

from checks.archives import ArchiveError, BytesSource, Files, open_archive, open_stream
from tests.archives.box import Item, golden, gz, image, tar_of

WRITERS = ("docker-20.10-save", "docker-26.1g-save", "docker-26.1c-save", "buildx-26.1c-oci",
           "podman-save", "skopeo-oci-archive")  # fmt: skip


def folder(name: str) -> Item:
    return Item(name, type=tarfile.DIRTYPE, extra={"mode": 0o755})


def link(name: str, target: str, *, hard: bool = False) -> Item:
    return Item(name, type=tarfile.LNKTYPE if hard else tarfile.SYMTYPE, extra={"linkname": target})


def files(*layers: list[Item]) -> Files:
    data = image([tar_of(layer) for layer in layers])
    found = open_archive(BytesSource(data))
    assert found.valid, found.problems
    packed = open_archive(BytesSource(gz(data)))
    assert list(packed.images[0].files) == list(found.images[0].files)
    return found.images[0].files


@pytest.mark.parametrize("name", WRITERS)
def test_the_golden_image(name: str) -> None:
    found = open_archive(BytesSource(golden(name))).images[0].files
    assert found.read("data/reste.txt") == b"je reste, modifie\n"
    assert found.layer_of("etc/issue") == 0
    assert found.read("data/lien.txt") == b"je reste, modifie\n"
    assert "data/secret.txt" not in found
    assert "vieux" in found
    assert "vieux/a.txt" not in found
    assert "vieux/b/c.txt" not in found
    hidden = {h.file.path: h for h in found.hidden if not h.replaced}
    assert {"data/secret.txt", "vieux/a.txt", "vieux/b/c.txt"} <= hidden.keys()
    assert (hidden["data/secret.txt"].file.layer, hidden["data/secret.txt"].by) == (0, 2)
    replaced = [h.file.path for h in found.hidden if h.replaced]
    assert "data/reste.txt" in replaced


def test_a_whiteout_hides_a_whole_folder() -> None:
    found = files([Item("a/b/c", b"1"), Item("a/d", b"2")], [Item("a/.wh.b")])
    assert sorted(found) == ["a/d"]
    assert [h.file.path for h in found.hidden] == ["a/b/c"]


def test_an_opaque_folder_hides_what_is_below_only() -> None:
    lower = [folder("a"), Item("a/old", b"1"), Item("a/sub/old", b"2")]
    for upper in (
        [folder("a"), Item("a/.wh..wh..opq"), Item("a/new", b"3"), Item("a/sub/new", b"4")],
        [folder("a"), Item("a/new", b"3"), Item("a/sub/new", b"4"), Item("a/.wh..wh..opq")],
    ):
        found = files(lower, upper)
        assert sorted(found) == ["a", "a/new", "a/sub/new"]
        assert sorted(h.file.path for h in found.hidden if not h.replaced)[-2:] == [
            "a/old", "a/sub/old",
        ]  # fmt: skip


def test_a_whiteout_does_not_touch_its_own_layer() -> None:
    assert "x" in files([Item("x", b"1")], [Item("x", b"2"), Item(".wh.x")])


def test_a_hard_link_keeps_its_content() -> None:
    found = files(
        [Item("a", b"contenu"), link("b", "a", hard=True)],
        [Item(".wh.a"), link("c", "b", hard=True)],
    )
    assert "a" not in found
    assert found.read("b") == found.read("c") == b"contenu"


def test_symbolic_links_stay_inside() -> None:
    found = files(
        [
            Item("etc/real", b"dedans"), link("etc/link", "real"), link("abs", "/etc/real"),
            link("up", "../../../../etc/real"), link("loop", "loop"), link("dir", "etc"),
        ]
    )  # fmt: skip
    for path in ("etc/link", "abs", "up", "dir/link", "/etc/real", "./etc//real"):
        assert found.read(path) == b"dedans"
    for path in ("loop", "absent", "etc", "etc/real/x"):
        with pytest.raises(ArchiveError):
            found.read(path)
    assert found.get("abs") is not None
    with pytest.raises(ArchiveError, match="limite"):
        found.read("etc/real", limit=3)


def test_a_file_may_replace_a_folder_and_back() -> None:
    found = files([Item("a/b", b"1")], [Item("a", b"2")], [folder("a"), Item("a/c", b"3")])
    assert sorted(found) == ["a", "a/c"]
    assert "a/b" in [h.file.path for h in found.hidden]


def test_what_cannot_be_listed_says_so() -> None:
    data = image([b"not a tar" * 100])
    with pytest.raises(ArchiveError):
        _ = open_archive(BytesSource(data)).images[0].files
    with pytest.raises(ArchiveError):
        _ = open_stream(io.BytesIO(image([tar_of([Item("a")])]))).images[0].files
    with pytest.raises(ArchiveError):
        _ = open_archive(BytesSource(image([tar_of([Item("a/../../b")])]))).images[0].files


def test_an_empty_layer_is_fine() -> None:
    """Found by hypothesis: a tar without a member starts with its end."""
    assert list(files([])) == []
    assert list(files([Item("a")], [], [Item("b")])) == ["a", "b"]
