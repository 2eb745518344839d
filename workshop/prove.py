"""Proving exercises, for authors: untouched → refused, solution → passed, mistake → its own name.

Each case is a real script run on a real engine, in a workspace of its own. The verdict is asked
twice of live evidence, then once of a submission; all must agree.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks import material
from checks.exercise import catalogue
from checks.identity import Identity
from checks.outcome import Result, Status
from checks.runner import closure, run_one
from workshop.hub import snapshot
from workshop.lab import ROOT, Lab

if TYPE_CHECKING:
    from docker import DockerClient

UNTOUCHED, SOLUTION = "untouched", "solution"
LEARNER = Identity("essai", "5ea0b0a7")
NEIGHBOUR = Identity("voisin", "0badcafe")
SOLUTIONS = ROOT / "solutions"
MISTAKES = ROOT / "tests" / "mistakes"
SCRIPT_LIMIT = 120
"""Seconds that a script may take."""


@dataclass(frozen=True)
class Case:
    """One proven case. `got` is « passed », a mistake's name, or a status."""

    exercise: str
    case: str
    expected: str
    got: str
    log: str = field(default="", compare=False)

    @property
    def ok(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.got == self.expected

    def to_json(self) -> dict[str, Any]:
        """The object of `./atelier eprouver --json`; the log only when it explains a failure."""
        data = {**asdict(self), "ok": self.ok}
        if self.ok:
            del data["log"]
        return data


def prove(
    ids: list[str],
    engine_name: str,
    *,
    passes: int,
    seed: int | None,
    say: Callable[[str], None],
) -> Iterator[Case]:
    """Play every case of `ids` on a fresh engine, `passes` times, in an order drawn from `seed`.

    Raises `EnvironmentProblem` when the engine cannot be had.
    """
    seed = random.randrange(10**6) if seed is None else seed
    say(f"Ordre des cas tiré de la graine {seed}.")
    with bench(engine_name, say) as table:
        for number in range(passes):
            drawn = [(id, case) for id in ids for case in cases(id)]
            random.Random(seed + number).shuffle(drawn)
            for id, case in drawn:
                if suits(id, case, table.store):
                    yield table.play(id, case)


def cases(id: str) -> list[str]:
    """What is proven of an exercise: untouched, solved, and each of its mistakes."""
    return [UNTOUCHED, SOLUTION, *catalogue()[id].mistakes]


def suits(id: str, case: str, store: str) -> bool:
    """Whether the case can happen with this image store (`# moteurs : …` in its script)."""
    path = _script(id, case)
    if path is None or not path.exists():
        return True
    stores = re.search(r"^# moteurs : (.+)$", path.read_text(), re.MULTILINE)
    return stores is None or store in stores[1].split()


@contextlib.contextmanager
def bench(engine_name: str, say: Callable[[str], None]) -> Iterator[Bench]:
    """An engine and a hub of their own, seeded for a learner and a neighbour; undone at the end."""
    from tests.engines import engine
    from workshop import images, prepare
    from workshop.hub import registry

    folder = Path(tempfile.mkdtemp(prefix="atelier-epreuve-"))
    state = folder / "etat"
    try:
        hub = registry.ensure(state, say)
        with engine(engine_name, folder / "moteur", hub) as found:
            lab = Lab(state, folder / "travail")
            lab.settle(engine=found.address, hub=hub, legacy_builder=found.legacy_builder)
            client = lab.connect()
            images.ensure(client, hub, state, say, only=("busybox",))
            base = images.busybox_layers(state)
            prepare.seed_hub(lab, LEARNER, base, say)
            for variants in material.registry_images(NEIGHBOUR):
                built = [image.built(base) for image in variants]
                registry.push(hub, [built[0].name.replace("cours/", "voisin/")], built)
            neighbour = folder / "voisin"
            neighbour.mkdir()
            for name, content in material.supplies(NEIGHBOUR, hub, base).items():
                (neighbour / name).write_bytes(content)
            yield Bench(lab, client, base, neighbour, found.store)
            client.close()
    finally:
        registry.stop(state)
        shutil.rmtree(folder, ignore_errors=True)


class Bench:
    """Where cases are played, one after the other."""

    def __init__(
        self, lab: Lab, client: DockerClient, base: list[bytes], neighbour: Path, store: str
    ) -> None:
        self.lab = lab
        self.client = client
        self.supplies = material.supplies(LEARNER, lab.hub, base)
        self.neighbour = neighbour
        self.store = store
        self.kept = {row["Id"]: set(row["RepoTags"] or ()) for row in client.api.images()}
        snapshot.take(lab.state / "hub", lab.state / "hub-seme")

    def play(self, id: str, case: str) -> Case:
        """Play one case from a clean engine and a clean workspace."""
        expected = {UNTOUCHED: "refused", SOLUTION: str(Status.PASSED)}.get(case, case)
        self.clean()
        path = _script(id, case)
        log = ""
        if path is not None:
            if not path.exists():
                return Case(id, case, expected, f"script absent : {path.relative_to(ROOT)}")
            needed = [_script(need, SOLUTION) for need in closure([id]) if need != id]
            for script in [*(p for p in needed if p), path]:
                code, text = self.type(script, strict=script.parent == SOLUTIONS)
                log += text
                if code and script.parent == SOLUTIONS:
                    return Case(id, case, expected, f"le script rend {code}", log)
        got = [self.verdict(id, case), self.verdict(id, case), self.submitted_verdict(id, case)]
        different = len({answer for answer, _ in got}) > 1
        answer = " / ".join(answer for answer, _ in got) if different else got[0][0]
        return Case(id, case, expected, answer, log + got[0][1])

    def type(self, script: Path, *, strict: bool) -> tuple[int, str]:
        """Run a script as a learner would type it; returns its exit code and what it printed."""
        env = self.lab.environment() | {
            "VOISIN": str(self.neighbour),
            "SOLUTIONS": str(SOLUTIONS),
        }
        done = subprocess.run(
            ["bash", *(["-e"] if strict else []), str(script)],
            cwd=self.lab.workspace, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SCRIPT_LIMIT,
        )  # fmt: skip
        return done.returncode, done.stdout

    def verdict(self, id: str, case: str) -> tuple[str, str]:
        """What live evidence says: (answer, message)."""
        return _answer(run_one(id, self.lab.evidence()), case)

    def submitted_verdict(self, id: str, case: str) -> tuple[str, str]:
        """What a submission made now says."""
        from classroom.grade import grade
        from classroom.submit import submit

        path = self.lab.state / "rendu.zip"
        submit(self.lab.evidence(), path, ids=[id])
        results = {result.exercise: result for result in grade(path).results}
        return _answer(results[id], case)

    def clean(self) -> None:
        """Bring engine, hub and workspace back to what they were before the first case."""
        from docker.errors import APIError, ImageNotFound

        snapshot.restore(self.lab.state / "hub", self.lab.state / "hub-seme")
        shutil.rmtree(self.lab.state / "docker-config", ignore_errors=True)  # nobody is signed in
        api = self.client.api
        for row in api.containers(all=True):
            api.remove_container(row["Id"], force=True, v=True)
        for volume in api.volumes().get("Volumes") or ():
            api.remove_volume(volume["Name"], force=True)
        # The youngest first: an image cannot go before those that were built on it. Some have the
        # same age to the second, hence the rounds.
        for last in (False, False, True):
            for row in sorted(api.images(), key=lambda row: -row["Created"]):
                if row["Id"] not in self.kept:
                    try:
                        api.remove_image(row["Id"], force=True)
                    except ImageNotFound:  # gone with another of its names
                        pass
                    except APIError as error:
                        if last or error.status_code != 409:
                            raise
        for row in api.images():
            for name in set(row["RepoTags"] or ()) - self.kept.get(row["Id"], set()):
                api.remove_image(name)
        shutil.rmtree(self.lab.workspace, ignore_errors=True)
        supplies = self.lab.workspace / material.SUPPLIES
        supplies.mkdir(parents=True)
        for name, content in self.supplies.items():
            (supplies / name).write_bytes(content)
        self.lab.private.mkdir()
        identity = {"pseudonyme": LEARNER.pseudonym, "id": LEARNER.id}
        (self.lab.private / "identite.json").write_text(json.dumps(identity))


def _answer(result: Result, case: str) -> tuple[str, str]:
    if case == UNTOUCHED and result.status in (Status.FAILED, Status.BLOCKED):
        return "refused", result.message
    if result.status is Status.FAILED:
        return str(result.mistake), result.message
    return str(result.status), result.message


def _script(id: str, case: str) -> Path | None:
    if case == UNTOUCHED:
        return None
    return SOLUTIONS / f"{id}.sh" if case == SOLUTION else MISTAKES / id / f"{case}.sh"
