"""The folders below the opened ones, listed again only where their time says that it pays."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.worklist.scan import ScanEntry, entries_of, entry_of

_RACY_NS = 3 * 10**9
"""Two changes of a folder within the grain of its time, 2 s at worst, leave the same time."""


@dataclass
class Folder:
    """A folder as it was listed last.

    Parameters
    ----------
    entry
        Where it is.
    key
        Device and inode.
    modified_ns
        Its time then.
    racy
        Whether that time was so recent that a later change may have left it the same.
    files, folders
        What lies in it, by path.
    """

    entry: ScanEntry
    key: tuple[int, int]
    modified_ns: int = -1
    racy: bool = True
    files: dict[Path, ScanEntry] = field(default_factory=dict)
    folders: dict[Path, ScanEntry] = field(default_factory=dict)


@dataclass
class Walked:
    """What a walk over the tree found.

    Parameters
    ----------
    listed
        Folders that were listed, for the first time or again.
    lost
        Folders that are no longer there, those below them included.
    unreachable
        Opened folders that cannot be listed: of what is below them nothing is known.
    """

    listed: list[Folder] = field(default_factory=list)
    lost: list[Path] = field(default_factory=list)
    unreachable: list[ScanEntry] = field(default_factory=list)


class FolderTree:
    """The opened folders and all below them, in the order of ``scan``.

    Parameters
    ----------
    roots
        The opened folders.
    """

    def __init__(self, roots: Iterable[str | Path]) -> None:
        self.roots = [entry_of(path) for path in roots]
        self.folders: dict[Path, Folder] = {}
        self._claimed: dict[tuple[int, int], Path] = {}

    def walk(self, thorough: bool) -> Walked:
        """Look at every folder; list those that changed, or all."""
        walked = Walked()
        for root in self.roots:
            known = self.folders.get(root.path)
            try:
                # Another device: its drive is away, and what shows is the place where it was.
                away = known is not None and known.key[0] != root.path.stat().st_dev
                if not away:
                    self._look(root, thorough, walked)
            except OSError:
                away = True
            if away:
                walked.unreachable.append(root)
                continue
            stack = self._below(root)
            while stack:
                entry = stack.pop()
                try:
                    self._look(entry, thorough, walked)
                except OSError:
                    continue  # not readable; or just deleted, which the folder above tells soon
                stack.extend(self._below(entry))
        return walked

    def _below(self, entry: ScanEntry) -> list[ScanEntry]:
        folder = self.folders.get(entry.path)
        return list(reversed(folder.folders.values())) if folder is not None else []

    def _look(self, entry: ScanEntry, thorough: bool, walked: Walked) -> None:
        status = entry.path.stat()
        key = (status.st_dev, status.st_ino)
        if status.st_ino and self._claimed.setdefault(key, entry.path) != entry.path:
            return  # reached another way before, as through a link
        folder = self.folders.get(entry.path)
        if folder is None or folder.key != key:
            folder = Folder(entry, key)
        elif not thorough and not folder.racy and folder.modified_ns == status.st_mtime_ns:
            return
        entries = entries_of(entry)
        folder.modified_ns = status.st_mtime_ns
        folder.racy = abs(time.time_ns() - status.st_mtime_ns) < _RACY_NS
        folder.files = {each.path: each for each in entries if not each.is_folder}
        below = {each.path: each for each in entries if each.is_folder}
        for path in folder.folders.keys() - below.keys():
            self._forget(path, walked)
        folder.folders = below
        self.folders[entry.path] = folder
        walked.listed.append(folder)

    def _forget(self, path: Path, walked: Walked) -> None:
        folder = self.folders.pop(path, None)
        if folder is None:
            return
        walked.lost.append(path)
        self._claimed.pop(folder.key, None)
        for below in folder.folders:
            self._forget(below, walked)
