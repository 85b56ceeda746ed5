"""What lies in the opened folders and files: a lazy scan in path order; nothing gets lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ReviewError
from app.core.reader import looks_like_image


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

    A file inside a folder counts when it looks like an image by content or by suffix. Hidden
    files, files in hidden folders and DICOMDIR do not. A file that the person named counts
    always, since leaving it out would hide that it is no image. A folder that cannot be opened
    comes as an item too: ``read_radiograph`` gives the reason. What is reached twice (given
    twice, or through a symbolic link) comes once, the first time.

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
                f"{shown} does not exist.",
                "A file or a folder was expected.",
                "Check the spelling, and that its drive is connected.",
            )
    return _walk_all(given, cancelled)


def _walk_all(given: list[tuple[Path, str]], cancelled: Callable[[], bool]) -> Iterator[Item]:
    seen: set[tuple[int, int]] = set()
    for path, shown in given:
        if cancelled():
            return
        if path.is_dir():
            yield from _walk(path, shown, seen, cancelled)
        elif _first_time(path, seen):
            yield Item(path, shown)


def _first_time(path: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether a file or folder was not reached before; told by its inode, whatever its name."""
    try:
        status = path.stat()
    except OSError:
        return True
    key = (status.st_dev, status.st_ino)
    if status.st_ino and key in seen:
        return False
    seen.add(key)
    return True


def _walk(
    folder: Path, shown: str, seen: set[tuple[int, int]], cancelled: Callable[[], bool]
) -> Iterator[Item]:
    # An explicit stack: a deep tree must not hit Python's recursion limit.
    stack: list[Iterator[tuple[Path, str, bool]]] = [iter([(folder, shown, True)])]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        if cancelled():
            return
        path, name, is_folder = entry
        if not is_folder:
            if looks_like_image(path) and _first_time(path, seen):
                yield Item(path, name)
            continue
        if not _first_time(path, seen):
            continue
        try:
            stack.append(iter(_entries(path, name)))
        except OSError:
            yield Item(path, name)


def _entries(folder: Path, shown: str) -> list[tuple[Path, str, bool]]:
    """Path, shown path and whether it is a folder, in the order of the sorted full paths.

    A folder sorts as its name with the separator, for that is how the paths of its files begin:
    ``a-b.png`` comes before ``a/x.png``, as in a sorted list of all paths.
    """
    prefix = shown if shown.endswith(("/", os.sep)) else shown + os.sep
    found: list[tuple[str, Path, str, bool]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.upper() == "DICOMDIR":
                continue
            try:
                is_folder = entry.is_dir()
                is_file = not is_folder and (entry.is_file() or _is_broken_image(entry))
            except OSError:
                is_folder, is_file = False, True
            if is_folder or is_file:
                key = entry.name + os.sep if is_folder else entry.name
                found.append((key, folder / entry.name, prefix + entry.name, is_folder))
    found.sort(key=lambda row: row[0])
    return [row[1:] for row in found]


def _is_broken_image(entry: os.DirEntry[str]) -> bool:
    """A symbolic link to nowhere: kept when its name is an image's, so that it is not lost."""
    return entry.is_symlink() and not Path(entry.path).exists()
