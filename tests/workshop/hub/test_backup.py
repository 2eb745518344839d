"""A backup made while the hub runs comes back whole, on another machine or over what went wrong."""

import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.material import making
from checks.outcome import EnvironmentProblem
from tests.workshop.hub.people import IMAGE, MANIFEST, PASSWORD, Hub
from tests.workshop.hub.test_commands import tool
from workshop.hub import backup, registry
from workshop.hub.store import open_store

OTHER = making.CourseImage("autre", (making.layer({"b": b"autre"}),), {"Labels": {"x": "y"}})


@pytest.fixture
def saved(hub: Hub, tmp_path: Path) -> Path:
    registry.push(hub.address, ["lea/secret:1", "lea/public:1", "lea/public:2"], [IMAGE])
    registry.push(hub.address, ["lea/public:2"], [OTHER])
    path = tmp_path / "hub.tar"
    contents = backup.save(hub.state, path)
    assert contents.accounts >= 4 and contents.repositories >= 2
    assert contents.size == path.stat().st_size and path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield state
    registry.stop(state)
    shutil.rmtree(state, ignore_errors=True)


def pulled(hub: Hub, name: str, tag: str, account: str | None = "lea") -> set[str] | int:
    """The layers that really come, checked; or the refusal."""
    token = hub.token(f"repository:{name}:pull", account)
    answer = hub.ask("GET", f"{name}/manifests/{tag}", token, headers={"Accept": MANIFEST})
    if answer.status_code != 200:
        return answer.status_code
    found = set()
    for layer in answer.json()["layers"]:
        content = hub.ask("GET", f"{name}/blobs/{layer['digest']}", token).content
        assert making.digest(content) == layer["digest"]
        found.add(layer["digest"])
    return found


def layers(image: making.CourseImage) -> set[str]:
    return {making.digest(making.compressed(layer)) for layer in image.all_layers}


def test_everything_comes_back_on_another_machine(saved: Path, elsewhere: Path, hub: Hub) -> None:
    backup.restore(elsewhere, saved, replace=False)
    other = Hub(elsewhere)
    assert pulled(other, "lea/public", "1", None) == layers(IMAGE)
    assert pulled(other, "lea/public", "2", None) == layers(OTHER)
    assert pulled(other, "lea/secret", "1") == layers(IMAGE)
    assert pulled(other, "lea/secret", "1", "karim") == 401
    for state in (hub.state, elsewhere):
        store = open_store(state)
        told = store.state(None), [e for e in store.events(None) if e["action"] == "push"]
        store.close()
        if state == hub.state:
            expected = told
    assert told == expected
    registry.push(other.address, ["lea/public:3"], [OTHER])
    assert pulled(other, "lea/public", "3", None) == layers(OTHER)


def test_a_running_hub_goes_back_to_it_only_when_told(
    saved: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hub, atelier = Hub(elsewhere), tool(elsewhere, monkeypatch, capsys)
    registry.push(hub.address, ["karim/perdu:1"], [OTHER])
    code, _, err = atelier("restaurer", str(saved))
    assert code == 3 and "n’est pas vide" in err and "--remplacer" in err
    assert pulled(hub, "karim/perdu", "1", None) == layers(OTHER), "nothing has changed"
    (elsewhere / "hub" / "cours.json").write_text("{}")
    code, _, err = atelier("restaurer", str(saved), "--remplacer")
    assert code == 0 and "Le hub est comme dans" in err, err
    again = Hub(elsewhere)
    assert again.address == hub.address and pulled(again, "karim/perdu", "1", "karim") == 404
    assert pulled(again, "lea/public", "2", None) == layers(OTHER)
    assert not (elsewhere / "hub" / "cours.json").exists(), "the next preparation looks again"
    assert not [path for path in (elsewhere / "hub").iterdir() if path.name.startswith("retour")]


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_made(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    atelier = tool(hub.state, monkeypatch, capsys)
    mine = tmp_path / "mien.tar"
    mine.write_text("précieux")
    code, _, err = atelier("sauvegarder", str(mine))
    assert code == 3 and "existe déjà" in err and mine.read_text() == "précieux"
    code, _, err = atelier("sauvegarder", str(tmp_path / "absent" / "hub.tar"))
    assert code == 3 and "n’existe pas" in err
    code, out, err = atelier("sauvegarder", str(tmp_path / "hub.tar"))
    assert (code, out) == (0, "") and "ne le donnez à personne" in err and "comptes" in err


def damaged(saved: Path) -> dict[str, bytes]:
    """Files that are no backup, each wrong in one way."""
    whole = saved.read_bytes()
    with tarfile.open(saved) as tar:
        members = [(entry, (tar.extractfile(entry) or io.BytesIO()).read()) for entry in tar]
    link = next(i for i, (entry, _) in enumerate(members) if entry.name.endswith("/link"))
    blob = next(i for i, (entry, _) in enumerate(members) if entry.name.endswith("/data"))

    def packed(changed: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for entry, content in changed:
                entry.size = len(content) if entry.isreg() else 0
                tar.addfile(entry, io.BytesIO(content))
        return out.getvalue()

    def but(index: int, name: str | None = None, content: bytes | None = None) -> bytes:
        entry, before = members[index]
        fresh = tarfile.TarInfo(name or entry.name)
        changed = (fresh, before if content is None else content)
        return packed([*members[:index], changed, *members[index + 1 :]])

    symbolic = tarfile.TarInfo(members[link][0].name)
    symbolic.type, symbolic.linkname = tarfile.SYMTYPE, "/etc/passwd"
    prefix = "docker/registry/v2/repositories/"
    return {
        "empty": b"",
        "text": b"bonjour" * 1000,
        "cut": whole[: len(whole) // 2],
        "cut at a member's end": packed(members[:-1]),
        "a blob changed": but(blob, content=b"autre"),
        "a blob missing": packed(members[:blob] + members[blob + 1 :]),
        "a link that is no digest": but(link, content=b"../../../../etc/passwd"),
        "a way out": but(link, name="../../../hub/key"),
        "a way out in a repository": but(
            link, name=prefix + "a/../../../../../../../key/_manifests/tags/1/current/link"
        ),
        "absolute": but(link, name="/etc/cron.d/x"),
        "a symbolic link": packed([*members[:link], (symbolic, b""), *members[link:]]),
        "twice": packed([members[link], *members]),
        "another database": but(len(members) - 1, content=b"pas une base" * 500),
        "something after": packed([*members, members[link]]),
    }


def test_what_is_no_whole_backup_changes_nothing(saved: Path, elsewhere: Path) -> None:
    store = open_store(elsewhere)
    store.create_account("nina", PASSWORD)
    for name, content in damaged(saved).items():
        path = elsewhere / "essai.tar"
        path.write_bytes(content)
        with pytest.raises(EnvironmentProblem) as told:
            backup.restore(elsewhere, path, replace=True)
        assert "Le hub garde ce qu'il avait" in str(told.value), (name, told.value)
        assert store.accounts() == ["nina"], name
    with pytest.raises(EnvironmentProblem, match="n'existe pas"):
        backup.restore(elsewhere, elsewhere / "absent.tar", replace=True)
    store.close()
    left = {path.name for path in (elsewhere / "hub").iterdir()}
    assert left <= {"hub.db", "hub.db-wal", "hub.db-shm", "lock"}, left
    assert not (elsewhere.parent / "key").exists()


def test_what_is_pushed_meanwhile_never_spoils_it(
    hub: Hub, tmp_path: Path, elsewhere: Path
) -> None:
    """Every backup made during pushes comes back, with all that was acknowledged before it."""
    acknowledged: list[int] = []
    stop = threading.Event()

    def push() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            image = making.CourseImage("n", IMAGE.layers, {"Labels": {"n": str(number)}})
            registry.push(hub.address, [f"lea/flot:{number}", "lea/flot:latest"], [image])
            acknowledged.append(number)

    thread = threading.Thread(target=push)
    thread.start()
    try:
        made = []
        for number in range(3):
            while len(acknowledged) < 3 * (number + 1):
                assert thread.is_alive()
            before = list(acknowledged)
            path = tmp_path / f"{number}.tar"
            backup.save(hub.state, path)
            made.append((path, before))
    finally:
        stop.set()
        thread.join()
    for path, before in made[:-1]:
        with tarfile.open(path) as tar:
            names = set(tar.getnames())
        assert all(
            f"/lea/flot/_manifests/tags/{n}/current/link" in "\n".join(names) for n in before
        )
        backup.restore(elsewhere, path, replace=True)
    backup.restore(elsewhere, made[-1][0], replace=True)
    other = Hub(elsewhere)
    tags = other.ask("GET", "lea/flot/tags/list").json()["tags"]
    assert {str(number) for number in made[-1][1]} < set(tags)
    for tag in tags:  # those of the very moment too
        assert pulled(other, "lea/flot", tag, None) == layers(IMAGE)
