"""The bridge between window and engine: requests go in, answers come back as signals.

Two threads do the work: one scores (TensorFlow), one reads from disk for the eye. Each request
carries a generation number, and an answer to an older request is dropped here, so that the
window only ever sees what it last asked for. This object lives in the window's thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Radiograph
from app.core.model.card import ModelCard
from app.core.model.results import Heatmap, Prediction
from app.core.worklist.scan import Item
from app.inference.scoring.pipeline import Scored
from app.jobs.image_loader import ImageLoader
from app.jobs.inference_worker import Explained, InferenceWorker, ScoringProgress
from app.jobs.python_thread import PythonThread
from app.jobs.scanner import Scanner

_NETWORK_STACK = 64 * 2**20

__all__ = ["InferenceService", "ScoringProgress"]


class InferenceService(QObject):
    """Opens, scores and explains images without ever making the window wait.

    Signals
    -------
    opening(list[str or Path])
        Other folders and files are being opened.
    items_found(list[Item]), scan_finished(int)
        The list fills while the scan goes on; then its length.
    scored(list[Scored]), progress(Progress), finished()
        Scores come in chunks; ``finished`` also comes when nothing could be scored, and never
        while added items wait.
    image_ready(int, Radiograph), image_failed(int, ReviewError)
        Answers to ``show`` with its number.
    heatmap_ready(int, Prediction, Heatmap or None)
        Comes after ``image_ready`` of the same number, once there is a model.
    input_ready(int, array or None, tuple[Reason, ...])
        While ``want_input`` is on, after ``heatmap_ready``: see
        ``app.inference.scoring.pipeline.given``.
    thumbnail_ready(Path, array or None), thumbnail_dropped(Path)
        None when the image cannot be read; dropped ones may be asked for again.
    model_changed(ModelCard, str), model_failed(ReviewError)
        The model in use and the device it runs on.
    notice(str), failed(ReviewError)
        For the person.
    """

    opening = Signal(object)
    items_found = Signal(object)
    scan_finished = Signal(int)
    scored = Signal(object)
    progress = Signal(object)
    finished = Signal()
    image_ready = Signal(int, object)
    image_failed = Signal(int, object)
    heatmap_ready = Signal(int, object, object)
    input_ready = Signal(int, object, object)
    thumbnail_ready = Signal(object, object)
    thumbnail_dropped = Signal(object)
    model_changed = Signal(object, str)
    model_failed = Signal(object)
    notice = Signal(str)
    failed = Signal(object)

    _scan_wanted = Signal(int, object)
    _score_wanted = Signal(int, object)
    _add_wanted = Signal(int, object)
    _image_wanted = Signal(int, object)
    _prefetch_wanted = Signal(int, object)
    _heatmap_wanted = Signal(int, object)
    _input_wanted = Signal(int, object)
    _model_wanted = Signal(object)
    _thumbnail_wanted = Signal(object)
    _forget_wanted = Signal()
    _forget_paths_wanted = Signal(object)
    _aside_wanted = Signal(object, object)
    _stop_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._batch = 0
        self._given = 0
        self._image = 0
        self._items: list[Item] = []
        self._scanning = False
        self._scoring = False
        self._has_model = False
        self._loading = 0
        self._shown: Radiograph | None = None
        self._wants_input = False
        self._waiting_thumbnails: set[Path] = set()
        self._closed = False
        self._network_thread = PythonThread("inference")
        self._disk_thread = PythonThread("loader")
        # Tracing a deep network recurses deeply; some systems give a thread only half a megabyte.
        self._network_thread.setStackSize(_NETWORK_STACK)
        self._worker = InferenceWorker()
        self._loader = ImageLoader()
        self._scanner = Scanner()
        self._worker.moveToThread(self._network_thread)
        self._loader.moveToThread(self._disk_thread)
        self._scanner.moveToThread(self._disk_thread)
        self._connect()

    def _connect(self) -> None:
        # Asking: always queued, since the receivers live in other threads.
        self._scan_wanted.connect(self._scanner.scan)
        self._score_wanted.connect(self._worker.score)
        self._add_wanted.connect(self._worker.add)
        self._heatmap_wanted.connect(self._worker.explain)
        self._input_wanted.connect(self._worker.show_input)
        self._model_wanted.connect(self._worker.use_model)
        self._image_wanted.connect(self._loader.show)
        self._prefetch_wanted.connect(self._loader.prefetch)
        self._thumbnail_wanted.connect(self._loader.thumbnail)
        self._forget_wanted.connect(self._loader.forget)
        self._forget_paths_wanted.connect(self._loader.forget_paths)
        self._aside_wanted.connect(self._worker.explain_aside)
        self._stop_wanted.connect(self._worker.stop)
        # Answering.
        self._scanner.items_found.connect(self._on_items_found)
        self._scanner.finished.connect(self._on_scan_finished)
        self._scanner.failed.connect(self._on_scan_failed)
        self._worker.scored.connect(self._on_scored)
        self._worker.progress.connect(self._on_progress)
        self._worker.finished.connect(self._on_finished)
        self._worker.heatmap_ready.connect(self._on_heatmap_ready)
        self._worker.input_ready.connect(self._on_input_ready)
        self._worker.model_changed.connect(self._on_model_changed)
        self._worker.model_failed.connect(self._on_model_failed)
        self._worker.notice.connect(self.notice)
        self._worker.failed.connect(self.failed)
        self._loader.image_ready.connect(self._on_image_ready)
        self._loader.image_failed.connect(self._on_image_failed)
        self._loader.thumbnail_ready.connect(self._on_thumbnail_ready)
        self._loader.thumbnail_dropped.connect(self._on_thumbnail_dropped)

    # Requests -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start both threads; nothing is imported or read before the first request."""
        self._network_thread.start()
        self._disk_thread.start()

    @property
    def scanned(self) -> tuple[Item, ...]:
        """What the scan has found so far."""
        return tuple(self._items)

    @property
    def is_busy(self) -> bool:
        """Whether a scan or a scoring is under way."""
        return self._scanning or self._scoring

    def open(self, paths: Sequence[str | Path]) -> None:
        """List the images in these folders and files, then score them all."""
        self._next_batch()
        self._items = []
        self._waiting_thumbnails.clear()
        self._forget_wanted.emit()
        self._scanning = True
        self.opening.emit(list(paths))
        self._scan_wanted.emit(self._batch, list(paths))

    def score(self, items: Sequence[Item]) -> None:
        """Score these items, instead of whatever is being scored."""
        self._next_batch()
        self._hand_over(self._score_wanted, items)

    def add(self, items: Sequence[Item]) -> None:
        """Score images that have come since the scan too, before what still waits."""
        if self._scanning:
            self._items.extend(items)
            return
        self._hand_over(self._add_wanted, items)

    def reread(self, items: Sequence[Item]) -> None:
        """Forget what was read of these files, which have changed, and score them again."""
        paths = [item.path for item in items]
        self._waiting_thumbnails.difference_update(paths)
        self._forget_paths_wanted.emit(paths)
        self.add(items)

    def cancel(self) -> None:
        """Give up scanning and scoring; what has been scored stays."""
        was_busy = self.is_busy
        self._next_batch()
        if was_busy:
            self.finished.emit()

    def show(self, item: Item) -> int:
        """Ask for an image and its heatmap; the number marks their answers."""
        self._image += 1
        self._loader.wanted = self._worker.wanted_image = self._image
        self._shown = None
        self._image_wanted.emit(self._image, item.path)
        return self._image

    def prefetch(self, item: Item) -> None:
        """Read an image ahead that is likely to be shown next."""
        self._prefetch_wanted.emit(self._image, item.path)

    def thumbnail(self, item: Item) -> None:
        """Ask for a thumbnail, once."""
        if item.path not in self._waiting_thumbnails:
            self._waiting_thumbnails.add(item.path)
            self._thumbnail_wanted.emit(item.path)

    def explain(self, radiograph: Radiograph) -> Explained:
        """Score and explain an image beside the one in view; may be called from any thread.

        Returns
        -------
        Future
            The prediction and its heatmap, both None while there is no model. It is never done
            when the service is closed before its turn: wait with a timeout.
        """
        explained: Explained = Future()
        self._aside_wanted.emit(radiograph, explained)
        return explained

    def want_input(self, wanted: bool) -> None:
        """Tell from now on, or no longer, what the network is given of the image in view."""
        self._wants_input = wanted
        self._ask_for_input()

    def use_model(self, folder: Path) -> None:
        """Load a model instead; ``model_changed`` or ``model_failed`` follows."""
        self._loading += 1
        self._model_wanted.emit(folder)

    def close(self, seconds: float = 2.0) -> bool:
        """End both threads.

        Returns
        -------
        bool
            False when a thread is still in a step that cannot be interrupted (the import of
            TensorFlow); call again to go on waiting.
        """
        if not self._closed:
            self._closed = self._worker.closing = True
            self._stop_wanted.emit()
            self._disk_thread.quit()
        self._next_batch()
        self._image += 1
        self._loader.wanted = self._worker.wanted_image = self._image
        deadline = time.monotonic() + seconds
        ended = True
        for thread in (self._disk_thread, self._network_thread):
            left = max(0, round(1000 * (deadline - time.monotonic())))
            ended = (thread.isFinished() or not thread.isRunning() or thread.wait(left)) and ended
        return ended

    def _next_batch(self) -> None:
        self._batch += 1
        self._scanner.wanted = self._worker.wanted_batch = self._batch
        self._scanning = self._scoring = False
        self._given = 0

    def _hand_over(self, wanted: SignalInstance, items: Sequence[Item]) -> None:
        self._scoring = True
        self._given += len(items)
        wanted.emit(self._batch, list(items))

    # Answers: dropped when they are stale ---------------------------------------------------

    @Slot(int, object)
    def _on_items_found(self, batch: int, items: list[Item]) -> None:
        if batch == self._batch:
            self._items.extend(items)
            self.items_found.emit(items)

    @Slot(int, int)
    def _on_scan_finished(self, batch: int, count: int) -> None:
        if batch != self._batch:
            return
        self._scanning = False
        # Handed over first: whoever hears of the scan's end may add items to these at once.
        if self._items:
            self._hand_over(self._score_wanted, self._items)
        self.scan_finished.emit(count)
        if batch == self._batch and not self._scoring:
            self.finished.emit()

    @Slot(int, object)
    def _on_scan_failed(self, batch: int, error: ReviewError) -> None:
        if batch == self._batch:
            self.failed.emit(error)

    @Slot(int, object)
    def _on_scored(self, batch: int, scored: list[Scored]) -> None:
        if batch == self._batch:
            self.scored.emit(scored)

    @Slot(int, object)
    def _on_progress(self, batch: int, progress: ScoringProgress) -> None:
        if batch == self._batch:
            self.progress.emit(progress)

    @Slot(int, int)
    def _on_finished(self, batch: int, given: int) -> None:
        # An end that was told before the last items arrived is none: theirs is still to come.
        if batch == self._batch and self._scoring and given == self._given:
            self._scoring = False
            self.finished.emit()

    @Slot(int, object)
    def _on_image_ready(self, generation: int, radiograph: Radiograph) -> None:
        if generation != self._image or self._closed:
            return
        self._shown = radiograph
        self.image_ready.emit(generation, radiograph)
        self._explain_shown()

    @Slot(int, object)
    def _on_image_failed(self, generation: int, error: ReviewError) -> None:
        if generation == self._image and not self._closed:
            self.image_failed.emit(generation, error)

    @Slot(int, object, object)
    def _on_heatmap_ready(
        self, generation: int, prediction: Prediction, heatmap: Heatmap | None
    ) -> None:
        if generation == self._image and not self._closed:
            self.heatmap_ready.emit(generation, prediction, heatmap)

    @Slot(int, object, object)
    def _on_input_ready(self, generation: int, inputs: object, words: tuple[str, ...]) -> None:
        if generation == self._image and self._wants_input and not self._closed:
            self.input_ready.emit(generation, inputs, words)

    @Slot(object, str)
    def _on_model_changed(self, card: ModelCard, device: str) -> None:
        self._loading -= 1
        if self._closed:
            return
        self._has_model = True
        self.model_changed.emit(card, device)
        self._explain_shown()

    @Slot(object)
    def _on_model_failed(self, error: ReviewError) -> None:
        self._loading -= 1
        if not self._closed:
            self.model_failed.emit(error)
            self._explain_shown()

    def _explain_shown(self) -> None:
        """Ask for the heatmap of the image in view; while a model loads, its end asks instead."""
        if self._shown is not None and self._has_model and not self._loading:
            self._heatmap_wanted.emit(self._image, self._shown)
            self._ask_for_input()

    def _ask_for_input(self) -> None:
        ready = self._wants_input and self._has_model and not self._loading
        if ready and self._shown is not None:
            self._input_wanted.emit(self._image, self._shown)

    @Slot(object, object)
    def _on_thumbnail_ready(self, path: Path, grey: object) -> None:
        self._waiting_thumbnails.discard(path)
        if not self._closed:
            self.thumbnail_ready.emit(path, grey)

    @Slot(object)
    def _on_thumbnail_dropped(self, path: Path) -> None:
        self._waiting_thumbnails.discard(path)
        self.thumbnail_dropped.emit(path)
