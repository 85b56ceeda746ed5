"""What has changed in the opened folders since they were listed, found by looking again and again.

No messages of the system: network shares send none. A quick look asks each folder only for its
time, which changes when an entry comes or goes; a thorough one asks each file too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.image.reader import looks_like_image
from app.core.worklist.folder_tree import FolderTree, Walked
from app.core.worklist.scan import Item, ScanEntry, is_folder

SETTLED_S = 1.0
"""A file whose size and time stay the same that long is taken to be whole."""

EMPTY_SETTLED_S = 10.0
"""An empty file is most likely one whose content is still to come."""

_FRESH_S = 60.0
"""A file that was taken a short while ago may still be at work: it is looked at closely."""

_Stamp = tuple[int, int]


@dataclass(frozen=True)
class Changes:
    """What one look found.

    Parameters
    ----------
    added
        New files that look like images and are no longer being written.
    changed
        Known files with other content, or that were gone and are back.
    gone
        Known files that are no longer there.
    unreachable
        Opened folders, as the person gave them, that cannot be listed. Nothing is known of their
        files then: a drive that is away has not deleted them.
    busy
        Whether something was going on, so that it is worth while to look again soon.
    """

    added: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    gone: tuple[Path, ...] = ()
    unreachable: tuple[str, ...] = ()
    busy: bool = False


@dataclass
class _Pending:
    entry: ScanEntry
    stamp: _Stamp
    since: float


class FolderWatch:
    """The opened folders and files, as they were at the last look.

    Parameters
    ----------
    paths
        What was opened; new files are looked for in the folders among them.
    items
        What the scan found there.
    clock
        Seconds that only ever grow.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        items: Iterable[Item],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._items = {item.path: item for item in items}
        # A folder may be away by now: what was opened and is no item was one.
        folders = [each for each in paths if is_folder(each) or Path(each) not in self._items]
        self._tree = FolderTree(folders)
        self._in_folder: dict[Path, set[Path]] = {}
        for path in self._items:
            self._in_folder.setdefault(path.parent, set()).add(path)
        self._stamps: dict[Path, _Stamp] = {}
        self._real_paths: set[str] = set()
        self._pending: dict[Path, _Pending] = {}
        self._fresh: dict[Path, float] = {}
        self._gone: set[Path] = set()
        self._others: dict[Path, _Stamp] = {}
        self._first = True

    def look(self, thorough: bool = False) -> Changes:
        """Look once; the first look is a thorough one."""
        thorough = thorough or self._first
        walked = self._tree.walk(thorough)
        gone = self._find_gone(walked, thorough)
        if self._first:
            self._begin(walked)
        elif thorough or self._fresh:
            self._find_changed(thorough)
        for folder in walked.listed:
            for entry in folder.files.values():
                self._notice(entry)
        self._first = False
        added, changed = self._settle()
        return Changes(
            tuple(added),
            tuple(changed),
            tuple(gone),
            tuple(root.shown for root in walked.unreachable),
            bool(added or changed or gone or self._pending),
        )

    def _begin(self, walked: Walked) -> None:
        """What the scan listed is known; whatever else looks like an image has come since."""
        for folder in walked.listed:
            known = (each for each in folder.files.values() if each.path in self._items)
            self._real_paths.update(each.real_path for each in known)
        now = time.time_ns()
        for path in self._items:
            stamp = _stamp_of(path)
            if stamp is not None:
                self._stamps[path] = stamp
                if now - stamp[1] < _FRESH_S * 10**9:
                    self._fresh[path] = self._clock()

    def _notice(self, entry: ScanEntry) -> None:
        """A file that a listing shows: does it have to be waited for?"""
        path = entry.path
        known = path in self._items
        if path in self._pending or (known and path not in self._gone):
            return
        if not known and entry.real_path in self._real_paths:
            return  # reached another way, as through a link
        stamp = _stamp_of(path)
        if stamp is not None and self._others.get(path) != stamp:
            self._pending[path] = _Pending(entry, stamp, self._clock())

    def _find_gone(self, walked: Walked, thorough: bool) -> list[Path]:
        found: list[Path] = []
        for folder in walked.listed:
            there = folder.files.keys() | folder.folders.keys()
            found.extend(self._in_folder.get(folder.entry.path, set()) - there)
        for path in walked.lost:
            found.extend(self._in_folder.get(path, ()))
        if thorough:
            found.extend(self._gone_by_themselves(walked))
        found = sorted(set(found) - self._gone)
        self._gone.update(found)
        for path in found:
            self._fresh.pop(path, None)
            self._pending.pop(path, None)
        return found

    def _gone_by_themselves(self, walked: Walked) -> Iterable[Path]:
        """Of files in no folder that is watched: those opened by name, or reached by a link."""
        away = [root.path for root in walked.unreachable]
        for folder, paths in self._in_folder.items():
            if folder in self._tree.folders or any(folder.is_relative_to(each) for each in away):
                continue
            roots = [root.path for root in self._tree.roots if folder.is_relative_to(root.path)]
            # Where nothing tells a deleted folder from a drive that is away, nothing is said.
            if roots or is_folder(folder):
                yield from (path for path in paths if _is_gone(path))

    def _find_changed(self, thorough: bool) -> None:
        now = self._clock()
        self._fresh = {path: at for path, at in self._fresh.items() if now - at < _FRESH_S}
        for path in list(self._stamps if thorough else self._fresh):
            if path in self._gone or path in self._pending:
                continue
            stamp = _stamp_of(path)
            if stamp is not None and stamp != self._stamps[path]:
                self._pending[path] = _Pending(self._entry(path), stamp, now)

    def _entry(self, path: Path) -> ScanEntry:
        folder = self._tree.folders.get(path.parent)
        known = folder.files.get(path) if folder is not None else None
        return known or ScanEntry(path, self._items[path].shown, False, str(path))

    def _settle(self) -> tuple[list[Item], list[Item]]:
        """Take those that are no longer being written: what is new, and what is known."""
        added: list[Item] = []
        changed: list[Item] = []
        now = self._clock()
        for path, pending in list(self._pending.items()):
            stamp = _stamp_of(path)
            if stamp is None:
                del self._pending[path]
            elif stamp != pending.stamp:
                pending.stamp, pending.since = stamp, now
            elif now - pending.since >= (SETTLED_S if stamp[0] else EMPTY_SETTLED_S):
                del self._pending[path]
                if path not in self._items and not looks_like_image(path):
                    self._others[path] = stamp
                    continue
                (changed if path in self._items else added).append(self._take(pending, stamp, now))
        return added, changed

    def _take(self, pending: _Pending, stamp: _Stamp, now: float) -> Item:
        entry = pending.entry
        item = self._items.setdefault(entry.path, Item(entry.path, entry.shown))
        self._in_folder.setdefault(entry.path.parent, set()).add(entry.path)
        self._real_paths.add(entry.real_path)
        self._stamps[entry.path], self._fresh[entry.path] = stamp, now
        self._gone.discard(entry.path)
        return item


def _is_gone(path: Path) -> bool:
    """Whether a file is known not to be there; a drive that fails tells nothing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _stamp_of(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
