"""What counts as out of memory, whichever library says so."""

from __future__ import annotations

import pytest

from app.inference.runtime import device


def named(name: str, text: str = "") -> BaseException:
    return type(name, (RuntimeError,), {})(text)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (named("OutOfMemoryError"), True),
        (named("XlaRuntimeError", "RESOURCE_EXHAUSTED: Out of memory"), True),
        (named("XlaRuntimeError", "INVALID_ARGUMENT"), False),
        (RuntimeError("memory"), False),
    ],
)
def test_out_of_memory(error, expected):
    assert device.is_out_of_memory(error) is expected


def test_tensorflows_own_error():
    tf = device.tensorflow()
    assert device.is_out_of_memory(tf.errors.ResourceExhaustedError(None, None, "OOM"))


def test_the_training_device_is_the_one_that_scores():
    assert device.backend_device() == (device.gpu_name() or device.cpu_name())
