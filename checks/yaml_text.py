"""Reading a YAML file that a learner wrote: whatever it holds, it is read or refused, quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checks.exercise import Slip
from checks.outcome import Mistake

if TYPE_CHECKING:
    from yaml import Node

SLIPS = {
    "yaml-illisible": Slip(
        "`{name}` n'est pas du YAML valide ({problem}).",
        "En YAML, la structure est faite d'espaces, jamais de tabulations.",
    ),
}
NODES = 50_000
"""What a file may hold at most, its aliases followed: a few lines can name billions."""


def documents(name: str, text: str, *, reference: type[tuple[Any, ...]] | None = None) -> list[Any]:
    """The documents of the file `name`; raises `yaml-illisible`, with the line where there is one.

    With `reference`, GitLab's `!reference [job, key]` is read as such a tuple; every other tag of
    one's own is refused, as by those who run the file.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    if reference is not None:
        Loader.add_constructor(
            "!reference",
            lambda loader, node: reference(str(each.value) for each in _items(node)),
        )
    try:
        loader = Loader(text)
        found = []
        while loader.check_node():
            node = loader.get_node()
            assert node is not None
            if _weight(node, {}) > NODES:
                raise Mistake("yaml-illisible", name=name, problem="des ancres sans fin")
            found.append(loader.construct_document(node))
        return found
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        lines = text.splitlines()
        # What is never closed is noticed after the last line.
        line = min(mark.line, len(lines) - 1) if mark else -1
        where = f"ligne {line + 1}" if line >= 0 else "on ne sait où"
        tab = line >= 0 and "\t" in lines[line]
        raise Mistake(
            "yaml-illisible", name=name, problem=where + (", une tabulation" if tab else "")
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Mistake("yaml-illisible", name=name, problem="caractère interdit") from error


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _weight(node: Node, known: dict[int, int]) -> int:
    """How many nodes `node` stands for; more than `NODES` when it holds itself."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = NODES + 1
    children: list[Node] = []
    for each in node.value if isinstance(node.value, list) else ():
        children += each if isinstance(each, tuple) else (each,)
    known[id(node)] = min(NODES + 1, 1 + sum(_weight(child, known) for child in children))
    return known[id(node)]
