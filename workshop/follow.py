"""Checking again whenever the workspace, the engine or the hub changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from checks.evidence.live import is_command_link
from checks.outcome import Result
from checks.runner import run
from workshop.lab import Lab

INTERVAL = 0.5
"""Seconds between two looks at the workspace."""


def follow(lab: Lab, ids: list[str]) -> Iterator[list[Result]]:
    """Yield all results once, then those whose verdict changed, for ever.

    A burst of changes (an archive being written) is checked once it has settled.
    """
    changed = threading.Event()
    threading.Thread(target=_listen, args=(lab, changed), daemon=True).start()
    before = _snapshot(lab)
    known = {result.exercise: result for result in run(ids, lab.evidence())}
    yield list(known.values())
    while True:
        time.sleep(INTERVAL)
        now = _snapshot(lab)
        if now == before and not changed.is_set():
            continue
        while now != (settled := _settle(lab)):
            now = settled
        before = now
        changed.clear()
        fresh = {result.exercise: result for result in run(ids, lab.evidence())}
        news = [r for id, r in fresh.items() if _verdict(r) != _verdict(known[id])]
        known = fresh
        if news:
            yield news


def _verdict(result: Result) -> tuple[str, str | None, str]:
    return result.status, result.mistake, result.message


def _settle(lab: Lab) -> object:
    time.sleep(INTERVAL)
    return _snapshot(lab)


def _snapshot(lab: Lab) -> object:
    state = {}
    for folder, folders, files in os.walk(lab.workspace):  # minds no folder that goes meanwhile
        if folder == str(lab.workspace):
            folders[:] = [name for name in folders if name != lab.private.name]
        for path in (Path(folder, name) for name in (*folders, *files)):
            if is_command_link(path, lab.workspace):
                continue
            with suppress(OSError):
                stat = path.stat()
                state[str(path)] = (stat.st_mtime_ns, stat.st_size)
    return state


def _listen(lab: Lab, changed: threading.Event) -> None:
    """Set `changed` at every event of the engine (pushes to the hub go through it too)."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    while True:
        try:
            for _ in lab.connect().api.events(decode=True):
                changed.set()
        except (DockerException, RequestException, OSError):
            time.sleep(2)
