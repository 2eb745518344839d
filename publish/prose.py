"""The French of the course: typography of pages, and prose handed to grammalecte."""

from __future__ import annotations

from checks.typography import french
from publish.markdown import outside_fences


def typography(text: str, page: str) -> str:
    """The page with French spaces and apostrophes in its prose; code and front matter as before."""
    lines = []
    head = text.startswith("---\n")
    for number, line, is_prose in outside_fences(text, page):
        if head:
            head = number == 0 or line != "---"
        elif is_prose:
            line = _line(line)
        lines.append(line)
    return "\n".join(lines)


def _line(line: str) -> str:
    if line.startswith("<!--") or line.count("`") % 2:
        return line
    return french(line)
