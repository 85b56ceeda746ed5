"""What lies in the opened folders and files: a lazy scan in path order; nothing gets lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.reader import looks_like_image
from app.core.worklist.system_folders import is_system_name


@dataclass(frozen=True)
class Item:
    """A file to read, or a folder that could not be opened (reading it tells why).

    Parameters
    ----------
    path
        Where it is.
    shown
        The path as the person gave it, plus the part below it: what tables and files show.
    """

    path: Path
    shown: str


def scan(
    paths: Sequence[str | Path], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Item]:
    """Find the images below some folders and among some files, lazily and in path order.

    A file inside a folder counts when it looks like an image by content or by suffix. DICOMDIR
    and what is hidden or the system's own (``app.core.worklist.system_folders``) do not. A file
    that the
    person named counts always, since leaving it out would hide that it is no image. A folder
    that cannot be opened comes as an item too: ``read_radiograph`` gives the reason. What is
    reached twice (given twice, or through a symbolic link) comes once, the first time.

    Parameters
    ----------
    paths
        Folders and files; those given first come first, and within a folder the order is that
        of the sorted full paths.
    cancelled
        Asked before each file; the scan ends when it says True.

    Yields
    ------
    Item
        As found.

    Raises
    ------
    ReviewError
        At the call, before anything is found, when one of the paths does not exist.
    """
    given = [(Path(path), os.fspath(path)) for path in paths]
    for path, shown in given:
        # lexists: a dangling link was named by the person and gets its row.
        if not os.path.lexists(path):
            raise ReviewError(
                tr("{shown} does not exist.", shown=shown),
                tr("A file or a folder was expected."),
                tr("Check the spelling, and that its drive is connected."),
            )
    return _walk_all(given, cancelled)


class _Seen:
    """What was reached before: files by their real path, folders by their inode.

    Two hard links are two files, and some network file systems give different files one inode.
    Folders have no hard links; their inode ends a loop whichever way it was made.
    """

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[tuple[int, int]] = set()

    def file_is_new(self, real_path: str) -> bool:
        new = real_path not in self._files
        self._files.add(real_path)
        return new

    def folder_is_new(self, folder: Path) -> bool:
        try:
            status = folder.stat()
        except OSError:
            return True
        key = (status.st_dev, status.st_ino)
        new = not status.st_ino or key not in self._folders
        self._folders.add(key)
        return new


@dataclass(frozen=True)
class ScanEntry:
    """A file or a folder on the way: where, how it is shown, and where it really is."""

    path: Path
    shown: str
    is_folder: bool
    real_path: str


def entry_of(path: str | Path) -> ScanEntry:
    """A path as the person gave it."""
    return ScanEntry(Path(path), os.fspath(path), is_folder(path), os.path.realpath(path))


def is_folder(path: str | Path) -> bool:
    """Whether a path is a folder; not where its drive fails, at which ``Path.is_dir`` raises."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False


def _walk_all(given: list[tuple[Path, str]], cancelled: Callable[[], bool]) -> Iterator[Item]:
    seen = _Seen()
    for path, shown in given:
        if cancelled():
            return
        real_path = os.path.realpath(path)
        if is_folder(path):
            yield from _walk(ScanEntry(path, shown, True, real_path), seen, cancelled)
        elif seen.file_is_new(real_path):
            yield Item(path, shown)


def _walk(top: ScanEntry, seen: _Seen, cancelled: Callable[[], bool]) -> Iterator[Item]:
    # An explicit stack: a deep tree must not hit Python's recursion limit.
    stack: list[Iterator[ScanEntry]] = [iter([top])]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        if cancelled():
            return
        if not entry.is_folder:
            if looks_like_image(entry.path) and seen.file_is_new(entry.real_path):
                yield Item(entry.path, entry.shown)
            continue
        if not seen.folder_is_new(entry.path):
            continue
        try:
            stack.append(iter(entries_of(entry)))
        except OSError:
            yield Item(entry.path, entry.shown)


def entries_of(folder: ScanEntry) -> list[ScanEntry]:
    """What lies in a folder and may be, or hold, an image; in the order of the sorted full paths.

    A folder sorts as its name with the separator, for that is how the paths of its files begin:
    ``a-b.png`` comes before ``a/x.png``, as in a sorted list of all paths. Raises ``OSError`` when
    the folder cannot be read.
    """
    shown = folder.shown
    prefix = shown if shown.endswith(("/", os.sep)) else shown + os.sep
    found: list[tuple[str, ScanEntry]] = []
    with os.scandir(folder.path) as entries:
        for entry in entries:
            if is_system_name(entry.name) or entry.name.upper() == "DICOMDIR":
                continue
            try:
                is_folder = entry.is_dir()
                is_file = not is_folder and (entry.is_file() or _is_broken_image(entry))
            except OSError:
                is_folder, is_file = False, True
            if is_folder or is_file:
                key = entry.name + os.sep if is_folder else entry.name
                found.append((key, _found(folder, prefix, entry, is_folder)))
    found.sort(key=lambda row: row[0])
    return [row[1] for row in found]


def _found(folder: ScanEntry, prefix: str, entry: os.DirEntry[str], is_folder: bool) -> ScanEntry:
    # Asking the drive for each file's real path would take a while; only a link needs it.
    plain = str(Path(folder.real_path, entry.name))
    # A folder always: a Windows junction is none by its entry.
    real_path = os.path.realpath(plain) if is_folder or entry.is_symlink() else plain
    return ScanEntry(folder.path / entry.name, prefix + entry.name, is_folder, real_path)


def _is_broken_image(entry: os.DirEntry[str]) -> bool:
    """A symbolic link to nowhere: kept when its name is an image's, so that it is not lost."""
    return entry.is_symlink() and not Path(entry.path).exists()
