"""The main job, end to end: one command, a notebook that answers, an exercise, and all closed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import requests

from tests.conftest import settle_in
from workshop.lab import ROOT, Lab


def test_from_nothing_to_a_verified_exercise_and_back_to_nothing(short_folder: Path) -> None:
    lab = Lab(short_folder / "etat", short_folder / "travail")
    settle_in(lab)
    env = os.environ | {
        "ATELIER_ETAT": str(lab.state),
        "ATELIER_TRAVAIL": str(lab.workspace),
        "ATELIER_MOTEUR": "embarque",
    }

    def atelier(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [str(ROOT / "atelier"), *arguments],
            env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    try:
        (address,) = atelier("ouvrir", "--sans-navigateur").splitlines()
        assert requests.get(address, timeout=30).status_code == 200
        assert atelier("ouvrir", "--sans-navigateur").splitlines() == [address]
        prepared = json.loads(atelier("preparer", "--json"))
        assert prepared["done"] == [], "the second time, nothing is done"
        state = json.loads(atelier("etat", "--json"))
        names = {image["name"].split(":")[0] for image in state["images"]}
        assert {"busybox", "debian", "nginx"} <= names
        assert (state["engine"]["kind"], state["hub"]["running"]) == ("embedded", True)
        atelier("verifier", "2.1", code=1)
        script = (ROOT / "solutions" / "2.1.sh").read_text()
        atelier("executer", "--", "bash", "-ec", script)
        atelier("verifier", "2.1")
        assert json.loads(atelier("etat", "--json"))["progress"]["points"] == 2
        for image in ("debian:12-slim", "nginx"):
            said = atelier(
                "executer", "--", "docker", "run", "--rm", image, "cat", "/etc/os-release"
            )
            assert "bookworm" in said
    finally:
        atelier("fermer")
    left = subprocess.run(["pgrep", "-af", str(short_folder)], capture_output=True, text=True)
    assert left.stdout == ""
    assert str(short_folder) not in Path("/proc/mounts").read_text()
    assert (lab.workspace / "outil-1.2.tar").exists(), "the learner's work stays"
    atelier("verifier", "2.1")
