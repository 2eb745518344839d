"""Ask real tools about every damaged archive, and write the table of the documentation.

    python tests/archives/tabulate_faults.py [--write] [FAULT]

Each tool is first given the intact archives: what it refuses then (an OCI archive, for an engine
without the containerd store) is left out of its column. A cell is the number of damaged archives
that the tool refused, over those it was given. Engines: see `make_golden.ENGINES`. Loaded images
are removed at once, and every archive has layers that no engine has seen: Docker does not read a
layer that it has, and keeps the layers of a load that it refused.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from checks.archives import open_archive  # noqa: E402
from checks.typography import french  # noqa: E402
from tests.archives.box import golden, salted  # noqa: E402
from tests.archives.faults import FAULTS, FORMATS, Fault  # noqa: E402
from tests.archives.make_golden import ENGINES  # noqa: E402

PAGE = ROOT / "chapters" / "annexes" / "archives-abimees.md"
START, END = "<!-- début du tableau -->", "<!-- fin du tableau -->"
TITLES = {
    "20.10": "`docker load` 20.10",
    "26.1g": "`docker load` 26.1",
    "26.1c": "`docker load` 26.1, containerd",
}


Accepts = Callable[[Path, Path | None], bool]
"""Given an archive, and an intact one to be loaded before: whether a tool accepts."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail, for a minute at most."""
    return subprocess.run(
        command, check=False, capture_output=True, text=True, errors="replace", timeout=60
    )


def docker(address: str) -> Accepts:
    """Whether `docker load` accepts, perhaps after another archive; both are then removed."""
    host = ("docker", "-H", address)

    def load(path: Path, before: Path | None) -> bool:
        if before:
            run(*host, "load", "-i", str(before))
        done = run(*host, "load", "-i", str(path))
        for name in re.findall(r"Loaded image(?: ID)?: (\S+)", done.stdout):
            run(*host, "rmi", "-f", name)
        for name in run(*host, "images", "-q", "golden/app").stdout.split():
            run(*host, "rmi", "-f", name)
        return done.returncode == 0

    return load


def podman(folder: Path) -> Accepts:
    """The same of `podman load`, in a storage of its own that is emptied each time."""
    base = ("podman", f"--root={folder}/root", f"--runroot={folder}/run", "--storage-driver=vfs")

    def load(path: Path, before: Path | None) -> bool:
        if before:
            run(*base, "load", "-i", str(before))
        done = run(*base, "load", "-i", str(path))
        run(*base, "rmi", "-af")
        return done.returncode == 0

    return load


def skopeo(folder: Path, verb: str) -> Accepts:
    """Whether `skopeo inspect`, or `skopeo copy` to a folder, accepts."""
    out = folder / "out"

    def ask(path: Path, before: Path | None) -> bool:
        # skopeo wants to be told which of the two formats it is.
        kind = open_archive(before or path).kind
        name = f"{'oci' if kind == 'oci' else 'docker'}-archive:{path}"
        target = [f"dir:{out}"] if verb == "copy" else []
        done = run("skopeo", "--insecure-policy", verb, name, *target)
        shutil.rmtree(out, ignore_errors=True)
        return done.returncode == 0

    return ask


def tools(folder: Path) -> dict[str, Accepts]:
    """Every tool that is here."""
    found: dict[str, Accepts] = {}
    for engine, address in ENGINES.items():
        if run("docker", "-H", address, "version").returncode == 0:
            found[TITLES.get(engine, engine)] = docker(address)
    if shutil.which("podman"):
        found["`podman load` 4.3"] = podman(folder / "podman")
    if shutil.which("skopeo"):
        found["`skopeo inspect` 1.9"] = skopeo(folder, "inspect")
        found["`skopeo copy` 1.9"] = skopeo(folder, "copy")
    found["`./atelier inspecter`"] = lambda path, before: open_archive(path).valid
    return found


def table(folder: Path, wanted: str) -> str:
    """The table, in Markdown; only the faults whose name contains `wanted`."""
    everything = tools(folder)
    path, intact = folder / "archive.tar", folder / "intacte.tar"
    fit: dict[str, set[str]] = {title: set() for title in everything}
    for name in FORMATS:
        path.write_bytes(golden(name))
        for title, accepts in everything.items():
            if accepts(path, None):
                fit[title].add(name)
    lines = [
        "| Ce que l'on a fait à l'archive | " + " | ".join(everything) + " |",
        "|---|" + "---|" * len(everything),
    ]
    totals = {title: [0, 0] for title in everything}
    salt = int(time.time()) % 10**8

    def row(label: str, fault: Fault, *, known: bool) -> None:
        nonlocal salt
        cells = []
        for title, accepts in everything.items():
            refused = given = 0
            for name in FORMATS:
                salt += 1
                fresh = salted(golden(name), salt)
                damaged = fault.apply(fresh) if name in fit[title] else None
                if damaged is not None:
                    path.write_bytes(damaged)
                    intact.write_bytes(fresh)
                    given += 1
                    # skopeo is told the format of the intact archive: it cannot guess.
                    before = intact if known or "skopeo" in title else None
                    refused += not accepts(path, before)
            totals[title][0] += refused
            totals[title][1] += given
            cells.append(_cell(refused, given))
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr)

    for fault in FAULTS:
        if wanted in fault.name:
            row(fault.label, fault, known=False)
        if fault.name == "flipped_bit":
            row("**la même, quand le moteur a déjà la couche**", fault, known=True)
    sums = " | ".join(f"**{refused}/{given}**" for refused, given in totals.values())
    return "\n".join(map(french, [*lines, f"| **Refusées en tout** | {sums} |"]))


def _cell(refused: int, given: int) -> str:
    if not given:
        return "–"
    return f"{'✔' if refused == given else '✘' if not refused else '◐'} {refused}/{given}"


def main() -> int:
    """Print the table, or put it in the page."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        found = table(folder, next((a for a in sys.argv[1:] if a != "--write"), ""))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if "--write" in sys.argv:
        page = PAGE.read_text()
        before, _, rest = page.partition(START)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{START}\n\n{found}\n\n{END}{after}")
    else:
        print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
