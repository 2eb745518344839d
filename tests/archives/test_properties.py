"""Properties that hold for any input (hypothesis)."""

import contextlib
import io
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.archives import Archive, ArchiveError, BytesSource, open_archive, open_stream
from checks.archives.documents import Documents
from checks.archives.problems import shown
from checks.archives.tar import SeekReader, Walk, normal_name
from checks.report import inspection
from tests.archives.box import Item, golden, gz, image, tar_of
from tests.archives.faults import FORMATS

QUICK = settings(
    max_examples=40, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck)
)
# Not a folder, told by its last "/" before POSIX: it may have no content.
NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60
).filter(lambda name: not name.endswith("/"))
PATH = st.lists(st.sampled_from(["a", "b", "c", "é"]), min_size=1, max_size=3).map("/".join)


def ask(archive: Archive) -> None:
    """Every question has an answer, or an `ArchiveError`."""
    problems = archive.problems
    assert archive.valid == inspection.valid(problems)
    inspection.to_json(archive, problems, file="essai", integrity=True)
    inspection.render(archive, problems, integrity=True)
    for found in archive.images:
        with contextlib.suppress(ArchiveError):
            list(found.files)


@QUICK
@given(st.binary(max_size=3000))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    ask(open_archive(BytesSource(data)))
    ask(open_stream(io.BytesIO(data)))


@QUICK
@given(st.sampled_from(FORMATS), st.data(), st.booleans())
def test_one_changed_byte_never_makes_another_valid_image(
    name: str, data: st.DataObject, packed: bool
) -> None:
    original = golden(name)
    before = open_archive(BytesSource(original))
    at = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255))
    changed = original[:at] + bytes([value]) + original[at + 1 :]
    found = open_archive(BytesSource(gz(changed) if packed else changed))
    ask(found)
    if found.valid:
        assert [(i.config_digest, i.diff_ids) for i in found.images] == [
            (i.config_digest, i.diff_ids) for i in before.images
        ]


@QUICK
@given(st.sampled_from(FORMATS), st.data())
def test_no_shortened_archive_is_valid(name: str, data: st.DataObject) -> None:
    original = golden(name)
    end = len(original.rstrip(b"\0"))
    cut = data.draw(st.integers(0, end - 1))
    assert not open_archive(BytesSource(original[:cut])).valid
    packed = gz(original)
    cut = data.draw(st.integers(0, len(packed) - 1))
    assert not open_archive(BytesSource(packed[:cut])).valid


@QUICK
@given(st.lists(st.tuples(NAME, st.binary(max_size=1500)), max_size=6))
def test_what_python_writes_is_read_back(files: list[tuple[str, bytes]]) -> None:
    data = tar_of([Item(name, content) for name, content in files])
    walk = Walk(SeekReader(BytesSource(data)))
    found = [(m.name, data[m.offset : m.offset + m.size]) for m in walk.members()]
    walk.finish()
    codes = {problem.code for problem in walk.problems}
    assert codes <= {"nom-evade"}
    names = [(normal_name(name), b"" if name.endswith("/") else body) for name, body in files]
    if not any(name.endswith("/") for name, _ in files):
        assert found == names


@QUICK
@given(st.lists(st.dictionaries(PATH, st.binary(max_size=20), max_size=6), min_size=1, max_size=3))
def test_layers_merge_as_a_dictionary_would(layers: list[dict[str, bytes]]) -> None:
    # A path that is a file here and a folder there is another test's business.
    flat = [{path.replace("/", "-"): body for path, body in layer.items()} for layer in layers]
    expected: dict[str, bytes] = {}
    tars = []
    for layer in flat:
        expected |= layer
        tars.append(tar_of([Item(name, body) for name, body in layer.items()]))
    files = open_archive(BytesSource(image(tars))).images[0].files
    assert sorted(files) == sorted(expected)
    assert all(files.read(name) == body for name, body in expected.items())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Config", "RepoTags", "Layers", "manifests", "layers", "digest",
                             "size", "config", "rootfs", "diff_ids", "history", "annotations"]),
            inner, max_size=5,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@QUICK
@given(st.sampled_from(FORMATS), JSON, st.data())
def test_any_document_anywhere_has_an_answer(name: str, value: object, data: st.DataObject) -> None:
    import json

    from tests.archives.box import Box

    box = Box(golden(name))
    documents = [item for item in box.items if item.data[:1] in (b"{", b"[")]
    chosen = data.draw(st.sampled_from(documents))
    box.replace(chosen.name, json.dumps(value).encode())
    ask(open_archive(BytesSource(box.bytes())))


@given(st.binary(max_size=300))
def test_any_document_is_parsed_or_named(data: bytes) -> None:
    documents = Documents()
    if documents.parse("x", data) is None and data.strip() != b"null":
        assert documents.problems


@given(st.text(max_size=200))
def test_shown_is_always_printable(text: str) -> None:
    assert shown(text).isprintable()
    assert "`" not in shown(text)
