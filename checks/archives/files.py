"""The merged file system of an image: what a container would see, and what it no longer sees.

OCI image-spec v1.1, `layer.md`: layers apply in order; `.wh.NAME` hides NAME of the layers below,
`.wh..wh..opq` hides all that the layers below put in its folder; a hard link names a file of the
same layer or of those below. Nothing is extracted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from checks.archives.digests import WHITEOUT
from checks.archives.problems import shown
from checks.archives.source import ArchiveError
from checks.archives.tar import Member, Reader, Walk, normal_name

if TYPE_CHECKING:
    from checks.archives.archive import Archive
    from checks.archives.images import Layer

OPAQUE = ".wh..wh..opq"
MAX_ENTRIES = 400_000
"""Folders and files of all the layers together."""
MAX_LINKS = 40
"""Symbolic links that a path may go through, as Linux's `MAXSYMLINKS`."""


class File(NamedTuple):
    """One file of an image. `layer` counts from 0; `member` is its entry in that layer's tar.

    For a hard link, `content` is where the content is: the layer and entry of its target.
    """

    path: str
    layer: int
    member: Member
    content: tuple[int, Member]


class Hidden(NamedTuple):
    """A file that a later layer deleted or replaced, and that the archive still stores."""

    file: File
    by: int
    """The layer that hides it."""
    replaced: bool


class _Node:
    """A name in the tree. `file` is None for a folder that no layer describes."""

    __slots__ = ("children", "file")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.file: File | None = None


class Files:
    """The files of an image by path (`etc/passwd`, without the leading `/`).

    Raises `ArchiveError` when a layer stayed behind, is damaged, or came through a pipe.
    """

    def __init__(self, archive: Archive, layers: tuple[Layer, ...]) -> None:
        self._archive = archive
        self._layers = layers
        self._root = _Node()
        self._count = 0
        self.hidden: list[Hidden] = []
        """What later layers deleted or replaced, in the order of the deletions."""
        for index in range(len(layers)):
            self._apply(index)

    # -- questions --

    def __contains__(self, path: str) -> bool:
        return self._find(path) is not None

    def __iter__(self) -> Iterator[str]:
        """The paths, in the order of the tree."""
        for file in self._under(self._root):
            yield file.path

    def get(self, path: str) -> File | None:
        """The file at `path`; the last component's symbolic link is not followed."""
        node = self._find(path)
        return None if node is None else node.file

    def read(self, path: str, limit: int = 1 << 20) -> bytes:
        """The content of a file of at most `limit` bytes, links followed inside the image.

        Raises `ArchiveError`.
        """
        file = self._follow(path)
        index, member = file.content
        if member.type != "file":
            raise ArchiveError(f"`{shown(path)}` n'est pas un fichier.")
        if member.size > limit:
            raise ArchiveError(f"`{shown(path)}` dépasse la limite de {limit} octets.")
        reader = self._reader(index)
        reader.skip(member.offset)
        return reader.read(member.size)

    def layer_of(self, path: str) -> int | None:
        """The number (from 0) of the layer that put `path` as it is now."""
        file = self.get(path)
        return None if file is None else file.layer

    # -- building --

    def _apply(self, index: int) -> None:
        walk = Walk(self._reader(index))
        links: list[tuple[Member, _Node]] = []
        mine: set[int] = set()
        for member in walk.members():
            parts = [part for part in member.name.split("/") if part not in ("", ".")]
            if ".." in parts:
                raise ArchiveError("Une couche contient un nom qui sort de l'image.")
            if not parts:
                continue
            folder, name = parts[:-1], parts[-1]
            if name == OPAQUE:
                node = self._walk(folder)
                if node is not None:
                    self._hide_children(node, index, mine)
            elif name.startswith(WHITEOUT):
                node = self._walk(folder)
                gone = node.children.get(name.removeprefix(WHITEOUT)) if node else None
                if node and gone is not None and id(gone) not in mine:
                    del node.children[name.removeprefix(WHITEOUT)]
                    self._hide(gone, index, replaced=False)
            else:
                node = self._put(parts, member, index, mine)
                if member.type == "hardlink":
                    links.append((member, node))
        if walk.problems or not walk.whole:
            raise ArchiveError(f"La couche {index + 1} ne se laisse pas lire jusqu'au bout.")
        for member, node in links:
            target = self._find(normal_name(member.linkname.lstrip("/")))
            if target is not None and target.file is not None and node.file is not None:
                node.file = node.file._replace(content=target.file.content)

    def _put(self, parts: list[str], member: Member, index: int, mine: set[int]) -> _Node:
        node = self._root
        for part in parts:
            if part not in node.children:
                self._count += 1
                if self._count > MAX_ENTRIES:
                    raise ArchiveError("L'image contient un nombre démesuré de fichiers.")
                node.children[part] = _Node()
            parent, node = node, node.children[part]
            mine.add(id(node))
        old = node.file
        below = old is not None and old.layer != index
        if member.type != "directory" and (below or node.children):
            self._hide(node, index, replaced=True)
            node = parent.children[parts[-1]] = _Node()
            mine.add(id(node))
        elif old is not None and below and old.member.type != "directory":
            self.hidden.append(Hidden(old, index, replaced=True))
        node.file = File("/".join(parts), index, member, (index, member))
        return node

    def _hide_children(self, node: _Node, index: int, mine: set[int]) -> None:
        """An opaque folder hides what the layers below put in it, not what its own layer does."""
        for name, child in list(node.children.items()):
            if id(child) not in mine:
                del node.children[name]
                self._hide(child, index, replaced=False)
            else:
                self._hide_children(child, index, mine)

    def _hide(self, node: _Node, index: int, *, replaced: bool) -> None:
        self.hidden += [Hidden(file, index, replaced) for file in self._under(node)]

    def _under(self, node: _Node) -> Iterator[File]:
        stack = [node]
        while stack:
            node = stack.pop()
            if node.file is not None:
                yield node.file
            stack += reversed(node.children.values())

    # -- finding --

    def _walk(self, parts: list[str]) -> _Node | None:
        node = self._root
        for part in parts:
            if part not in node.children:
                return None
            node = node.children[part]
        return node

    def _find(self, path: str) -> _Node | None:
        return self._walk([part for part in path.split("/") if part not in ("", ".")])

    def _follow(self, path: str) -> File:
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        seen: list[_Node] = [self._root]
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                seen = seen[:-1] or [self._root]
                continue
            node = seen[-1].children.get(part)
            if node is None:
                raise ArchiveError(f"L'image ne contient pas `{shown(path)}`.")
            if node.file is not None and node.file.member.type == "symlink":
                links += 1
                if links > MAX_LINKS:
                    raise ArchiveError(f"Trop de liens symboliques mènent à `{shown(path)}`.")
                target = node.file.member.linkname
                if target.startswith("/"):
                    seen = [self._root]
                todo += [part for part in reversed(target.split("/")) if part not in ("", ".")]
                continue
            seen.append(node)
        file = seen[-1].file
        if file is None:
            raise ArchiveError(f"`{shown(path)}` n'est pas un fichier.")
        return file

    def _reader(self, index: int) -> Reader:
        return self._archive.layer_reader(self._layers[index].member)
