"""Ask real tools about every damaged archive, and write the table of the documentation.

    python tests/archives/tabulate_faults.py [--write]

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
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from checks.archives import open_archive  # noqa: E402
from tests.archives.box import golden, salted  # noqa: E402
from tests.archives.faults import FAULTS, FORMATS  # noqa: E402
from tests.archives.make_golden import ENGINES  # noqa: E402

PAGE = ROOT / "chapters" / "annexes" / "archives-abimees.md"
START, END = "<!-- début du tableau -->", "<!-- fin du tableau -->"
TITLES = {
    "20.10": "`docker load` 20.10",
    "26.1g": "`docker load` 26.1",
    "26.1c": "`docker load` 26.1, containerd",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail, for a minute at most."""
    return subprocess.run(
        command, check=False, capture_output=True, text=True, errors="replace", timeout=60
    )


def docker(address: str) -> Callable[[Path], bool]:
    """Whether `docker load` accepts; what it loaded is removed."""
    host = ("docker", "-H", address)

    def load(path: Path) -> bool:
        done = run(*host, "load", "-i", str(path))
        for name in re.findall(r"Loaded image(?: ID)?: (\S+)", done.stdout):
            run(*host, "rmi", "-f", name)
        for name in run(*host, "images", "-q", "golden/app").stdout.split():
            run(*host, "rmi", "-f", name)
        return done.returncode == 0

    return load


def podman(folder: Path) -> Callable[[Path], bool]:
    """Whether `podman load` accepts, in a storage of its own that is emptied each time."""
    base = ("podman", f"--root={folder}/root", f"--runroot={folder}/run", "--storage-driver=vfs")

    def load(path: Path) -> bool:
        done = run(*base, "load", "-i", str(path))
        run(*base, "rmi", "-af")
        return done.returncode == 0

    return load


def transport(path: Path) -> str:
    """How skopeo must be told what an archive is."""
    kind = open_archive(path).kind
    return f"{'oci' if kind == 'oci' else 'docker'}-archive:{path}"


def tools(folder: Path) -> dict[str, Callable[[Path, str], bool]]:
    """Every tool that is here: given a path and skopeo's transport, whether it accepts."""
    found: dict[str, Callable[[Path, str], bool]] = {}
    for engine, address in ENGINES.items():
        if run("docker", "-H", address, "version").returncode == 0:
            accepts = docker(address)
            found[TITLES.get(engine, engine)] = lambda path, _, accepts=accepts: accepts(path)
    if shutil.which("podman"):
        load = podman(folder / "podman")
        found["`podman load` 4.3"] = lambda path, _: load(path)
    if shutil.which("skopeo"):
        out = folder / "out"
        found["`skopeo inspect`"] = lambda path, name: (
            run("skopeo", "inspect", name).returncode == 0
        )

        def copy(path: Path, name: str) -> bool:
            done = run("skopeo", "--insecure-policy", "copy", name, f"dir:{out}")
            shutil.rmtree(out, ignore_errors=True)
            return done.returncode == 0

        found["`skopeo copy`"] = copy
    found["`./atelier inspecter`"] = lambda path, _: open_archive(path).valid
    return found


def table(folder: Path) -> str:
    """The table, in Markdown."""
    everything = tools(folder)
    path = folder / "archive.tar"
    fit: dict[str, set[str]] = {title: set() for title in everything}
    transports = {}
    for name in FORMATS:
        path.write_bytes(golden(name))
        transports[name] = transport(path)
        for title, accepts in everything.items():
            if accepts(path, transports[name]):
                fit[title].add(name)
    lines = [
        "| Ce que l'on a fait à l'archive | " + " | ".join(everything) + " |",
        "|---|" + "---|" * len(everything),
    ]
    totals = {title: [0, 0] for title in everything}
    salt = 0
    for fault in FAULTS:
        cells = []
        for title, accepts in everything.items():
            refused = given = 0
            for name in FORMATS:
                salt += 1
                fresh = salted(golden(name), salt)
                damaged = fault.apply(fresh) if name in fit[title] else None
                if damaged is not None:
                    path.write_bytes(damaged)
                    given += 1
                    refused += not accepts(path, transports[name])
            totals[title][0] += refused
            totals[title][1] += given
            cells.append(_cell(refused, given))
        lines.append(f"| {fault.label} | " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr)
    sums = " | ".join(f"**{refused}/{given}**" for refused, given in totals.values())
    return "\n".join([*lines, f"| **Refusées en tout** | {sums} |"])


def _cell(refused: int, given: int) -> str:
    if not given:
        return "–"
    return f"{'✔' if refused == given else '✘' if not refused else '◐'} {refused}/{given}"


def main() -> int:
    """Print the table, or put it in the page."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        found = table(folder)
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
