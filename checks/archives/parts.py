"""Files cut by `split`: put in order, checked for gaps, read as one.

Coreutils `split` names its parts `aa`, `ab`… (or `00`, `01`… with `-d`, sometimes from 1), all of
the same size but the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from checks.archives.archive import Archive
from checks.archives.nature import part
from checks.archives.problems import Problem, error, shown
from checks.archives.source import FileSource, PartsSource


def group(names: Sequence[str]) -> list[list[str]]:
    """Gather the names that look like parts of one file, each group in the order of its parts.

    Only names are looked at; a name that is no part's is alone in its group.
    """
    groups: dict[tuple[str, str, int], list[str]] = {}
    for number, name in enumerate(names):
        found = part(name)
        key = (found[0], "d" if found[1].isdigit() else "a", 0) if found else (name, "", number)
        groups.setdefault(key, []).append(name)
    return [sorted(group, key=lambda name: (len(name), name)) for group in groups.values()]


def join(paths: Sequence[Path], *, name: str = "") -> tuple[Archive, list[Problem]]:
    """The archive that ordered parts make, and what is wrong with the parts themselves.

    Raises `UnreadableFile`.
    """
    sources = [FileSource(path) for path in paths]
    archive = Archive(PartsSource(sources), name or f"{paths[0].name}…{paths[-1].name[-2:]}")
    return archive, [*_gaps(paths), *_sizes(paths, [source.size for source in sources])]


def _gaps(paths: Sequence[Path]) -> list[Problem]:
    ranks = [_rank(path.name) for path in paths]
    first = min(ranks[0], 1) if paths[0].name[-1:].isdigit() else 0
    missing = sorted(set(range(first, ranks[-1] + 1)) - set(ranks))
    if not missing:
        return []
    found = part(paths[0].name)
    stem, suffix = found or ("", "aa")
    names = [shown(stem + _suffix(rank, suffix)) for rank in missing[:3]]
    listed = ", ".join(f"`{name}`" for name in names) + ("…" if len(missing) > 3 else "")
    return [
        error(
            "partie-manquante",
            f"Il manque {len(missing)} partie{'s' * (len(missing) > 1)} : {listed}.",
        )
    ]


def _sizes(paths: Sequence[Path], sizes: Sequence[int]) -> list[Problem]:
    return [
        error(
            "partie-inegale",
            f"La partie `{shown(path.name)}` fait {size} octets, et la première {sizes[0]} : seule "
            "la dernière peut être plus petite. Elle a été coupée, ou mêlée à un autre découpage.",
        )
        for number, (path, size) in enumerate(zip(paths, sizes, strict=True))
        if (size != sizes[0] if number < len(sizes) - 1 else size > sizes[0])
    ]


def _rank(name: str) -> int:
    """`aa` is 0, `ab` is 1, `ba` is 26; digits are themselves."""
    found = part(name)
    suffix = found[1] if found else "aa"
    if suffix.isdigit():
        return int(suffix)
    rank = 0
    for letter in suffix:
        rank = rank * 26 + ord(letter) - ord("a")
    return rank


def _suffix(rank: int, like: str) -> str:
    if like.isdigit():
        return str(rank).zfill(len(like))
    letters = ""
    for _ in like:
        rank, letter = divmod(rank, 26)
        letters = chr(ord("a") + letter) + letters
    return letters
