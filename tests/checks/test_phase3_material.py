"""What phase 3 gives is coherent for every learner, and differs from one to the next."""

from __future__ import annotations

import json
import platform
import struct
import subprocess
from pathlib import Path

import pytest

from checks.archives import BytesSource, open_archive
from checks.identity import Identity
from checks.material import crier, making, phase3
from checks.phase3 import COMMANDS, NATURES

LEARNERS = [Identity("x", f"{n * 0x1234567 % (1 << 32):08x}") for n in range(60)]
ME, OTHER = LEARNERS[1], LEARNERS[2]


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.id)
def test_the_wreck_tells_one_fatal_error_and_its_line(learner: Identity) -> None:
    truth = phase3.wreck(learner)
    lines = truth.logs[truth.file].splitlines()
    assert [n for n, line in enumerate(lines, 1) if "FATAL" in line] == [truth.line]
    assert sum("FATAL" in text for text in truth.logs.values()) == 1
    assert all("erreur corrigée" in text for text in truth.logs.values())
    assert truth.code not in (0, phase3.LOCKED) and 0 < truth.code < 126
    assert set(truth.logs) < set(truth.changed)
    # The last line of the log is in none of the files: it has to be asked of the engine.
    assert not any(truth.last_message in text for text in truth.logs.values())


def test_each_crate_is_what_the_answer_says() -> None:
    kinds = {"image": "docker-save", "image-oci": "oci", "conteneur": "rootfs"}
    for number, kind in phase3.crates(ME).items():
        name = phase3.crate_name(number, kind)
        archive = open_archive(BytesSource(phase3.crate(ME, kind)), name=name)
        assert archive.kind == kinds.get(NATURES[kind], "unknown")
        assert bool(archive.compression) == (kind == "gzip")
        sound = NATURES[kind] in kinds
        assert archive.valid == sound, archive.problems
        assert COMMANDS[NATURES[kind]]


def test_crates_are_in_an_order_of_one_s_own() -> None:
    orders = {tuple(phase3.crates(learner).values()) for learner in LEARNERS}
    assert len(orders) > 50
    assert all(set(order) == set(phase3.CRATES) for order in orders)


def test_version_1_of_the_relay_goes_on_from_the_base() -> None:
    base = (b"base layer",)
    parent = json.loads(phase3.socle(ME).built(base).config_blob)
    relay = phase3.relay(ME, base)
    config = json.loads(relay.config_blob)
    assert config["history"][: len(parent["history"])] == parent["history"]
    count = len(parent["rootfs"]["diff_ids"])
    assert config["rootfs"]["diff_ids"][:count] == parent["rootfs"]["diff_ids"]
    assert tuple(config["rootfs"]["diff_ids"][count:]) == relay.own_diff_ids
    steps = [line for line in config["history"] if not line.get("empty_layer")]
    assert len(steps) == len(config["rootfs"]["diff_ids"])
    recipe = phase3.relay_recipe("localhost:5000")
    instruction = next(line for line in recipe.splitlines() if line.startswith("RUN "))
    written = config["history"][len(parent["history"])]["created_by"]
    assert written == "/bin/sh -c " + instruction.removeprefix("RUN ")


def test_two_learners_share_nothing_that_proves_anything() -> None:
    mine, theirs = (
        phase3.supplies(learner, "localhost:5000", [b"base"]) for learner in (ME, OTHER)
    )
    for name in ("jeton.txt", "sextant", "relais-v1.tar", "relais-2.conf", "message.txt"):
        assert mine[name] != theirs[name]
    for make in (phase3.carnet, phase3.station, phase3.derive, phase3.brouillon, phase3.bloc):
        assert make(ME).own_diff_ids != make(OTHER).own_diff_ids
    assert phase3.station_data(ME) != phase3.station_data(OTHER)
    assert phase3.supplies(ME, "localhost:5000", [b"base"]) == mine


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no crier for it")
def test_the_crier_reads_a_file_aloud_and_says_why_it_cannot(tmp_path: Path) -> None:
    machine = crier.X86_64 if platform.machine() == "x86_64" else crier.AARCH64
    program = tmp_path / "crieur"
    program.write_bytes(crier.program(machine))
    program.chmod(0o755)
    text = phase3.message(ME).encode() * 300  # more than it reads at a time
    (tmp_path / "message").write_bytes(text)

    def cry(*words: str) -> tuple[int, bytes]:
        done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True)
        return done.returncode, done.stdout

    assert cry("message", "rien") == (0, text)
    assert [cry(), cry("rien"), cry(".")] == [(2, b""), (3, b""), (4, b"")]
    with Path("/dev/full").open("wb") as full:
        assert subprocess.run([program, tmp_path / "message"], stdout=full).returncode == 5


def test_the_crier_is_for_the_processor_of_the_base() -> None:
    for machine, program in zip((crier.X86_64, crier.AARCH64), crier.programs(), strict=True):
        size = len(program)
        assert struct.unpack_from("<H", program, 18) == (machine,) and size < 300
        assert struct.unpack_from("<QQ", program, 64 + 32) == (size, size)
        base = [making.layer({"etc/passwd": "root"}), making.layer({"bin/busybox": program})]
        assert crier.machine_of(base) == machine
        assert phase3.supplies(ME, "localhost:5000", base)["crieur"] == program
    assert crier.program(crier.machine_of([b"no program"])) == crier.program(crier.X86_64)
