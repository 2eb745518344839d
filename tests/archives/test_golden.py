"""No archive that a real engine wrote is refused, however it is compressed or read."""

import bz2
import io
import lzma

import pytest
import zstandard

from checks.archives import Archive, ArchiveError, BytesSource, open_archive, open_stream
from tests.archives.box import NAMES, golden, gz, salted
from tests.archives.box import image as archive_of
from tests.archives.faults import FORMATS

COMPRESSIONS = {
    "gzip": gz,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
IMAGES = [name for name in NAMES if not name.endswith("-export")]
EXPORTS = [name for name in NAMES if name.endswith("-export")]


def archive(name: str) -> Archive:
    return open_archive(BytesSource(golden(name)), name=f"{name}.tar")


def test_enough_writers_are_there() -> None:
    writers = {name.split("-")[0] for name in NAMES}
    assert writers == {"docker", "buildx", "podman", "skopeo"}
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_archive_is_valid(name: str) -> None:
    found = archive(name)
    assert found.valid, found.problems
    expected = ["variante-absente"] if name.endswith("variante-absente") else []
    assert [problem.code for problem in found.problems] == expected
    assert found.kind == ("oci" if "-oci" in name else "docker-save")
    assert found.images
    for image in found.images:
        assert image.present
        assert [layer.computed_diff_id for layer in image.layers] == list(image.diff_ids)
        assert image.size == sum(layer.content_size for layer in image.layers)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_a_root_file_system(name: str) -> None:
    found = archive(name)
    assert (found.kind, found.detail, found.valid) == ("rootfs", "export", True)
    assert not found.images
    assert found.read("etc/issue") == b"Image d'or\n"
    with pytest.raises(ArchiveError):
        found.read("data/secret.txt")  # deleted by a layer: not in the container


@pytest.mark.parametrize("how", COMPRESSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_compression_changes_nothing(name: str, how: str) -> None:
    plain = archive(name)
    packed = open_archive(BytesSource(COMPRESSIONS[how](golden(name))))
    assert packed.compression == (how,)
    same(packed, plain)


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_tells_the_same(name: str) -> None:
    plain = archive(name)
    piped = open_stream(io.BytesIO(golden(name)))
    same(piped, plain)
    assert (piped.size, piped.sha256, piped.head) == (plain.size, plain.sha256, plain.head)
    packed = open_stream(io.BytesIO(gz(golden(name))))
    same(packed, plain)


def test_up_to_three_compressions() -> None:
    data = golden("docker-26.1g-save")
    for times in range(1, 5):
        data = gz(data)
        found = open_archive(BytesSource(data))
        assert found.compression == ("gzip",) * min(times, 3)
        assert found.valid is (times < 4)
        codes = [problem.code for problem in found.problems]
        assert codes[:1] == [[], ["compression-multiple"], ["compression-multiple"],
                             ["trop-de-compressions"]][times - 1]  # fmt: skip


def same(one: Archive, other: Archive) -> None:
    assert (one.kind, one.detail, one.valid) == (other.kind, other.detail, other.valid)
    assert one.problems == other.problems
    assert one.content_sha256 == other.content_sha256
    assert one.content_size == other.content_size
    assert one.members == other.members
    assert [
        (image.config_digest, image.tags, image.diff_ids, image.size) for image in one.images
    ] == [(image.config_digest, image.tags, image.diff_ids, image.size) for image in other.images]
    for image, twin in zip(one.images, other.images, strict=True):
        assert [layer.contents for layer in image.layers] == [
            layer.contents for layer in twin.layers
        ]


# -- what each writer does differently ---


def test_one_image_is_the_same_whoever_wrote_it() -> None:
    names = ("docker-20.10-save", "podman-save", "skopeo-docker-archive")
    images = [archive(name).images[0] for name in names]
    assert len({image.config_digest for image in images}) == 1
    assert len({image.diff_ids for image in images}) == 1
    assert [image.tags for image in images] == [
        ("golden/app:1",), ("localhost/golden/app:1",), ("docker.io/golden/app:1",),
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ["docker-20.10", "docker-26.1c", "docker-26.1g"])
def test_names_of_images(engine: str) -> None:
    def tags(name: str) -> list[tuple[str, ...]]:
        return [tuple(sorted(image.tags)) for image in archive(f"{engine}-{name}").images]

    assert tags("save") == [("golden/app:1",)]
    assert tags("deux-noms") == [("golden/app:1", "golden/app:bis")]
    assert tags("sans-nom") == [()]
    assert sorted(tags("deux-images")) == [("golden/app:1",), ("golden/twice:1",)]


def test_a_repeated_layer_is_a_link_in_the_old_layout() -> None:
    found = archive("docker-20.10-couche-repetee")
    assert any(member.type == "symlink" for member in found.members.values())
    image = found.images[0]
    assert len(image.layers) == 2
    assert image.diff_ids[0] == image.diff_ids[1]
    assert image.layers[0].offset == image.layers[1].offset


def test_layers_of_one_archive_may_be_stored_differently() -> None:
    image = archive("buildx-26.1c-save-mixte").images[0]
    kinds = [layer.compression for layer in image.layers]
    assert "gzip" in kinds
    gzipped = image.layers[kinds.index("gzip")]
    assert gzipped.digest != gzipped.diff_id
    assert gzipped.content_size > gzipped.size


def test_every_platform_is_an_image() -> None:
    for name in ("buildx-26.1c-save-plateformes", "buildx-26.1c-oci-plateformes"):
        assert sorted(image.architecture for image in archive(name).images) == ["amd64", "arm64"]
    alone = archive("buildx-26.1c-save-variante-absente")
    assert [image.architecture for image in alone.images] == ["amd64"]


@pytest.mark.parametrize("name", FORMATS)
def test_digests_made_again_are_right(name: str) -> None:
    found = open_archive(BytesSource(salted(golden(name), 7)))
    assert found.valid, found.problems
    assert found.images[0].config_digest != archive(name).images[0].config_digest
    assert found.images[0].diff_ids[0] != archive(name).images[0].diff_ids[0]
    assert found.images[0].diff_ids[1] != archive(name).images[0].diff_ids[1]


def test_details() -> None:
    assert archive("docker-20.10-save").detail == "legacy"
    assert archive("docker-26.1g-save").detail == "oci-layout"
    assert archive("podman-save").detail == "podman"
    assert archive("skopeo-oci-archive").detail == "oci-only"


def test_an_image_may_have_no_layer() -> None:
    found = open_archive(BytesSource(archive_of([], rootfs={"type": "layers"})))
    assert found.valid, found.problems
    assert (found.images[0].layers, found.images[0].size) == ((), 0)
    wrong = open_archive(BytesSource(archive_of([], rootfs={"diff_ids": "aucun"})))
    assert [problem.code for problem in wrong.problems] == ["config-illisible"]
