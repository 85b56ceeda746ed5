"""Which hardware runs the network: the GPU whenever there is one for TensorFlow, else the CPU."""

from __future__ import annotations

import ctypes
import functools
import gc
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)

_cpu_wanted = False


@functools.cache
def tensorflow() -> Any:
    """TensorFlow, imported and set up once: quiet, and GPU memory grows as it is needed."""
    with native_log():
        import keras  # noqa: F401  (its objects are to be frozen too)
        import tensorflow as tf

        tf.config.list_physical_devices("GPU")  # the first look is what the CUDA library comments
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError as error:  # another part of the process already started the GPU
            log.warning("GPU memory growth could not be set: %s", error)
    # TensorFlow is a million objects that stay. Looking through them for garbage, as Python does
    # now and then, would stop every thread, the window's too, for a third of a second.
    gc.freeze()
    return tf


@contextmanager
def native_log() -> Iterator[None]:
    """Send what native code writes to stderr to our log instead.

    TensorFlow writes a screenful before its own logging can be set up, on every machine without
    a GPU. An exception is not touched: it comes as an exception.
    """
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError, ValueError):  # a program without a console has no stderr
        yield
        return
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            captured.seek(0)
            for line in captured.read().decode(errors="replace").splitlines():
                log.info("TensorFlow: %s", line)


def gpu_name() -> str | None:
    """Name of the first GPU that TensorFlow sees, None when there is none."""
    tf = tensorflow()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    details = tf.config.experimental.get_device_details(gpus[0])
    return str(details.get("device_name", "GPU"))


@functools.cache
def has_nvidia() -> bool:
    """Whether the driver tells of an NVIDIA GPU that this process may use; TensorFlow is not asked.

    Without one there is no reason to import it for a score.
    """
    if _cpu_wanted or os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    try:
        library = ctypes.CDLL("nvml.dll" if os.name == "nt" else "libnvidia-ml.so.1")
        count = ctypes.c_uint(0)
        if library.nvmlInit_v2() != 0:
            return False
        try:
            return bool(library.nvmlDeviceGetCount_v2(ctypes.byref(count)) == 0 and count.value)
        finally:
            library.nvmlShutdown()
    except (OSError, AttributeError):  # no driver, or a very old one
        return False


def choose_device(wanted: str) -> None:
    """Hide the GPU from TensorFlow for the rest of this process when ``wanted`` is ``cpu``.

    To be called before anything is computed: a GPU that has been used cannot be hidden any more,
    which is said in the log and changes nothing.
    """
    global _cpu_wanted
    if wanted != "cpu":
        return
    _cpu_wanted = True
    has_nvidia.cache_clear()
    try:
        tensorflow().config.set_visible_devices([], "GPU")
    except RuntimeError as error:
        log.warning("The GPU could not be left out: %s", error)


def gains_by_16_bits() -> bool:
    """Whether the first GPU computes faster in 16 bits: NVIDIA's from capability 7.0 on do."""
    tf = tensorflow()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return False
    details = tf.config.experimental.get_device_details(gpus[0])
    return tuple(details.get("compute_capability", (0, 0))) >= (7, 0)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """``CPU`` and how many cores there are."""
    return f"CPU ({os.cpu_count()} cores, {platform.machine()})"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python or the network's library ran out of memory, whichever library that is."""
    if isinstance(error, MemoryError):
        return True
    if type(error).__name__ in ("ResourceExhaustedError", "OutOfMemoryError"):
        return True  # TensorFlow's and PyTorch's
    said = str(error)
    if type(error).__module__.startswith("onnxruntime"):
        return "bad_alloc" in said or "Failed to allocate memory" in said
    return type(error).__name__ == "XlaRuntimeError" and "RESOURCE_EXHAUSTED" in said


def backend_device() -> str:
    """The device that Keras' backend trains on, as shown to a person."""
    import keras

    match keras.backend.backend():
        case "tensorflow":
            return gpu_name() or cpu_name()
        case "torch":
            import torch

            return torch.cuda.get_device_name() if torch.cuda.is_available() else cpu_name()
        case "jax":
            import jax

            return str(jax.devices()[0].device_kind)
        case other:
            return other
