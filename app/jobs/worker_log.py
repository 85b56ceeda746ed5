"""The log of a training process: its stderr, kept small, with nothing of a patient in it."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

_LIMIT = 256 * 1024
_KEPT_LINES = 400
_LONGEST_LINE = 2000

_IMAGE = r"\.(?:png|jpe?g|tiff?|dcm|dicom)\b"
_QUOTED_IMAGE = re.compile(rf"(['\"])[^'\"]*{_IMAGE}\1", re.IGNORECASE)
_BARE_IMAGE = re.compile(rf"[^\s'\"]+{_IMAGE}", re.IGNORECASE)


class WorkerLog:
    """Writes what a worker says on stderr, line by line, with image names taken out.

    A file name can carry a patient's name, so every name of an image and everything below the
    training folder is replaced.

    Parameters
    ----------
    path
        The log file; when it cannot be written, only the tail in memory is kept.
    data
        The training folder, as the worker was told.
    """

    def __init__(self, path: Path, data: str) -> None:
        self._path = path
        self._folders = sorted({data, str(Path(data).resolve())}, key=len, reverse=True)
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._partial = b""
        self._written = 0
        self._writable = True

    def write(self, data: bytes) -> None:
        """Take bytes of stderr as they come; a line may come in pieces."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > _LONGEST_LINE:
            lines.append(self._partial)
            self._partial = b""
        self._add([self.clean(line.decode("utf-8", errors="replace")) for line in lines])

    def clean(self, line: str) -> str:
        """One line without image names, at most 2,000 characters."""
        # A progress bar overwrites its line; what counts is what was seen last.
        line = line.rstrip("\r").rsplit("\r", 1)[-1].rstrip()
        for folder in self._folders:
            # File names may hold spaces, so there is no telling where one ends: cut the rest.
            at = line.find(folder) if folder else -1
            if at >= 0:
                line = f"{line[:at]}<training folder ...>"
        line = _QUOTED_IMAGE.sub(r"\1<image>\1", line)
        return _BARE_IMAGE.sub("<image>", line)[:_LONGEST_LINE]

    def tail(self, lines: int = 12) -> str:
        """The last lines that are not empty, as one text."""
        if self._partial:
            self.close()
        return "\n".join([line for line in self._lines if line][-lines:])

    def close(self) -> None:
        """Write down a last line that had no end."""
        if self._partial:
            partial, self._partial = self._partial, b""
            self._add([self.clean(partial.decode("utf-8", errors="replace"))])

    def _add(self, lines: list[str]) -> None:
        if not lines:
            return
        self._lines.extend(lines)
        if not self._writable:
            return
        text = "".join(f"{line}\n" for line in lines)
        try:
            if self._written > _LIMIT:
                text = "".join(f"{line}\n" for line in self._lines)
                self._path.write_text(text, encoding="utf-8")
                self._written = len(text)
            else:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(text)
                self._written += len(text)
        except OSError:
            self._writable = False
