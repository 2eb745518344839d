"""JSON documents of an archive, read strictly: two readers must not see two documents.

Go's decoder, which every engine uses, keeps the last of two equal keys and takes `REPOTAGS` for
`RepoTags`; others keep the first, or see two keys. Such a document is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from checks.archives.problems import Problem, error, shown

SIZE = 8 << 20
"""Bytes of one document, as containerd's importer (which allows 20 MiB) limits its own."""
TOTAL = 16 << 20
"""Bytes of all the documents of an archive."""
VALUES = 500_000
"""Values in all the documents of an archive: each costs far more memory than its text."""
DEPTH = 64
_FREE_KEYS = {
    "labels", "annotations", "exposedports", "volumes", "layersources", "onbuild", "urls",
}  # fmt: skip
"""Objects whose keys are the author's: `Version` and `version` may both be there."""
_KNOWN = {
    key.lower(): key
    for key in (
        "Config", "RepoTags", "Layers", "Parent", "LayerSources",
    )
}  # fmt: skip
_KNOWN_OCI = {
    key.lower(): key
    for key in (
        "schemaVersion", "mediaType", "manifests", "layers", "config", "digest", "size",
        "platform", "annotations", "architecture", "os", "variant", "rootfs", "diff_ids",
        "history", "empty_layer", "created_by",
    )
}  # fmt: skip


class Documents:
    """Parses documents within one common budget, and keeps what is wrong in `problems`."""

    def __init__(self) -> None:
        self.problems: dict[str, Problem] = {}
        self._size = 0
        self._values = 0

    def refuse(self, name: str) -> None:
        """Name a document that is too large to be read."""
        self.problems[name] = error(
            "json-trop-grand", f"`{shown(name)}` dépasse ce qu'une archive honnête contient."
        )

    def parse(self, name: str, data: bytes) -> Any:
        """The value of the document `name`; None when it is malformed (see `problems`)."""
        self._size += len(data)
        self._values += data.count(b",") + data.count(b"[") + data.count(b"{")
        if len(data) > SIZE or self._size > TOTAL or self._values > VALUES:
            self.refuse(name)
            return None
        twins: list[str] = []

        def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            found = dict(pairs)
            if len(found) < len(pairs):
                times = Counter(key for key, _ in pairs)
                twins.extend(key for key in times if times[key] > 1)
            return found

        try:
            value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=build)
        except (ValueError, RecursionError):
            self.problems[name] = error("json-illisible", f"`{shown(name)}` n'est pas du JSON.")
            return None
        twins += _cases(value, _KNOWN if name == "manifest.json" else _KNOWN_OCI)
        if _too_deep(value):
            self.problems[name] = error(
                "json-trop-grand", f"`{shown(name)}` est imbriqué sur plus de {DEPTH} niveaux."
            )
            return None
        if twins:
            self.problems[name] = error(
                "cle-json-en-double",
                f"`{shown(name)}` écrit deux fois, ou avec une autre casse, la clé "
                f"« {shown(twins[0])} » : deux moteurs y liraient deux images différentes.",
            )
        return value


def _cases(value: Any, known: dict[str, str]) -> list[str]:
    """The keys that Go would take for another: two that differ by case, or a known one."""
    found: list[str] = []
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo += item
        elif isinstance(item, dict):
            seen: set[str] = set()
            for key, inner in item.items():
                low = key.lower()
                if low in seen or known.get(low, key) != key:
                    found.append(key)
                seen.add(low)
                if low not in _FREE_KEYS:
                    todo.append(inner)
    return found


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True
