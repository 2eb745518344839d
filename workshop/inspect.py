"""`./atelier inspecter`: any file, whatever its name says."""

from __future__ import annotations

import json as json_module
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from checks.archives import BytesSource, open_archive
from checks.report import inspection
from checks.typography import french

STDIN_LIMIT = 1 << 30
"""Bytes read from a pipe at most."""


def inspect_files(
    paths: Sequence[str], *, json: bool, integrity: bool, out: TextIO, err: TextIO
) -> int:
    """Inspect every file; returns 0 when all are valid, 1 when one is not, 3 when one cannot be
    read."""
    reports, code = [], 0
    for path in paths:
        try:
            if path == "-":
                import sys

                source = BytesSource(sys.stdin.buffer.read(STDIN_LIMIT))
                archive = open_archive(source, name="(entrée standard)")
            else:
                archive = open_archive(Path(path).resolve(strict=True), name=path)
            problems = archive.problems if integrity else archive.structure_problems
            report = inspection.to_json(archive, problems)
            text = inspection.render(archive, problems)
        except OSError as error:
            print(french(f"{path} : lecture impossible ({_cause(error)})."), file=err)
            code = 3
            continue
        reports.append(report)
        if not report["valid"] and code == 0:
            code = 1
        if not json:
            print(text, file=out)
    if json:
        print(json_module.dumps(reports, ensure_ascii=False, indent=2), file=out)
    return code


def _cause(error: OSError) -> str:
    return {
        2: "ce fichier n'existe pas",
        13: "vous n'en avez pas le droit",
        21: "c'est un dossier",
    }.get(error.errno or 0, str(error.strerror or error))
