"""Reading archives of images and of containers: no engine, nothing extracted, nothing trusted."""

from checks.archives.archive import Archive, ArchiveError, ImageEntry, Layer, open_archive
from checks.archives.problems import Problem
from checks.archives.source import BytesSource, FileSource, KnownDigest, Outer, Source
from checks.archives.tar import Member

__all__ = [
    "Archive",
    "ArchiveError",
    "BytesSource",
    "FileSource",
    "ImageEntry",
    "KnownDigest",
    "Layer",
    "Member",
    "Outer",
    "Problem",
    "Source",
    "open_archive",
]
