"""A sweep in a process group of its own, as a machine would run it: ``STUDY FOLDER DATA [URL]``.

The heart beats fast and death is noticed soon, so that a test does not wait for minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A worker starts TensorFlow for as long anyway; on a busy machine a heart may be late by seconds.
HEARTBEAT, GRACE = 0.5, 10.0


def main(study: str, folder: str, data: str, trials: str, workers: str, storage: str = "") -> None:
    from app.core.base.events import to_line
    from app.core.settings.sweep import SweepConfig
    from app.core.settings.training import TrainConfig
    from app.training.sweep import coordinator
    from app.training.sweep.folders import CONFIG_NAME
    from model_zoo import architecture

    train = {**architecture("dense").DEFAULTS, "data": data, "arch": "dense", "image_size": 16}
    config = SweepConfig(
        study,
        TrainConfig(**train),
        trials=int(trials),
        workers=int(workers),
        storage=storage,
    )
    place = Path(folder)
    place.mkdir(exist_ok=True)
    (place / CONFIG_NAME).write_text(config.to_json(), encoding="utf-8")
    # The coordinator needs TensorFlow only to tell a person the device and the time it will take,
    # which nobody reads here; its workers are the real ones. test_coordinator.py asks for both.
    coordinator.backend_device = lambda: "CPU"
    coordinator.estimate_seconds = lambda *_: 0.0
    coordinator.run_sweep(
        config,
        place,
        lambda event: print(to_line(event), flush=True),
        heartbeat=HEARTBEAT,
        grace=GRACE,
    )


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start one; killing its process group is a power cut for coordinator and workers alike."""
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, arguments)],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


if __name__ == "__main__":
    main(*sys.argv[1:])
