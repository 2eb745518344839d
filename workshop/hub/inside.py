"""What runs in the hub's container (`workshop/hub/Dockerfile`): the registry, the hub before it.

`python -m workshop.hub.inside STATE --mark MARK` serves until it is asked to end, or the registry
dies; `… STATE --do JSON` does there what `./atelier hub` was asked for on the learner's machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from checks.outcome import EnvironmentProblem
from checks.typography import french
from workshop import process
from workshop.hub import commands, registry, server
from workshop.hub.container import PORT
from workshop.lab import Lab


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, or do one thing; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workshop.hub.inside")
    parser.add_argument("state", type=Path)
    parser.add_argument("--mark", default="")
    parser.add_argument("--do", type=json.loads)
    options = parser.parse_args(arguments)
    try:
        if options.do:
            lab = Lab(options.state, options.state)
            return commands.run(lab, argparse.Namespace(**options.do))
        return _serve(options.state, options.mark)
    except EnvironmentProblem as problem:
        print(french(str(problem)), file=sys.stderr)
        return 3


def _serve(state: Path, mark: str) -> int:
    pidfile = state / "hub" / "registry.pid"
    pidfile.unlink(missing_ok=True)  # numbers of another life of the container
    behind = registry.start_behind(state / "hub")
    threading.Thread(target=_follow, args=(pidfile,), daemon=True).start()
    try:
        where = ["--listen", "0.0.0.0", "--port", str(PORT)]  # noqa: S104 - published on the loopback
        return server.main([str(state), *where, "--registry", str(behind), "--mark", mark])
    finally:
        process.stop(pidfile)


def _follow(pidfile: Path) -> None:
    """End with the registry: a container that is only half alive would not be started again."""
    while process.running(pidfile) is not None:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
