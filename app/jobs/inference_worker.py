"""The network's side of the inference service: lives in the one long-lived inference thread.

TensorFlow is imported here, at the first load of a model, hence after the window is shown.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.core.model.results import Heatmap, Prediction
from app.core.worklist.scan import Item
from app.inference.runtime.classifier import Classifier
from app.inference.scoring.pipeline import Scored, given, score, score_one

log = logging.getLogger(__name__)

_BATCH = 32
_CHUNK_SECONDS = 0.15
_PACE_SECONDS = 20.0


Explained = Future[tuple[Prediction | None, Heatmap | None]]


@dataclass(frozen=True)
class ScoringProgress:
    """How far scoring is; ``rate``, of late, in images per second; the last two None at first."""

    done: int
    total: int
    rate: float | None = None
    seconds_left: float | None = None


class ScoringPace:
    """Images per second of late.

    The first batch, which carries the network's warm-up, never counts, and what is long past
    counts no more: a training started meanwhile slows the scoring down.
    """

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def take(self, now: float, done: int) -> float | None:
        """The rate now that ``done`` images are done at ``now`` seconds; None after the first."""
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] >= _PACE_SECONDS:
            self._marks.popleft()
        since, before = self._marks[0]
        return (done - before) / (now - since) if now > since and done > before else None


class InferenceWorker(QObject):
    """Scores in steps, so that the selected image is served between two batches.

    ``wanted_batch``, ``wanted_image`` and ``closing`` are set by the service, from the window's
    thread: work of another number is stale and is given up at the next opportunity. ``finished``
    tells how many items of that number were handed over so far: what was added and has not
    arrived here yet is still to come.
    """

    scored = Signal(int, object)
    progress = Signal(int, object)
    finished = Signal(int, int)
    heatmap_ready = Signal(int, object, object)
    input_ready = Signal(int, object, object)
    model_changed = Signal(object, str)
    model_failed = Signal(object)
    notice = Signal(str)
    failed = Signal(object)
    _again = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.wanted_batch = 0
        self.wanted_image = 0
        self.closing = False
        self._classifier: Classifier | None = None
        self._steps: Generator[None, None, None] | None = None
        self._queue = _Queue()
        self._total = 0
        self._given = 0
        self._batch = 0
        # Queued even to itself: what was asked for meanwhile comes first.
        self._again.connect(self._step, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def use_model(self, folder: Path) -> None:
        """Load a model; the one in use stays when the new one cannot be loaded."""
        if self.closing:
            return
        try:
            classifier = Classifier(folder)
            classifier.on_notice = self.notice.emit
            classifier.require_pneumonia()
            classifier.load()
        except ReviewError as error:
            self.model_failed.emit(error)
            return
        except Exception as error:  # the window waits for an answer, whatever it is
            log.exception("the model could not be loaded")
            self.model_failed.emit(
                ReviewError(
                    tr(
                        "The model {name} could not be loaded ({kind}).",
                        name=folder.name,
                        kind=type(error).__name__,
                    ),
                    tr("A model that Opacity trained was expected."),
                    tr("Choose another model; the terminal that started Opacity has the details."),
                )
            )
            return
        self._classifier = classifier
        self.model_changed.emit(classifier.card, classifier.device_name)

    @Slot(int, object)
    def score(self, batch: int, items: Sequence[Item]) -> None:
        """Score these items, instead of any that were still waiting."""
        self._drop_steps()
        self._given = len(items) + (self._given if batch == self._batch else 0)
        self._queue, self._total = _Queue(items), len(items)
        self._steps, self._batch = self._score_steps(batch), batch
        self._again.emit(batch)

    @Slot(int, object)
    def add(self, batch: int, items: Sequence[Item]) -> None:
        """Score these too, before what still waits: who has just come may be in need."""
        if batch != self._batch or self._steps is None:
            self.score(batch, items)
            return
        self._queue.put_first(items)
        self._total += len(items)
        self._given += len(items)

    @Slot(int, object)
    def explain(self, generation: int, radiograph: Radiograph) -> None:
        """Score one image with its heatmap, unless another was selected meanwhile."""
        if generation != self.wanted_image or self._classifier is None:
            return
        try:
            prediction, heatmap = score_one(radiograph, self._classifier)
        except ReviewError as error:
            self.failed.emit(error)
            return
        self.heatmap_ready.emit(generation, prediction, heatmap)

    @Slot(int, object)
    def show_input(self, generation: int, radiograph: Radiograph) -> None:
        """Tell what the network is given of an image, unless another was selected meanwhile."""
        if generation == self.wanted_image and self._classifier is not None:
            self.input_ready.emit(generation, *given(radiograph, self._classifier))

    @Slot(object, object)
    def explain_aside(self, radiograph: Radiograph, explained: Explained) -> None:
        """Score and explain an image for somebody who waits for it in another thread."""
        if not explained.set_running_or_notify_cancel():
            return
        if self._classifier is None or self.closing:
            explained.set_result((None, None))
            return
        try:
            explained.set_result(score_one(radiograph, self._classifier))
        except Exception as error:
            explained.set_exception(error)

    @Slot(int)
    def _step(self, batch: int) -> None:
        if batch != self._batch or self._steps is None:
            return
        if batch != self.wanted_batch:
            self._drop_steps()
            return
        try:
            more = next(self._steps, self) is None
        except ReviewError as error:
            self.failed.emit(error)
            more = False
        except BaseException:
            self._steps = None
            self.finished.emit(batch, self._given)
            raise
        if more:
            self._again.emit(batch)
        else:
            self._steps = None
            self.finished.emit(batch, self._given)

    @Slot()
    def stop(self) -> None:
        """Give everything up and end the thread."""
        self._drop_steps()
        QThread.currentThread().quit()

    def _drop_steps(self) -> None:
        """Close the scoring, which ends its decoding threads."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _score_steps(self, batch: int) -> Generator[None, None, None]:
        """Yields wherever a request for the selected image may come in between."""
        if self._classifier is None:
            return
        done = 0
        chunk: list[Scored] = []
        pace = ScoringPace()
        told = time.monotonic()
        self.progress.emit(batch, ScoringProgress(0, self._total))
        for scored in score(
            self._queue,
            self._classifier,
            cancelled=lambda: batch != self.wanted_batch,
            batch_size=_BATCH,
        ):
            chunk.append(scored)
            now = time.monotonic()
            if len(chunk) < _BATCH and now - told < _CHUNK_SECONDS:
                continue
            done += len(chunk)
            self._tell(batch, chunk, done, pace.take(now, done))
            chunk, told = [], now
            yield
        if chunk:
            done += len(chunk)
            self._tell(batch, chunk, done, pace.take(time.monotonic(), done))

    def _tell(self, batch: int, chunk: list[Scored], done: int, rate: float | None) -> None:
        self.scored.emit(batch, chunk)
        left = (self._total - done) / rate if rate else None
        self.progress.emit(batch, ScoringProgress(done, self._total, rate, left))


class _Queue(Iterator[Item]):
    """Items that wait for their score. At its end it may be filled again, and goes on."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items = deque(items)

    def __next__(self) -> Item:
        if not self._items:
            raise StopIteration
        return self._items.popleft()

    def put_first(self, items: Sequence[Item]) -> None:
        self._items.extendleft(reversed(items))
