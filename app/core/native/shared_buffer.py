"""Memory that this process and one child share, for pixels: no pipe carries them.

It has no name on POSIX (an open file that lies in no folder) and a name that ends with its last
user on Windows, so that nothing is left behind, however either of the two ends.
``multiprocessing.shared_memory`` leaves its files behind when both are killed, and starts a
process of its own to clear up.
"""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
import uuid

import numpy as np
from numpy.typing import NDArray

_LEAST = 1 << 20


class SharedBuffer:
    """Some memory that both sides may make larger, each telling the other its name and size.

    Parameters
    ----------
    handle
        What ``handle`` was on the side that made it; empty to make one.
    """

    def __init__(self, handle: str = "") -> None:
        self.name, self.size = "", 0
        self._map: mmap.mmap | None = None
        if sys.platform == "win32":
            self._file, self.handle = -1, handle or f"opacity-{uuid.uuid4().hex}"
        else:
            self._file = int(handle) if handle else _nameless_file()
            self.handle = str(self._file)

    @property
    def inherited(self) -> tuple[int, ...]:
        """The file descriptors that the child must be given."""
        return (self._file,) if self._file >= 0 else ()

    def write(self, values: bytes | NDArray) -> None:
        """Put bytes or an array at the beginning."""
        flat = np.frombuffer(values, np.uint8) if isinstance(values, bytes) else values
        flat = np.ascontiguousarray(flat).reshape(-1).view(np.uint8)
        if flat.size > self.size:
            size = max(_LEAST, flat.size + flat.size // 4)
            self.name = f"{self.handle}-{uuid.uuid4().hex}" if self._file < 0 else ""
            if self._file >= 0:
                os.ftruncate(self._file, size)
            self._open(size)
        if flat.size and self._map is not None:
            np.frombuffer(self._map, np.uint8, flat.size)[:] = flat

    def follow(self, name: str, size: int) -> None:
        """Look at the memory as the other side has made it.

        Raises
        ------
        ValueError
            When it is not as large as was told.
        """
        if size == self.size and name == self.name:
            return
        if self._file >= 0 and os.fstat(self._file).st_size < size:
            raise ValueError("less memory than was told")
        self.name = name
        self._open(size)

    def read(self, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
        """A copy of the array at the beginning.

        Raises
        ------
        ValueError
            When the memory is too small for it.
        """
        count = 1
        for side in shape:
            if side < 0:
                raise ValueError("a negative side")
            count *= side
        if count == 0:
            return np.empty(shape, dtype)
        if self._map is None or count * dtype.itemsize > self.size:
            raise ValueError("less memory than was told")
        return np.frombuffer(self._map, dtype, count).reshape(shape).copy()

    def close(self) -> None:
        """Let go of it."""
        if self._map is not None:
            self._map.close()
            self._map, self.size = None, 0
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self, size: int) -> None:
        if self._map is not None:
            self._map.close()
            self._map, self.size = None, 0
        if sys.platform == "win32":
            self._map = mmap.mmap(-1, size, tagname=self.name)
        else:
            self._map = mmap.mmap(self._file, size)
        self.size = size


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("opacity")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
