"""Which hardware runs the network: the GPU whenever TensorFlow sees one, else the CPU."""

from __future__ import annotations

import functools
import logging
import os
import platform
from typing import Any

log = logging.getLogger(__name__)


@functools.cache
def tensorflow() -> Any:
    """TensorFlow, imported and set up once: quiet, and GPU memory grows as it is needed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError as error:  # another part of the process already started the GPU
            log.warning("GPU memory growth could not be set: %s", error)
    return tf


def gpu_name() -> str | None:
    """Name of the first GPU that TensorFlow sees, None when there is none."""
    tf = tensorflow()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    details = tf.config.experimental.get_device_details(gpus[0])
    return str(details.get("device_name", "GPU"))


def cpu_name() -> str:
    """``CPU`` and how many cores there are."""
    return f"CPU ({os.cpu_count()} cores, {platform.machine()})"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether TensorFlow or Python ran out of memory."""
    return isinstance(error, MemoryError | tensorflow().errors.ResourceExhaustedError)
