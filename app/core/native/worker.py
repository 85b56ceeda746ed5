"""The process in which native decoders run: ``python -m app.core.native.worker``.

Reads requests from stdin, one line of JSON each, and answers on stdout; ends with stdin. What
fails in Python is answered, what fails below it ends this process, which is what it is for.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any

import numpy as np

from app.core.native.shared_buffer import SharedBuffer
from app.core.native.tasks import TASKS

_MOST_LETTERS = 300


def _private_stdout() -> IO[bytes]:
    """Stdout for answers alone: whatever a decoder prints goes nowhere."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _limit_memory(most: int) -> None:
    """Take no more than so many bytes beyond what the code itself needs, where Linux can tell."""
    if sys.platform != "linux":
        return
    import resource

    # Nor leave a picture behind in a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = Path("/proc/self/status").read_text()
    used = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData"))
    limit = used * 1024 + most
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so much of its processor's time.

    No thread could do it: a decoder that hangs does not let Python run.
    """
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    end = math.ceil(time.process_time() + seconds)
    if hard == resource.RLIM_INFINITY or end < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (end, hard))
    # For one that sleeps, and has nobody left who would end it.
    signal.alarm(math.ceil(10 * seconds))


def _answer(request: dict[str, Any], buffer: SharedBuffer) -> dict[str, Any]:
    place = request["place"]
    buffer.follow(place["name"], place["size"])
    data = buffer.read(np.dtype(np.uint8), (place["length"],)).tobytes()
    try:
        pixels, about = TASKS[request["task"]](data, request["about"])
        del data
        buffer.write(pixels)
    except MemoryError:
        return {"error": "memory"}
    except NotImplementedError as error:
        return {"error": "unsupported", "words": str(error)[:_MOST_LETTERS]}
    except Exception as error:
        words = str(error) or type(error).__name__
        return {"error": "refused", "words": words[:_MOST_LETTERS]}
    where = {"name": buffer.name, "size": buffer.size}
    return {
        "place": where,
        "shape": pixels.shape,
        "dtype": pixels.dtype.str,
        "about": about,
    }


def main() -> None:
    """Answer until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = _private_stdout()
    buffer = SharedBuffer(sys.argv[1])
    _limit_memory(int(sys.argv[2]))
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _limit_time(request["seconds"])
        answer = _answer(request, buffer)
        if sys.platform != "win32":
            signal.alarm(0)
        with contextlib.suppress(BrokenPipeError):
            out.write(json.dumps(answer).encode() + b"\n")
            out.flush()


if __name__ == "__main__":
    os.umask(0o077)
    main()
