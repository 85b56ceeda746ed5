"""One execution: a mutated file through one of the ways into it, and what came of it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pydicom.uid import ImplicitVRLittleEndian

from app.core.base.errors import ReviewError
from app.core.dicom.film import FrameReader
from app.core.dicom.tags import read_elements
from app.core.gate.rules import judge
from app.core.image.reader import read_radiograph
from app.core.native.pool import native_pool
from app.core.worklist.identity import uid_of_file
from app.core.worklist.priors import read_header
from app.network.outgoing import CannotSend, outgoing
from app.review.audit.columns import facts_of
from app.review.export.source import read_source
from fuzz.mutators import mutated

HANG_SECONDS = 5.0
STARVED = 6
"""So many times as long may a file take by the clock where the processor is wanted elsewhere."""
MOST_KB = 1 << 20


def _read(path: Path) -> None:
    judge(read_radiograph(path), None)


def _frames(path: Path) -> None:
    reader = FrameReader(path)
    reader.read(reader.frames - 1)


def _send(path: Path) -> None:
    outgoing(path).for_syntaxes([ImplicitVRLittleEndian])


def _export(path: Path) -> None:
    read_source(path, pixels=True)


WAYS: dict[str, Callable[[Path], Any]] = {
    "reader": _read,
    "tags": read_elements,
    "prior": read_header,
    "UID": uid_of_file,
    "audit's header": facts_of,
    "frames": _frames,
    "export": _export,
    "sender": _send,
}
_WEIGHTS = (8, 2, 1, 1, 1, 1, 1, 1)
_OWN = (ReviewError, CannotSend, OSError)
_CRASH = "made its decoder crash"
_SLOW = "was given up after"


@dataclass(frozen=True)
class Fed:
    """What came of one execution; ``wrong`` is empty where nothing is wrong."""

    way: str
    kind: str
    read: bool = False
    worker_died: bool = False
    wrong: str = ""


class Feeder:
    """Makes and feeds files.

    Parameters
    ----------
    files
        Name and content of the whole files.
    folder
        Where the file that is fed lies.
    seed
        Of all chance.
    """

    def __init__(self, files: dict[str, bytes], folder: Path, seed: int) -> None:
        self._names, self._files = sorted(files), files
        self._others = [files[name] for name in self._names]
        self._path, self._seed = folder / "fed", seed

    def content(self, number: int) -> tuple[str, str, bytes]:
        """Kind, way and content of an execution."""
        chance = Random(f"{self._seed} {number}")
        kind = chance.choice(self._names)
        (way,) = chance.choices(list(WAYS), _WEIGHTS)
        return kind, way, mutated(self._files[kind], chance, self._others)

    def feed(self, number: int) -> Fed:
        """Do an execution."""
        kind, way, content = self.content(number)
        self._path.write_bytes(content)
        begun, before = time.monotonic(), _kilobytes()
        fed = self._fed(kind, way)
        if fed.wrong:
            return fed
        if time.monotonic() - begun > HANG_SECONDS:
            # Whoever shares the processor may have had it: only what hangs again does, by this
            # process's own time, or by a clock that no other work explains.
            again, used = time.monotonic(), time.process_time()
            self._fed(kind, way)
            spent, passed = time.process_time() - used, time.monotonic() - again
            if spent > HANG_SECONDS or passed > STARVED * HANG_SECONDS:
                return Fed(way, kind, wrong=f"hang: {spent:.1f} s of its own in {passed:.1f} s")
        if (taken := _kilobytes() - before) > MOST_KB:
            return Fed(way, kind, wrong=f"memory: {taken >> 10} MB")
        return fed

    def _fed(self, kind: str, way: str) -> Fed:
        try:
            WAYS[way](self._path)
        except _OWN as error:
            words = str(error)
            if isinstance(error, OSError) and way not in ("frames", "sender"):
                return Fed(way, kind, wrong=f"exception: {type(error).__name__}: {words}")
            return Fed(way, kind, worker_died=_CRASH in words or _SLOW in words)
        except Exception as error:
            return Fed(way, kind, wrong=f"exception: {type(error).__name__}: {error}"[:300])
        return Fed(way, kind, read=True)


def _kilobytes() -> int:
    """The most memory that this process has taken so far, and the hungriest worker."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def close() -> None:
    """End the decoders' processes."""
    native_pool().close()
