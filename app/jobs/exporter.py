"""Writes exports in a thread; heatmaps come from the network's own thread, one after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, TimeoutError
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.core.model.results import INPUT_GRADIENT, Heatmap, Prediction
from app.core.reading.verdicts import ImageIdentity, Verdict
from app.review.export.plan import ExportOutcome, Plan
from app.review.export.reviewed import ReviewedImage
from app.review.verdicts.store import VerdictStore

log = logging.getLogger(__name__)

Ask = Callable[[Radiograph], "Future[tuple[Prediction | None, Heatmap | None]]"]
_LOOK_SECONDS = 0.1


class Exporter(QObject):
    """One export at a time.

    Signals
    -------
    progress(int, int)
        So many images of so many are done.
    finished(Outcome)
        What was written and what was not; after ``cancel`` too.
    failed(ReviewError)
        Nothing was written.
    """

    progress = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    _told = Signal(str, object)

    def __init__(self, ask: Ask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._stop = threading.Event()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.running = False
        self._told.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        images: Sequence[ReviewedImage],
        plan: Plan,
        *,
        verdicts: Path,
        reader: str,
        input_gradient: bool = False,
    ) -> None:
        """Export these images.

        Parameters
        ----------
        images, plan
            See ``app.review.export.run.export``.
        verdicts
            Where the database lies; it may not exist.
        reader
            Whose verdicts come first.
        input_gradient
            Whether the map of a network without a convolution is wanted.
        """
        if self.running:
            return
        self.running = True
        stop = self._stop = threading.Event()

        def explain(radiograph: Radiograph) -> tuple[Prediction | None, Heatmap | None]:
            prediction, heatmap = _waited(self._ask(radiograph), stop)
            if heatmap is not None and heatmap.method == INPUT_GRADIENT and not input_gradient:
                heatmap = None
            return prediction, heatmap

        def work() -> ExportOutcome:
            from app.review.export.completing import Completer
            from app.review.export.run import export

            store = VerdictStore.open(verdicts) if verdicts.exists() else None
            try:
                latest = store.latest if store is not None else _no_verdict
                return export(
                    images,
                    plan,
                    Completer(latest, reader, explain),
                    progress=lambda done, total: self._told.emit("progress", (done, total)),
                    cancelled=stop.is_set,
                )
            finally:
                if store is not None:
                    store.close()

        self._pool.start(_Job(work, self._told.emit))

    def cancel(self) -> None:
        """Stop after the file that is being written; ``finished`` follows."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait for the thread, before the program ends; no signal comes any more."""
        self._told.disconnect()
        self.cancel()
        self._pool.waitForDone()

    def _deliver(self, name: str, values: tuple[object, ...]) -> None:
        if name != "progress":
            self.running = False
        getattr(self, name).emit(*values)


class _Job(QRunnable):
    def __init__(
        self, work: Callable[[], ExportOutcome], told: Callable[[str, object], None]
    ) -> None:
        super().__init__()
        self._work, self._told = work, told

    def run(self) -> None:
        try:
            self._told("finished", (self._work(),))
        except ReviewError as error:
            self._told("failed", (error,))
        except Exception as error:  # the window waits for an answer, whatever it is
            # Its words may quote a header.
            log.error("an export failed with %s", type(error).__name__)
            failed = ReviewError(
                tr("The export failed ({kind}).", kind=type(error).__name__),
                tr("What is in the folder by now is whole."),
                tr("Try again, with fewer formats or images."),
            )
            self._told("failed", (failed,))


def _no_verdict(_image: ImageIdentity, _reader: str | None) -> Verdict | None:
    return None


def _waited(
    answer: Future[tuple[Prediction | None, Heatmap | None]], stop: threading.Event
) -> tuple[Prediction | None, Heatmap | None]:
    """An answer of the network's thread, unless nobody waits any more."""
    while True:
        try:
            return answer.result(_LOOK_SECONDS)
        except TimeoutError:
            if answer.done():
                raise
            if stop.is_set():
                answer.cancel()
                return None, None
