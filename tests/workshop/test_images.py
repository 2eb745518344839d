"""Base images: true names, from a bundle or made, whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker import DockerClient

from checks.archives import open_archive
from checks.material.making import digest
from checks.outcome import EnvironmentProblem
from tests import engines
from workshop import images, process
from workshop.hub import registry

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("docker-20.10", "docker-26.1-containerd")


@dataclass
class Bench:
    """An engine, a hub, and a folder with nothing in it. `said` is what was said."""

    folder: Path
    address: str
    hub: str
    client: DockerClient
    said: list[str]

    def ensure(self, state: Path, *only: str) -> list[images.BaseImage]:
        return images.ensure(self.client, self.hub, state, self.said.append, only=only)


def _bench(name: str) -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    try:
        hub = registry.ensure(folder, lambda line: None)
        with engines.engine(name, folder / "moteur", hub) as engine:
            client = DockerClient(base_url=engine.address, timeout=120)
            yield Bench(folder, engine.address, hub, client, [])
            client.close()
    finally:
        registry.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_bench() -> Iterator[Bench]:
    """A bench whose engine and hub are new."""
    yield from _bench("docker-20.10")


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    yield from _bench("docker-20.10")


@pytest.fixture
def bench(shared: Bench, tmp_path: Path) -> Bench:
    """A bench whose engine and hub have served."""
    return Bench(tmp_path, shared.address, shared.hub, shared.client, [])


@pytest.fixture(params=ENGINES)
def any_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    yield from _bench(request.param)


def test_busybox_is_made_shared_and_runs_under_its_true_name(any_bench: Bench) -> None:
    bench = any_bench
    begun = time.monotonic()
    (image,) = bench.ensure(bench.folder, "busybox")
    assert time.monotonic() - begun < 10
    name = image.names[0]
    banner = bench.client.containers.run(name, ["busybox"], remove=True, name="essai").decode()
    assert f"BusyBox v{name.partition(':')[2]}" in banner
    assert not [tag for each in bench.client.images.list() for tag in each.tags if "/" in tag]
    layers = images.busybox_layers(bench.folder)
    described = bench.client.images.get(name).attrs["RootFS"]["Layers"]
    assert [digest(layer) for layer in layers] == described
    assert all(registry.has(bench.hub, f"library/{each}") for each in image.names)
    bench.said.clear()
    begun = time.monotonic()
    bench.ensure(bench.folder, "busybox")
    assert time.monotonic() - begun < 0.3
    assert bench.said == []


def test_what_went_missing_comes_back(bench: Bench) -> None:
    (image,) = bench.ensure(bench.folder, "busybox")
    bench.client.images.remove(image.names[1])
    registry.delete(bench.hub, f"library/{image.names[1]}")
    bench.ensure(bench.folder, "busybox")
    assert bench.client.images.get(image.names[1])
    assert registry.has(bench.hub, f"library/{image.names[1]}")


def test_a_bundle_comes_before_making_and_a_damaged_one_is_set_aside(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = bench.ensure(bench.folder, "busybox")
    whole = bench.folder / "lot.tar"
    reference = made.names[0]
    with whole.open("wb") as file:
        for chunk in bench.client.images.get(reference).save(named=reference):
            file.write(chunk)
    state = bench.folder / "autre"
    (state / "bundle").mkdir(parents=True)
    shutil.copy(whole, state / "bundle" / "cours.tar")
    (state / "bundle" / "abime.tar").write_bytes(whole.read_bytes()[:100_000])
    (state / "bundle" / "lisez-moi.txt").write_text("bonjour")
    (image,) = bench.ensure(state, "busybox")
    assert any("Chargement" in line and "cours.tar" in line for line in bench.said)
    assert image.names == (reference,)
    assert images.busybox_layers(state) == images.busybox_layers(bench.folder)
    monkeypatch.setenv("ATELIER_BUNDLE", str(whole))
    bench.ensure(bench.folder / "encore", "busybox")
    assert any(str(whole) in line for line in bench.said)


def test_a_missing_bundle_is_told_and_passed_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_BUNDLE", "/nexiste.tar")
    assert bench.ensure(bench.folder, "busybox")
    assert any("/nexiste.tar" in line for line in bench.said)


def test_a_full_disk_is_told_and_leaves_nothing(bench: Bench) -> None:
    state = bench.folder / "petit"
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(state)], check=True)
    try:
        with pytest.raises(EnvironmentProblem, match="place"):
            bench.ensure(state, "busybox")
        assert list((state / "images").iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", str(state)], check=True)
    assert bench.ensure(state, "busybox"), "once there is room"


def test_a_damaged_archive_of_ours_is_told(bench: Bench) -> None:
    (bench.folder / "images").mkdir()
    (bench.folder / "images" / "busybox.tar").write_bytes(b"rien")
    with pytest.raises(EnvironmentProblem, match="supprimez ce fichier"):
        bench.ensure(bench.folder, "busybox")


def test_an_engine_that_dies_is_told(new_bench: Bench) -> None:
    bench = new_bench
    pid = process.running(bench.folder / "moteur" / "atelier.pid")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(EnvironmentProblem, match="ne répond plus"):
        bench.ensure(bench.folder, "busybox")


@pytest.mark.parametrize(
    ("only", "number"),
    [("busybox", signal.SIGINT), ("busybox", signal.SIGKILL), ("debian", signal.SIGINT)],
)
def test_an_interruption_leaves_nothing_half_made(new_bench: Bench, only: str, number: int) -> None:
    bench = new_bench
    state, temporary = bench.folder / "etat", bench.folder / "tmp"
    temporary.mkdir()
    code = (
        "import pathlib, sys; from docker import DockerClient; from workshop import images\n"
        "client, state = DockerClient(base_url=sys.argv[1]), pathlib.Path(sys.argv[3])\n"
        "images.ensure(client, sys.argv[2], state, lambda line: print(line, flush=True),"
        " only=(sys.argv[4],))"
    )
    for delay in (0.0, 0.05, 0.15) if only == "busybox" else (3.0,):
        maker = subprocess.Popen(
            [sys.executable, "-c", code, bench.address, bench.hub, str(state), only], cwd=ROOT,
            env=os.environ | {"TMPDIR": str(temporary)}, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert maker.stdout is not None and "Fabrication" in maker.stdout.readline()
        time.sleep(delay)
        maker.send_signal(number)
        maker.wait(60)
        maker.stdout.close()
        for archive in (state / "images").glob("*.tar"):
            assert open_archive(archive).valid
        if number == signal.SIGINT:
            assert not list((state / "images").glob("*.part"))
            assert list(temporary.iterdir()) == []
            assert not [c for _, c in process.commands() if str(temporary) in " ".join(c)]
        shutil.rmtree(state, ignore_errors=only == "debian")
    if only == "busybox":
        (image,) = bench.ensure(state, only)
        assert bench.client.images.get(image.names[0])
        assert not list((state / "images").glob("*.part"))


@pytest.mark.skipif(not os.environ.get("ATELIER_LENT"), reason="long: ATELIER_LENT=1")
def test_debian_and_nginx_are_made_from_packages(new_bench: Bench) -> None:
    bench = new_bench
    found = {image.names[0].partition(":")[0]: image for image in bench.ensure(bench.folder)}
    assert found["debian"].names[0] == "debian:12-slim"
    version = found["nginx"].names[0].partition(":")[2]
    run = bench.client.containers.run
    assert run("debian:12-slim", ["cat", "/etc/debian_version"], remove=True).startswith(b"12.")
    said = run("nginx", ["nginx", "-v"], remove=True, stderr=True).decode()
    assert f"nginx/{version}." in said
    server = run("nginx", detach=True, network_mode="none")
    time.sleep(1)
    server.reload()
    assert server.status == "running"
    assert server.attrs["Config"]["ExposedPorts"] == {"80/tcp": {}}
    server.remove(force=True)
    bench.said.clear()
    begun = time.monotonic()
    bench.ensure(bench.folder)
    assert time.monotonic() - begun < 0.3
    assert bench.said == []
