"""`inspecter`: JSON, sentences, exit codes; nothing hostile reaches the terminal."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.archives.box import NAMES, Box, Item, golden, gz, image, tar_of
from tests.archives.faults import FAULTS
from workshop.inspect import inspect_files

KEYS = ["version", "file", "kind", "compression", "valid", "problems", "images"]


def inspect(*paths: Path | str, json: bool = False, integrity: bool = True) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    names = [str(path) for path in paths]
    code = inspect_files(names, json=json, integrity=integrity, out=out, err=err)
    return code, out.getvalue().replace("’", "'"), err.getvalue().replace("’", "'")


def objects(*paths: Path | str, integrity: bool = True) -> tuple[int, list[dict[str, Any]]]:
    code, out, _ = inspect(*paths, json=True, integrity=integrity)
    return code, json.loads(out)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / f"{name}.tar").write_bytes(golden(name))
    return tmp_path


@pytest.mark.parametrize("integrity", [True, False])
def test_json_is_as_designed(made: Path, integrity: bool) -> None:
    paths = sorted(made.glob("*.tar"))
    code, found = objects(*paths, integrity=integrity)
    assert code == 0
    assert [one["file"] for one in found] == [str(path) for path in paths]
    for one in found:
        assert list(one) == KEYS
        assert one["version"] == 1
        assert one["valid"] is True
        assert one["kind"] in ("docker-save", "oci", "rootfs")
        for problem in one["problems"]:
            assert list(problem) == ["code", "severity", "message"]
            assert problem["severity"] == "warning"
        for each in one["images"]:
            assert list(each) == [
                "config_digest", "tags", "diff_ids", "history", "architecture", "size",
            ]  # fmt: skip
            assert each["config_digest"].startswith("sha256:")
            assert each["history"] > 0
            assert each["size"] > 0


def test_every_archive_can_be_told(made: Path) -> None:
    code, out, err = inspect(*sorted(made.glob("*.tar")))
    assert (code, err) == (0, "")
    assert "█" in out
    assert "Effacés par une couche" in out
    assert "`data/secret.txt` (couche 1)" in out
    assert "`docker export` perdrait" in out
    assert "COPY --chown=0:0 one /" in out


def test_every_fault_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    for fault in FAULTS:
        data = fault.apply(golden("docker-26.1g-save"))
        assert data is not None
        path.write_bytes(data)
        code, out, _ = inspect(path)
        assert code == 1
        assert any(f"[{one}]" in out for one in fault.code.split()), out
        assert "✘" in out


def test_exit_codes(tmp_path: Path) -> None:
    good, bad = tmp_path / "bon.tar", tmp_path / "mauvais.tar"
    good.write_bytes(golden("podman-save"))
    bad.write_bytes(golden("podman-save")[:9000])
    assert inspect(good)[0] == 0
    assert inspect(good, bad)[0] == 1
    code, out, err = inspect(good, tmp_path / "absent", tmp_path, bad)
    assert code == 3
    assert "n'existe pas" in err
    assert "dossier" in err
    assert "bon.tar" in out
    code, found = objects(good, tmp_path / "absent", bad)
    assert code == 3
    assert [one["valid"] for one in found] == [True, False, False]
    assert found[1]["problems"][0]["code"] == "illisible"
    assert list(found[1]) == KEYS


def test_without_integrity_nothing_is_hashed(tmp_path: Path) -> None:
    box = Box(golden("docker-20.10-save"))
    item = box[box.layers[0]]
    item.data = item.data[:600] + b"x" + item.data[601:]
    path = tmp_path / "a.tar"
    path.write_bytes(box.bytes())
    assert inspect(path)[0] == 1
    code, out, _ = inspect(path, integrity=False)
    assert code == 0
    assert "n'ont pas été vérifiées" in out


def test_standard_input_and_many_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(golden("podman-save"))
    code = f"""
import sys
from workshop.inspect import inspect_files
sys.exit(inspect_files(["-", {str(path)!r}], json=True, integrity=True,
                       out=sys.stdout, err=sys.stderr))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=gz(golden("docker-20.10-save")), capture_output=True,
        check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert [one["file"] for one in found] == ["-", str(path)]
    assert [one["compression"] for one in found] == [["gzip"], []]
    assert found[0]["images"][0]["config_digest"] == found[1]["images"][0]["config_digest"]


def test_parts_are_read_as_one(tmp_path: Path) -> None:
    data = golden("docker-26.1g-save")
    for number, suffix in enumerate(("aa", "ab", "ac", "ad")):
        (tmp_path / f"a.tar.{suffix}").write_bytes(data[number * 10_000 : (number + 1) * 10_000])
    paths = sorted(tmp_path.iterdir())
    code, found = objects(*reversed(paths))
    assert code == 0
    assert [one["file"] for one in found] == [str(path) for path in paths]
    assert {one["kind"] for one in found} == {"part"}
    assert all(one["images"] for one in found)
    code, found = objects(paths[0], paths[2], paths[3])
    assert code == 1
    assert found[0]["problems"][0]["code"] == "partie-manquante"


def test_whole_archives_numbered_are_not_joined(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"sauvegarde.0{number}").write_bytes(golden("podman-save"))
    code, found = objects(*sorted(tmp_path.iterdir()))
    assert (code, [one["kind"] for one in found]) == (0, ["docker-save"] * 2)


def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J\x07\u202e\r\n`x`\x9b31m\udc80"
    layers = [tar_of([Item(f"a{number}\x1b[31m", b"1")]) for number in range(2)]
    data = image(
        layers,
        os=evil,
        history=[{"created_by": evil * 3}, {"comment": evil}, {"empty_layer": True}],
        config={"Labels": {evil: evil}, "Cmd": [evil]},
    )
    box = Box(data)
    box.edit("manifest.json", lambda entries: entries[0].update(RepoTags=[evil]))
    box.items += [Item(f"{'b' * 64}/json\x1b[0m", b"1"), Item("../\x1b]0;titre\x07", b"2")]
    for name in ("a.tar", "b\x1b[31m.tar"):
        path = tmp_path / name
        path.write_bytes(box.bytes())
        code, out, err = inspect(path)
        assert code == 1
        for char in out + err:
            assert char.isprintable() or char in "\n\xa0", repr(char)
    assert json.loads(inspect(tmp_path / "a.tar", json=True)[1])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"created_by": "/bin/sh -c #(nop)  CMD [\"sh\"]"}, 'CMD ["sh"]'),
        ({"created_by": "/bin/sh -c apt-get   update"}, "RUN apt-get update"),
        ({"created_by": "RUN /bin/sh -c make # buildkit"}, "RUN make"),
        ({"created_by": "|1 V=2 /bin/sh -c make"}, "RUN make"),
        ({"comment": "Imported from -"}, "Imported from -"),
        ({}, "(sans explication)"),
        ({"created_by": 7}, "7"),
    ],
)  # fmt: skip
def test_instructions_are_told_as_written(line: dict[str, Any], told: str) -> None:
    from checks.report.inspection import instruction

    assert instruction(line) == told


def test_a_missing_layer_keeps_its_line(tmp_path: Path) -> None:
    box = Box(golden("docker-20.10-save"))
    box.remove(box.layers[0])
    path = tmp_path / "incomplete.tar"
    path.write_bytes(box.bytes())
    code, out, _ = inspect(path)
    rows = [line for line in out.splitlines() if line[:6].strip().isdigit()]
    assert code == 1
    assert "absente" in rows[0] and "absente" not in rows[1]
    assert "containerd" not in out  # this layout never comes from that store
