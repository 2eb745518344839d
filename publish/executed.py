"""Executed text: the command blocks of the chapters, run on a real engine.

One page is one bash session in an empty folder. What a block printed is written below it in the
page, by `./atelier site --actualiser`; the tests run everything again and fail when it differs by
more than what varies by nature (`VARYING`).
"""

from __future__ import annotations

import contextlib
import difflib
import itertools
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.outcome import EnvironmentProblem
from publish.markdown import OUTPUT, SHELLS, TERMINAL, Fence, PageError, check_example, fences
from workshop.lab import DEFAULT_HUB, ROOT, Lab

CHAPTERS = ROOT / "chapters"
TOOLS = {
    "jq": "jq",
    "curl": "curl",
    "gpg": "gnupg",
    "zstd": "zstd",
    "pigz": "pigz",
    "xz": "xz-utils",
}
HOME = "/home/vous"
"""What pages show in place of the temporary folder they ran in."""
PAGE_LIMIT = 600.0
"""Seconds that the blocks of one page may take."""
END = "\x1e"
"""Between the output of a block and its exit code (ASCII record separator)."""

LEGACY_BUILDER = re.compile(r"DEPRECATED: The legacy builder[^\n]*\n(?: {4,}[^\n]*\n)*\n?")
"""What clients from 23.0 say of the builder that the engine of 20.10 needs."""

VARYING = (
    (LEGACY_BUILDER, ""),
    (re.compile(r"(?m)^[0-9a-f]{12}: .*\n"), ""),  # layers, in any order
    (re.compile(r"(?m)^(?:Deleted: .*|.*: Preparing|.*: Waiting)\n"), ""),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HEX"),
    (re.compile(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12,40}\b"), "HEX"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"\b20\d{6}\b"), "DATE"),
    (re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\b"), "DATE"),
    (re.compile(r"\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z| [+-]\d{4}(?: [A-Z]+)?)?"), "HEURE"),
    (
        re.compile(
            r"\b(?:About |Less than )?(?:an?|\d+) (?:second|minute|hour|day|week|month)s? ago"
        ),
        "DATE",
    ),
    (re.compile(r"\bUp \S+ seconds?"), "DURÉE"),
    (re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:ms|s|min)\b|\b\d+m\d+[.,]\d+s\b"), "DURÉE"),
    (re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:[kKMG]i?[Bo]|B|octets|bytes)\b"), "TAILLE"),
    (re.compile(r"\b\d{4,}\b"), "NOMBRE"),  # sizes in bytes, process ids, ports
    (re.compile(r"[ \t]+"), " "),  # columns follow the width of what varies
)
"""What differs from one run, one day, one machine to the next."""


@dataclass(frozen=True)
class Ran:
    """What happened with one executed block: what it printed and its exit code."""

    fence: Fence
    output: str
    code: int


def plan(text: str, page: str) -> list[Fence]:
    """The blocks of a page that its run needs, in order: commands, and files they find.

    Everything else is parsed. Raises `PageError`.
    """
    steps = []
    previous: Fence | None = None
    for fence in fences(text, page):
        line = fence.start + 1
        if fence.language == TERMINAL and "exemple" not in fence.options:
            steps.append(fence)
        elif "fichier" in fence.options:
            steps.append(fence)
            check_example(fence, page)
        elif fence.language in SHELLS and "exemple" not in fence.options:
            raise PageError(
                page, line,
                f"ce bloc `{fence.language}` n'est ni exécuté (`terminal`), ni écrit dans un "
                "fichier (`fichier=…`), ni donné pour exemple (`exemple=\"raison\"`).",
            )  # fmt: skip
        elif fence.language == OUTPUT:
            if previous is None or previous.language != TERMINAL:
                raise PageError(page, line, "une `sortie` vient juste après son bloc `terminal`.")
            if "exemple" in previous.options and "releve" not in fence.options:
                raise PageError(page, line, "cette sortie n'a pas été produite : dites `releve=…`.")
        else:
            check_example(fence, page)
        previous = fence
    return steps


def run_page(lab: Lab, path: Path, say: Callable[[str], None]) -> list[Ran]:
    """Run the blocks of a page on the engine of `lab`, then clean that engine.

    Raises `PageError` when a block does not end as it says it will.
    """
    text, page = path.read_text(), name(path)
    steps = plan(text, page)
    if not any(fence.language == TERMINAL for fence in steps):
        return []
    say(f"{page} : {len(steps)} blocs…")
    home = Path(tempfile.mkdtemp(prefix="page-"))
    try:
        with _repositories(lab):
            ran = list(_session(lab, home, steps, page))
    finally:
        shutil.rmtree(home, ignore_errors=True)
        clean(lab)
    for done in ran:
        _check_code(done, page)
    return ran


def _session(lab: Lab, home: Path, steps: list[Fence], page: str) -> Iterator[Ran]:
    script = []
    folder = home / "travail"
    folder.mkdir()
    (home / ".docker").mkdir()
    for number, fence in enumerate(steps):
        source = home / f".bloc-{number}"
        if fence.language == TERMINAL:
            source.write_text(fence.code.replace(DEFAULT_HUB, lab.hub))
            script.append(f". {source} < /dev/null; printf '{END}%d{END}' $?")
        else:
            source.write_text(fence.code)
            target = folder / fence.options["fichier"]
            script.append(f"mkdir -p {target.parent}; cp {source} {target}; printf '{END}0{END}'")
    env = lab.environment() | {
        "HOME": str(home), "DOCKER_CONFIG": str(home / ".docker"), "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "100", "GNUPGHOME": str(home / ".gnupg"),
        "TZ": "Europe/Paris",
    }  # fmt: skip
    (home / ".gnupg").mkdir(mode=0o700)
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-c", "\n".join(script)], cwd=folder, env=env,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    printed = _read(process)
    parts = printed.split(END)
    for number, fence in enumerate(steps):
        if 2 * number + 1 >= len(parts):
            raise PageError(
                page, fence.start + 1, "ce bloc a mis fin au terminal, ou ne finit jamais."
            )
        if fence.language == TERMINAL:
            output = _shown(parts[2 * number], home, lab.hub)
            yield Ran(fence, output, int(parts[2 * number + 1]))


def _read(process: subprocess.Popen[bytes]) -> str:
    """Everything the session prints until it ends; it is killed when it takes too long."""
    assert process.stdout is not None
    chunks = []
    deadline = time.monotonic() + PAGE_LIMIT
    with process.stdout as pipe:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([pipe], [], [], min(left, 0.5))[0]:
                if not (data := os.read(pipe.fileno(), 1 << 20)):
                    break
                chunks.append(data)
            elif process.poll() is not None:  # only what it left in the background still writes
                break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return b"".join(chunks).decode(errors="replace")


def _shown(text: str, home: Path, hub: str) -> str:
    """What the page shows: without this machine's paths and ports, progress reduced to its end."""
    text = text.replace(hub, DEFAULT_HUB).replace(str(home), HOME)
    text = re.sub(rf"{HOME}/\.bloc-\d+: line (\d+): ", "bash: ", text)
    text = LEGACY_BUILDER.sub("", text)
    text = re.sub(r"(?m)^.*\r(?!\n)", "", text).replace("\r", "")
    last: dict[str, str] = {}
    lines = text.split("\n")
    for line in lines:
        if match := re.match(r"([0-9a-f]{12}): ", line):
            last[match[1]] = line
    shown = []
    for line in lines:
        if match := re.match(r"([0-9a-f]{12}): ", line):
            if match[1] not in last:
                continue
            line = last.pop(match[1])
        shown.append(line.rstrip())
    return "\n".join(shown).strip("\n")


def _check_code(ran: Ran, page: str) -> None:
    expected = ran.fence.options.get("code", "0")
    fine = ran.code != 0 if expected == "*" else str(ran.code) == expected
    if not fine:
        raise PageError(
            page, ran.fence.start + 1,
            f"ce bloc a fini par le code {ran.code} au lieu de {expected}. Il a affiché :\n"
            + ran.output,
        )  # fmt: skip


def normal(output: str, extra: str | None = None) -> str:
    """`output` without what varies by nature, nor what `extra` (a regular expression) finds."""
    output += "\n"
    if extra:
        output = re.sub(extra, "…", output)
    for pattern, replacement in VARYING:
        output = pattern.sub(replacement, output)
    return "\n".join(line.strip() for line in output.strip().splitlines())


def refreshed(text: str, page: str, ran: Iterable[Ran]) -> str:
    """The page with the outputs of a run, written again only where they differ in substance."""
    lines = text.split("\n")
    stored = _stored(text, page)
    for done in reversed(list(ran)):
        if not _displayed(done.fence):
            continue
        old = stored.get(done.fence.start)
        same = (
            old is not None
            and old.options.get("releve") is None
            and _agree(done, old.code.strip("\n"))
        )
        if same or (old is not None and "releve" in old.options):
            continue
        ticks, indent = done.fence.ticks, done.fence.indent
        new = [f"{indent}{ticks}{OUTPUT}", *done.output.split("\n"), f"{indent}{ticks}"]
        new[1:-1] = [(indent + line).rstrip() for line in new[1:-1]]
        if old is not None:
            if done.output:
                lines[old.start : old.end + 1] = new
            else:
                del lines[done.fence.end + 1 : old.end + 1]
        elif done.output:
            lines[done.fence.end + 1 : done.fence.end + 1] = ["", *new]
    return "\n".join(lines)


def drift(text: str, page: str, ran: Iterable[Ran]) -> list[str]:
    """Where the outputs in the page are no longer those of a run, in French."""
    stored = _stored(text, page)
    found = []
    for done in ran:
        old = stored.get(done.fence.start)
        if not _displayed(done.fence) or (old and "releve" in old.options):
            continue
        written = old.code.strip("\n") if old else ""
        if not _agree(done, written):
            extra = done.fence.options.get("varie")
            lines = difflib.unified_diff(
                normal(written, extra).splitlines(), normal(done.output, extra).splitlines(),
                "écrit", "obtenu", lineterm="",
            )  # fmt: skip
            found.append(f"{page}:{done.fence.start + 1}:\n" + "\n".join(lines))
    return found


def _agree(ran: Ran, written: str) -> bool:
    extra = ran.fence.options.get("varie")
    return normal(written, extra) == normal(ran.output, extra)


def _displayed(fence: Fence) -> bool:
    return not {"muet", "coulisses"} & set(fence.options)


def _stored(text: str, page: str) -> dict[int, Fence]:
    """The `sortie` fences by the line of the block they follow."""
    found = {}
    all_fences = fences(text, page)
    for before, after in itertools.pairwise(all_fences):
        if before.language == TERMINAL and after.language == OUTPUT:
            found[before.start] = after
    return found


# --- the engine that pages run on -----------------------------------------------------------


@contextlib.contextmanager
def workshop(state: Path, say: Callable[[str], None]) -> Iterator[Lab]:
    """An embedded engine and a hub for pages only, prepared for the tests' learner.

    Never the learner's own engine: it is emptied between two pages. Raises `EnvironmentProblem`.
    """
    from workshop import engine, prepare
    from workshop.debian import ensure_programs
    from workshop.hub import registry
    from workshop.prove import LEARNER

    before = os.environ.get("ATELIER_MOTEUR")
    os.environ["ATELIER_MOTEUR"] = "embarque"
    lab = Lab(state, state / "travail")
    lab.__dict__["identity"] = LEARNER
    try:
        ensure_programs(TOOLS, say)
        prepare.prepare(lab, say)
        yield lab
    finally:
        engine.stop(state)
        registry.stop(state)
        if before is None:
            del os.environ["ATELIER_MOTEUR"]
        else:
            os.environ["ATELIER_MOTEUR"] = before


def clean(lab: Lab) -> None:
    """Bring the engine back to its base images."""
    from docker.errors import APIError

    from workshop import images

    client = lab.connect()
    for container in client.containers.list(all=True):
        with contextlib.suppress(APIError):  # `--rm` may be removing it
            container.remove(force=True, v=True)
    for volume in client.volumes.list():
        volume.remove(force=True)
    for network in client.networks.list():
        if network.name not in ("bridge", "host", "none"):
            network.remove()
    base = ("busybox:", "debian:", "nginx:")
    for _ in range(5):  # an image goes after those built on it
        for image in client.images.list():
            names = [*image.tags, *image.attrs.get("RepoDigests", [])] or [image.id]
            for known in names:
                if not known.startswith((*base, *(word.replace(":", "@") for word in base))):
                    with contextlib.suppress(APIError):
                        client.images.remove(known, force=True)
    images.ensure(client, lab.hub, lab.state, lambda line: None)
    client.close()


@contextlib.contextmanager
def _repositories(lab: Lab) -> Iterator[Any]:
    """What the hub holds, put back afterwards: repositories are folders of links to blobs.

    https://distribution.github.io/distribution/ (storage driver « filesystem »)
    """
    place = lab.state / "hub" / "data" / "docker" / "registry" / "v2" / "repositories"
    with tempfile.TemporaryDirectory(prefix="page-hub-") as copy:
        if place.exists():
            shutil.copytree(place, copy, dirs_exist_ok=True)
        yield
        if place.exists():
            shutil.rmtree(place)
            shutil.copytree(copy, place)


def pages(names: Iterable[str] = ()) -> list[Path]:
    """The pages that `names` name (with or without folder and `.md`), or all of them.

    Raises `EnvironmentProblem` for a name that is none.
    """
    everything = sorted(CHAPTERS.rglob("*.md"))
    chosen = []
    for word in names:
        found = [p for p in everything if name(p).removesuffix(".md").endswith(_bare(word))]
        if not found:
            raise EnvironmentProblem(f"Aucune page ne s'appelle « {word} » dans chapters/.")
        chosen += found
    return chosen or everything


def _bare(word: str) -> str:
    return word.removeprefix("chapters/").removesuffix(".md")


def name(path: Path) -> str:
    """How a page is called: its path in `chapters/`."""
    return str(path.relative_to(CHAPTERS)) if path.is_relative_to(CHAPTERS) else path.name
