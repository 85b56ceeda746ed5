"""The figures of each epoch as TensorBoard logs beside the run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from app.core.base.events import EpochEnded

log = logging.getLogger(__name__)

FOLDER = "tensorboard"


class Scalars:
    """Writes ``RUN_DIR/tensorboard``; a disk that refuses costs these logs, never the run.

    Parameters
    ----------
    run_dir
        The run folder.
    """

    def __init__(self, run_dir: Path) -> None:
        self._folder = run_dir / FOLDER
        self._writer: Any = None
        self._broken = False

    def take(self, event: EpochEnded) -> None:
        """Add the figures of an epoch."""
        if self._broken:
            return
        from app.inference.runtime.device import tensorflow

        tf = tensorflow()
        try:
            if self._writer is None:
                self._writer = tf.summary.create_file_writer(str(self._folder))
            with self._writer.as_default(step=event.epoch):
                for name, value in event.metrics.items():
                    tf.summary.scalar(name, value)
                tf.summary.scalar("seconds", event.seconds)
            self._writer.flush()
        except (OSError, tf.errors.OpError) as error:
            self._broken = True
            log.warning("TensorBoard logs could not be written: %s", type(error).__name__)
