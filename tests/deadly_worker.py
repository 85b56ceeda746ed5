"""A sweep's worker that one setting kills, without TensorFlow: as the real one is called.

``python deadly_worker.py -m app.training.sweep.worker FOLDER ...``; only the training itself is
not real.
"""

from __future__ import annotations

import os
import signal
import sys

from app.training.sweep import worker
from app.training.sweep.trial import TrialResult

FIGURES = {"accuracy": 0.9, "val_accuracy": 0.8, "val_auc": 0.9, "val_loss": 0.4}


def run_trial(config, data, settings, on_epoch, stop_asked) -> TrialResult:
    if settings == worker.grid_settings(config)[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return TrialResult(FIGURES, {"val_accuracy": (0.7, 0.9)}, ())


if __name__ == "__main__":
    worker.run_trial = run_trial
    worker._use_threads = lambda *_: None
    sys.exit(worker.main(sys.argv[3:]))
