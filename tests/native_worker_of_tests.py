"""The decoders' worker with tasks that die, hang and eat memory; started by test_native_pool."""

import os
import time

import numpy as np

from app.core.native import tasks, worker


def _double(data, about):
    return np.frombuffer(data, np.uint8).astype(np.uint16) * 2, about


def _die(data, about):
    os.abort()


def _leave(data, about):
    os._exit(0)


def _spin(data, about):
    while True:
        pass


def _sleep(data, about):
    time.sleep(600)


def _eat(data, about):
    return np.ones(about["bytes"], np.uint8), {}


def _refuse(data, about):
    raise ValueError("no such thing")


tasks.TASKS.update(
    double=_double, die=_die, leave=_leave, spin=_spin, sleep=_sleep, eat=_eat, refuse=_refuse
)

if __name__ == "__main__":
    worker.main()
