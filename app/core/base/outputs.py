"""Where results may be written, and how: never among what is read, and never half of a file.

A result is written under a partial name beside its own and renamed when it is complete.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import tempfile
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from app.core.base.errors import OutputError
from app.core.base.own_folder import give_usual_rights, make_usual_folder
from app.core.base.translation import tr
from app.core.worklist.scan import Item


def keep_out(
    outputs: Sequence[Path | None], paths: Sequence[str | Path], items: Iterable[Item] = ()
) -> None:
    """Refuse an output that lies in a folder that is read, or is one of the files.

    Files and folders are compared by what they are, not by their names: one may have several, by
    links, mounts, or a file system that takes ``A`` for ``a``.

    Parameters
    ----------
    outputs
        Files or folders that need not exist yet; None for those not asked for.
    paths
        What the person gave to be read.
    items
        What the scan found there: it may have left the given folders through links.

    Raises
    ------
    OutputError
        With the output's name.
    """
    read: dict[Hashable, str] = {_identity(Path(path)): str(path) for path in paths}
    # A given file closes no folder; all folders between a given one and an item are read.
    given = {Path(path) for path in paths}
    folders: set[Path] = set()
    for item in items:
        read.setdefault(_identity(item.path), item.shown)
        folder = item.path
        while folder not in given and folder != folder.parent:
            folder = folder.parent
            if folder in folders:
                break
            folders.add(folder)
            read.setdefault(_identity(folder), str(folder))
    for output in outputs:
        if output is None:
            continue
        # The link itself must not lie among the images either, wherever it leads.
        real = Path(os.path.realpath(output))
        link = Path(os.path.realpath(output.parent), output.name)
        for place in dict.fromkeys((real, *real.parents, link, *link.parents)):
            if (name := read.get(_identity(place))) is None:
                continue
            raise OutputError(
                tr("{output} is {name}, which is being read.", output=output, name=name)
                if place in (real, link)
                else tr("{output} lies in {name}, which is being read.", output=output, name=name),
                tr("Results are never written into a folder of images, nor over an image."),
                tr("Choose another place for them."),
            )


def _identity(path: Path) -> Hashable:
    """What tells whether two paths are one file: the inode, or the name where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        status = None
    if status is None or not status.st_ino:
        return os.path.normcase(os.path.realpath(path))
    return status.st_dev, status.st_ino


def make_folder(folder: Path) -> None:
    """Make a folder for results, and find out now whether it can be written.

    Raises
    ------
    OutputError
        When it cannot.
    """
    try:
        make_usual_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def check_place(path: Path) -> None:
    """Find out, without writing anything, whether a file may come to be there.

    Raises
    ------
    OutputError
        When the path is a folder, or its folder is not there or closed.
    """
    folder, why = Path(os.path.realpath(path)).parent, 0
    if stat.S_ISDIR(_mode(path)):
        why = errno.EISDIR
    elif not _mode(path) and not stat.S_ISDIR(_mode(folder)):
        why = errno.ENOENT
    elif not _is_direct(path) and not _may_write(folder):
        why = errno.EACCES
    if why:
        raise cannot_write(path, OSError(why, os.strerror(why)))


def _may_write(folder: Path) -> bool:
    """Whether files may be added to a folder, as far as its rights tell."""
    # As whoever the program acts for, where the system tells that apart.
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)


class Output:
    """A file that takes whole pieces of text: after an error it ends with the last whole one.

    ``csv.writer`` hands over one row at a time, and each goes to the disk at once: whatever
    happens to the program, the finished rows are there.
    """

    def __init__(self, name: Path, file: FileIO) -> None:
        self._name, self._file = name, file
        self.size = 0

    @property
    def is_screen(self) -> bool:
        """Whether a person reads along: a terminal, not a file or a program."""
        return self._file.isatty()

    def write(self, text: str) -> int:
        """Write a piece, or raise ``OutputError``."""
        # What is no Unicode must not stop a table; file names: ``app.core.base.file_names``.
        data = text.encode("utf-8", "backslashreplace")
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error
        self.size += len(data)
        return len(text)

    def close(self) -> None:
        """Close, or raise ``OutputError``: some file systems tell only now that they are full."""
        try:
            self._file.close()
        except OSError as error:
            raise cannot_write(self._name, error) from error


@contextmanager
def written(path: Path, heading: str = "") -> Iterator[Output]:
    """A text file that appears under its name only when it is complete.

    What is no regular file (a pipe, a device) is written directly. When something goes wrong,
    what is worth keeping stays under the partial name, and a note on the exception names it:
    the whole file when only its renaming failed, and the finished rows of a table.

    Parameters
    ----------
    path
        Where the file belongs; a link is followed.
    heading
        First line of a table. A file without one is worth nothing in part.

    Raises
    ------
    OutputError
        When the folder cannot be written or the disk is full.
    """
    check_place(path)
    if _is_direct(path):
        with _opened(path, "ab", path) as file:
            output = Output(path, file)
            output.write(heading)
            yield output
        return
    target = Path(os.path.realpath(path))
    partial, file = _new_partial(target, path)
    output = Output(path, file)
    beginning, complete = 0, False
    try:
        with file:
            output.write(heading)
            beginning = output.size
            yield output
            output.close()
        complete = True
        try:
            partial.replace(target)
        except OSError as error:
            raise cannot_write(path, error) from error
    except BaseException as error:
        if complete:
            error.add_note(f"The whole result is kept in {partial}.")
        elif heading and output.size > beginning:
            os.truncate(partial, output.size)
            error.add_note(f"The rows finished before that are kept in {partial}.")
        else:
            partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file at once; what stood there before, a link too, is replaced, not written through.

    Raises
    ------
    OutputError
        When the folder cannot be written or the disk is full; nothing is left then.
    """
    partial, file = _new_partial(path, path)
    try:
        with file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) or 0 :]
        partial.replace(path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


def _is_direct(path: Path) -> bool:
    """Whether it is there and must not be replaced by a file, such as a pipe or ``/dev/stdout``."""
    mode = _mode(path)
    # What a shell redirected to a file is a regular file under these names.
    redirected = str(path.absolute()).startswith(("/dev/std", "/dev/fd/", "/proc/"))
    return bool(mode) and (redirected or not stat.S_ISREG(mode))


def _mode(path: Path) -> int:
    """Kind and rights; 0 for what is not there or cannot be reached."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _opened(path: Path, mode: str, name: Path) -> FileIO:
    try:
        return path.open(mode, buffering=0)  # type: ignore[return-value]
    except FileExistsError:
        raise
    except OSError as error:
        raise cannot_write(name, error) from error


def _new_partial(target: Path, name: Path) -> tuple[Path, FileIO]:
    """A new file beside the target; what an earlier run kept there stays."""
    for number in itertools.count(1):
        end = ".partial" if number == 1 else f".{number}.partial"
        partial = target.with_name(target.name + end)
        try:
            file = _opened(partial, "xb", name)
        except FileExistsError:
            continue
        give_usual_rights(partial)
        return partial, file
    raise AssertionError("count() ends")


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error for a result that could not be written."""
    return OutputError(
        tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
        tr("A folder that exists, can be written and has room was expected."),
        tr("Free disk space, close the file elsewhere, or choose another place."),
    )
