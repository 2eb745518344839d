"""Pure renderers of results: the same facts for a terminal, a notebook, JUnit and JSON."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """`text` without what could act on a terminal: names may be a stranger's."""
    return _CONTROL.sub("�", text.encode("utf-8", "replace").decode())
