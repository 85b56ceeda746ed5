"""Decoders that a stranger's file may crash run in processes of their own, which can die alone.

GDCM, OpenJPEG, CharLS and libtiff end the process, write past their memory or wait for ever on
some files. Here such a file costs its own image: its worker is gone, a new one comes with the next
image, and nothing is tried twice. The workers start with the first image that needs them, stay
warm, and end with the program. Requests and answers are one line of JSON each, which cannot hold
code, and pixels come through shared memory.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.core.native.shared_buffer import SharedBuffer

WORKER_MEMORY = 512 << 20
"""Bytes that a worker may take for one image, beside its code (where the system can limit it)."""

_SECONDS = 4.0
_SECONDS_PER_MEGAPIXEL = 0.75
_START_SECONDS = 60.0
_WALL = 8 if os.name == "posix" else 2
"""A worker's time is that of its processor, which a busy machine does not use up; where nobody
counts that, and for one that sleeps, so many times as much by the clock."""
_KEPT = 64 << 20
_MOST_ANSWER = 1 << 20
_ROOT = Path(__file__).resolve().parents[3]


class DecoderEnded(Exception):
    """The worker could not finish an image.

    ``why``: ``died``, ``slow``, ``memory``, or ``start`` where no worker could be started.
    """

    def __init__(self, why: Literal["died", "slow", "memory", "start"], detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


class NativePool:
    """Workers for native decoders.

    Parameters
    ----------
    most
        Workers at once; further callers wait.
    command
        What starts one, in place of the real one.
    """

    def __init__(self, most: int, command: tuple[str, ...] = ()) -> None:
        self._most, self._command = most, command
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._starting = 0
        self._changed = threading.Condition()

    def run(
        self, task: str, data: bytes, about: Mapping[str, Any], megapixels: float
    ) -> tuple[NDArray, dict[str, Any]]:
        """Have a worker do a task of ``app.core.native.tasks``, and wait for it.

        Parameters
        ----------
        task
            Its name.
        data
            What it decodes.
        about
            What else it is told; as JSON can hold it.
        megapixels
            How large the picture says that it is: so long may it take.

        Returns
        -------
        NDArray
            The pixels.
        dict
            What else the task found.

        Raises
        ------
        DecoderEnded
            When the worker died, took too long or too much memory.
        NotImplementedError
            For a form that no decoder reads.
        ValueError
            For data that the decoder refused.
        """
        worker = self._take()
        try:
            return worker.run(task, data, about, _SECONDS + _SECONDS_PER_MEGAPIXEL * megapixels)
        except DecoderEnded:
            worker.end()
            raise
        finally:
            self._give_back(worker)

    def close(self) -> None:
        """End all workers, whatever they do."""
        with self._changed:
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.end()

    def processes(self) -> list[int]:
        """The process identifiers of the workers."""
        with self._changed:
            return [worker.pid for worker in (*self._idle, *self._busy)]

    def _take(self) -> _Worker:
        with self._changed:
            while True:
                while self._idle:
                    worker = self._idle.pop()
                    if worker.alive():
                        self._busy.add(worker)
                        return worker
                    worker.end()
                if len(self._busy) + self._starting < self._most:
                    self._starting += 1
                    break
                self._changed.wait()
        try:
            worker = _Worker(self._command)
        except BaseException:
            with self._changed:
                self._starting -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._starting -= 1
            self._busy.add(worker)
        return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            if worker.alive():
                self._idle.append(worker)
            self._changed.notify()


class _Worker:
    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._buffer = SharedBuffer()
        # -P: the folder that the program was started in may be one of images, and of anything.
        command = command or (sys.executable, "-P", "-m", "app.core.native.worker")
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [*command, self._buffer.handle, str(WORKER_MEMORY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=self._buffer.inherited,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._buffer.close()
            raise DecoderEnded("start", error.strerror or "") from error
        self.pid = self._process.pid
        self._slow = False
        if not self._line(_START_SECONDS):
            self.end()
            raise DecoderEnded("start")

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it and let go of its memory."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._buffer.close()

    def run(
        self, task: str, data: bytes, about: Mapping[str, Any], seconds: float
    ) -> tuple[NDArray, dict[str, Any]]:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            self._buffer.write(data)
            place = {"name": self._buffer.name, "size": self._buffer.size, "length": len(data)}
            asked = {"task": task, "place": place, "seconds": seconds, "about": dict(about)}
            stdin.write(json.dumps(asked).encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError) as error:
            raise DecoderEnded("died") from error
        line = self._line(seconds * _WALL)
        if not line:
            slow = self._slow or self._process.wait() == -getattr(signal, "SIGXCPU", 0)
            raise DecoderEnded("slow" if slow else "died", f"{seconds:.0f}")
        # What comes from a worker that a file may have taken over is believed in nothing.
        try:
            answer = json.loads(line)
            if refused := answer.get("error"):
                raise _refused(str(refused), str(answer.get("words", "")))
            place = answer["place"]
            self._buffer.follow(str(place["name"]), int(place["size"]))
            shape = tuple(int(side) for side in answer["shape"])
            pixels = self._buffer.read(_plain_dtype(answer["dtype"]), shape)
            about = dict(answer["about"])
        except (DecoderEnded, NotImplementedError, _Refused):
            raise
        except Exception as error:
            raise DecoderEnded("died") from error
        if self._buffer.size > _KEPT:
            # A large image's memory is not kept for the small ones after it.
            self.end()
        return pixels, about

    def _line(self, seconds: float) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None
        timer = threading.Timer(seconds, self._too_slow)
        timer.daemon = True
        timer.start()
        try:
            return stdout.readline(_MOST_ANSWER)
        except (OSError, ValueError):
            return b""
        finally:
            timer.cancel()

    def _too_slow(self) -> None:
        self._slow = True
        with contextlib.suppress(OSError):
            self._process.kill()


class _Refused(ValueError):
    """What the decoder said."""


def _refused(error: str, words: str) -> Exception:
    if error == "memory":
        return DecoderEnded("memory")
    return NotImplementedError(words) if error == "unsupported" else _Refused(words)


def _plain_dtype(name: str) -> np.dtype:
    dtype = np.dtype(str(name))
    if dtype.kind not in "biuf":
        raise ValueError("no numbers")
    return dtype


_pool: NativePool | None = None
_lock = threading.Lock()


def native_pool() -> NativePool:
    """The workers of this process, made when first asked for."""
    global _pool
    with _lock:
        if _pool is None:
            _pool = NativePool(max(2, min(4, os.cpu_count() or 2)))
            atexit.register(_pool.close)
        return _pool


def _forget() -> None:
    """In a forked child: the workers answer its parent."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
