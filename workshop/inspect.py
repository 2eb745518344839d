"""`./atelier inspecter FICHIER…`: any file, whatever its name says."""

from __future__ import annotations

import json as json_module
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from checks.archives import Archive, FileSource, Problem, Source, UnreadableFile, open_stream
from checks.archives.parts import group, join
from checks.archives.problems import error, shown
from checks.archives.source import Watched
from checks.report import inspection
from checks.typography import french, octets

OK, INVALID, UNREADABLE = 0, 1, 3
STDIN = "-"
BIG = 100_000_000
"""Bytes from which a progress bar is worth drawing."""


@dataclass
class _Report:
    """What is said of one file, or of the parts of one file."""

    code: int
    objects: list[dict[str, Any]]
    text: str = ""
    complaints: list[str] = field(default_factory=list)


def inspect_files(
    paths: Sequence[str], *, json: bool, integrity: bool, out: TextIO, err: TextIO
) -> int:
    """Inspect every file, parts of a split file together; `-` is standard input, once.

    Returns 0 when all are valid, 1 when one is not, 3 when one cannot be read.
    """
    codes, objects = [OK], []
    for names in _groups(list(dict.fromkeys(paths))):
        try:
            report = _inspect(names, integrity, color=not json and out.isatty(), err=err)
        except OSError as problem:
            report = _failed(names, problem)
        codes.append(report.code)
        objects += report.objects
        for complaint in report.complaints:
            print(complaint, file=err)
        if not json and report.text:
            print(report.text + "\n", file=out)
    if json:
        print(json_module.dumps(objects, ensure_ascii=False, indent=2), file=out)
    return max(codes)


def _groups(paths: list[str]) -> list[list[str]]:
    """Parts together, unless each is an archive by itself (`sauvegarde.01`, `sauvegarde.02`)."""
    found: list[list[str]] = []
    for names in group(paths):
        if len(names) > 1:
            try:
                archives = [_file(name) for name in names]
                alone = all(inspection.valid(one.structure_problems) for one in archives)
            except OSError:
                alone = True
            if alone:
                found += [[name] for name in names]
                continue
        found.append(names)
    return found


def _inspect(names: list[str], integrity: bool, *, color: bool, err: TextIO) -> _Report:
    problems: list[Problem] = []
    bar = _Bar(err, sum(_size(name) for name in names))
    source: FileSource | None = None
    if names == [STDIN]:
        archive = open_stream(sys.stdin.buffer, name="entrée standard")
    elif len(names) > 1:
        archive, problems = join([Path(name).resolve() for name in names])
    else:
        source = _source(names[0])
        archive = Archive(bar.watch(source), names[0])
    try:
        found = archive.problems if integrity else archive.structure_problems
        problems += found
        if source is not None and source.changed():
            problems.append(
                error("fichier-modifie", "Le fichier a changé de taille pendant sa lecture.")
            )
        many = len(names) > 1
        kind = "part" if many else ""
        objects = [
            inspection.to_json(archive, problems, file=name, integrity=integrity, kind=kind)
            for name in names
        ]
        text = inspection.render(archive, problems, integrity=integrity, color=color)
    finally:
        bar.clear()
    return _Report(OK if inspection.valid(problems) else INVALID, objects, text)


def _file(name: str) -> Archive:
    return Archive(_source(name), name)


def _source(name: str) -> FileSource:
    """The file, its own symbolic links followed: the person who typed its name trusts them."""
    try:
        path = Path(name).resolve()
    except (OSError, RuntimeError, ValueError) as problem:
        raise UnreadableFile(0, "son chemin ne mène nulle part", name) from problem
    return FileSource(path)


def _size(name: str) -> int:
    try:
        return Path(name).stat().st_size if name != STDIN else 0
    except (OSError, ValueError):
        return 0


def _failed(names: list[str], problem: OSError) -> _Report:
    reason = (
        str(problem) if isinstance(problem, UnreadableFile) else "le disque a refusé la lecture"
    )
    return _Report(
        UNREADABLE,
        [inspection.unreadable_json(name, reason) for name in names],
        complaints=[french(f"{shown(name)} : {reason}.") for name in names],
    )


class _Bar:
    """A progress bar on a terminal, for what takes more than a moment."""

    def __init__(self, err: TextIO, total: int) -> None:
        self._err = err
        self._total = total
        self._on = total >= BIG and err.isatty()
        self._seen = 0
        self._next = time.monotonic() + 0.5

    def watch(self, source: Source) -> Source:
        """`source`, whose reads move the bar."""
        return Watched(source, self._move) if self._on else source

    def _move(self, n: int) -> None:
        self._seen += n
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 0.1
        share = min(1.0, self._seen / self._total)
        drawn = "█" * round(30 * share)
        self._err.write(french(f"\r  {drawn:30} {share:4.0%} de {octets(self._total)} "))
        self._err.flush()

    def clear(self) -> None:
        """Leave no trace."""
        if self._on:
            self._err.write("\r\x1b[K")
            self._err.flush()
