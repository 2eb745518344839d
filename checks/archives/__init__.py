"""Reading archives of images and of containers: no engine, nothing extracted, nothing trusted.

`open_archive(path)` answers at once; everything else is read when asked:

    archive = open_archive(Path("nginx.tar.gz"))
    archive.kind, archive.compression        # "docker-save", ("gzip",)
    archive.images[0].tags                   # ("nginx:1.27",)
    archive.images[0].files.read("etc/passwd")
    archive.valid, archive.problems          # every digest recomputed

What is wrong with an archive is a `Problem`, never an exception. Exceptions: `UnreadableFile` (an
`OSError`) for a file that cannot be read, `ArchiveError` for a question without an answer.
"""

from checks.archives.archive import Archive, open_archive, open_stream
from checks.archives.digests import Contents, Digests
from checks.archives.files import File, Files, Hidden
from checks.archives.images import ImageEntry, Layer
from checks.archives.problems import Problem
from checks.archives.source import (
    ArchiveError,
    BytesSource,
    FileSource,
    KnownDigest,
    Outer,
    PartsSource,
    Source,
    UnreadableFile,
)
from checks.archives.tar import Member

__all__ = [
    "Archive",
    "ArchiveError",
    "BytesSource",
    "Contents",
    "Digests",
    "File",
    "FileSource",
    "Files",
    "Hidden",
    "ImageEntry",
    "KnownDigest",
    "Layer",
    "Member",
    "Outer",
    "PartsSource",
    "Problem",
    "Source",
    "UnreadableFile",
    "open_archive",
    "open_stream",
]
