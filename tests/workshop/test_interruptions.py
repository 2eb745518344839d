"""An engine that dies while checks run: the environment's doing, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from checks.outcome import Status
from checks.runner import run, run_one
from tests.conftest import quiet, run_script, settle_in
from tests.engines import engine as engine_of
from workshop import images, prepare, process
from workshop.hub import registry
from workshop.lab import ROOT, Lab


def test_an_engine_killed_during_checks(short_folder: Path) -> None:
    lab = Lab(short_folder / "etat", short_folder / "travail")
    settle_in(lab)
    try:
        hub = registry.ensure(lab.state, quiet)
        with engine_of("docker-20.10", short_folder / "moteur", hub) as found:
            lab.settle(engine=found.address, hub=hub, legacy_builder=found.legacy_builder)
            images.ensure(lab.connect(), hub, lab.state, quiet, only=("busybox",))
            base = images.busybox_layers(lab.state)
            prepare.seed_hub(lab, lab.identity, base, quiet)
            prepare.give_supplies(lab, base, quiet)
            for id in ("2.1", "2.5"):
                code, output = run_script(lab, ROOT / "solutions" / f"{id}.sh")
                assert code == 0, output
            evidence, seen = lab.evidence(), []
            assert run_one("2.5", evidence).status is Status.PASSED
            stop = threading.Event()

            def check_for_ever() -> None:
                while not stop.is_set():
                    seen.append(run_one("2.5", evidence))

            checking = threading.Thread(target=check_for_ever)
            checking.start()
            time.sleep(0.5)
            pid = process.running(short_folder / "moteur" / "atelier.pid")
            subprocess.run(["kill", "-9", str(pid)], check=True)
            time.sleep(1)
            stop.set()
            checking.join(30)
        statuses = [result.status for result in seen]
        assert set(statuses) == {Status.PASSED, Status.ENVIRONMENT}
        assert statuses[-1] is Status.ENVIRONMENT
        assert "preparer" in seen[-1].message and seen[-1].mistake is None
        files, engine = run(["2.1", "2.5"], lab.evidence())
        assert files.status is Status.PASSED, "what needs no engine is still proven"
        assert engine.status is Status.ENVIRONMENT
    finally:
        registry.stop(lab.state)


def test_a_proof_told_to_end_leaves_nothing_behind(short_folder: Path) -> None:
    command = [ROOT / "atelier", "eprouver", "1.1"]
    env = {**os.environ, "TMPDIR": str(short_folder)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as proof:
        sockets = iter(lambda: list(short_folder.glob("*/moteur/docker.sock")), None)
        next(found for found in sockets if found or time.sleep(0.1))
        proof.terminate()
    assert proof.returncode == 128 + signal.SIGTERM
    assert list(short_folder.iterdir()) == []
    left = subprocess.run(["pgrep", "-f", str(short_folder)], capture_output=True, text=True)
    assert left.stdout == ""
