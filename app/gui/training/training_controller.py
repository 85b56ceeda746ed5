"""What the training panel does, without Qt: start, progress, stop, result, past runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.events import EpochEnded, Event, Notice, RunEnded, RunStarted, StepEnded
from app.core.base.translation import tr
from app.core.settings.training import TrainConfig
from app.gui.training.data_controller import DataController
from app.gui.training.protocols import (
    Estimator,
    TrainingControls,
    TrainingEnd,
    TrainingProcessProtocol,
    TrainingView,
)
from app.gui.training.text import ProgressText, estimate_words, result_rows
from app.jobs.estimate_process import EstimateState
from app.review.comparison.compare import in_words
from app.training.result.changed_calls import read_flips
from app.training.runs.runs import Run

_KEPT = ("seed", "fold", "device", "precision")
"""What has nothing to do with the network: choosing another keeps it."""


class TrainingController:
    """Drives the panel.

    Parameters
    ----------
    view
        The panel.
    process
        The training process.
    data
        The choice of images.
    estimator
        Tells how long a run would take.
    list_runs, read_events
        Read run folders back; see ``app.training.runs.runs``.
    arch_defaults
        Settings of an architecture that differ from ``TrainConfig``'s own.
    clock
        Seconds, monotonic.
    """

    def __init__(
        self,
        view: TrainingView,
        process: TrainingProcessProtocol,
        data: DataController,
        estimator: Estimator,
        *,
        list_runs: Callable[[], list[Run]],
        read_events: Callable[[Path], list[Event]],
        arch_defaults: Callable[[str], Mapping[str, Any]] = lambda arch: {},
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._process = process
        self._data = data
        self._estimator = estimator
        self._estimated: TrainConfig | None = None
        self._list_runs = list_runs
        self._read_events = read_events
        self._arch_defaults = arch_defaults
        self._progress = ProgressText(clock)
        self._stopping = False
        self._ended: RunEnded | None = None
        self._best_auc: float | None = None
        self._shown: Run | None = None
        self._told: TrainConfig | None = None
        self.sweeping: Callable[[], bool] = lambda: False
        """Whether a sweep is under way; set by the window, which has both."""
        process.said.connect(self.on_event)
        process.finished.connect(self.on_finished)
        data.listen(self.on_data_changed)
        estimator.started.connect(
            lambda: view.show_estimate(tr("Estimating the time\N{HORIZONTAL ELLIPSIS}"))
        )
        estimator.estimated.connect(self.on_estimated)
        estimator.failed.connect(
            lambda: view.show_estimate(tr("The time cannot be told beforehand."))
        )

    def open(self) -> None:
        """Show what is known when the panel opens: the remembered folder and the past runs."""
        self.choose_arch(self._view.settings()["arch"])
        self.refresh_runs()
        self._update_controls()
        self._data.open()

    def on_data_changed(self) -> None:
        """Other images were chosen, or more is known of them."""
        if not self._process.running:
            self._view.show_error(())
        self._update_controls()

    def choose_arch(self, arch: str) -> None:
        """Offer the settings that an architecture does best with; the seed stays."""
        kept = {name: self._view.settings()[name] for name in _KEPT}
        self._view.show_settings(
            TrainConfig(**{**kept, **self._arch_defaults(arch), "data": "", "arch": arch})
        )

    def start(self) -> None:
        """Start a run with the settings shown."""
        if self._process.running or not self._data.ready or self._refused():
            return
        try:
            config = self.config()
            if config is None:
                return
            # Two processes that train would be in each other's way.
            self._forget_estimate()
            self._process.start(config)
        except ReviewError as error:
            self._view.show_error((error,))
            return
        self._begin(config)

    def resume(self) -> None:
        """Go on with the run that is shown, from its last whole epoch."""
        run = self._shown
        if run is None or run.config is None or self._process.running or self._refused():
            return
        try:
            self._forget_estimate()
            self._process.resume(run.folder)
        except ReviewError as error:
            self._view.show_error((error,))
            self.refresh_runs()
            return
        self._begin(run.config)

    def _refused(self) -> bool:
        """Whether a sweep is in the way, and then say so."""
        if not self.sweeping():
            return False
        self._view.show_error(
            (
                ReviewError(
                    tr("A sweep is under way."),
                    tr("A training and a sweep would take each other's cores and memory."),
                    tr("Stop the sweep (Tools > Sweeps): it goes on later where it stopped."),
                ),
            )
        )
        return True

    def _begin(self, config: TrainConfig) -> None:
        self._told = config
        self._stopping, self._ended, self._best_auc = False, None, None
        self._shown = None
        self._progress.reset()
        self._view.show_error(())
        self._view.show_notice("")
        self._view.show_result((), "", False)
        self._view.show_comparison((), ())
        self._view.offer_resume(None)
        self._view.clear_curves(config.epochs)
        self._view.show_progress(tr("Starting the training process"), None)
        self._update_controls()
        self.refresh_runs()

    def config(self) -> TrainConfig | None:
        """What a training would be told now; None without images to train on.

        Raises
        ------
        ReviewError
            When a setting is out of range.
        """
        source = self._data.source
        if source is None:
            return None
        return TrainConfig(
            data=str(source.folder),
            labels=str(source.labels or ""),
            patients=str(source.patients or ""),
            mapping=dict(source.mapping),
            **self._view.settings(),
        )

    def on_settings_changed(self) -> None:
        """Ask anew how long a run would take, unless nobody can start one or see the answer."""
        try:
            config = self.config() if self._can_estimate() else None
        except ReviewError:  # a number is still being typed; Start would say what is wrong
            config = None
        if config == self._estimated:
            return
        self._forget_estimate()
        if config is not None and self._data.summary is not None:
            self._estimated = config
            self._estimator.request(config, self._data.summary.images)

    def on_estimated(self, estimate: EstimateState) -> None:
        """Show how long a run would take."""
        self._view.show_estimate(estimate_words(estimate))

    def stop(self) -> None:
        """Ask for the end; the worker keeps the best weights so far."""
        if not self._process.running or self._stopping:
            return
        self._stopping = True
        self._process.stop()
        self._view.show_progress(tr("Stopping: the best so far is being kept"), None)
        self._update_controls()

    def on_event(self, event: Event) -> None:
        """Show what the run says."""
        self._draw(event)
        match event:
            case Notice():
                self._view.show_notice(event.text)
            case RunStarted() if event.skipped:
                files = "file" if event.skipped == 1 else "files"
                self._view.show_notice(
                    tr(
                        "{skipped:,} {files} could not be read: left out.",
                        skipped=event.skipped,
                        files=files,
                    )
                )
            case RunEnded():
                self._ended = event
        if isinstance(event, RunStarted) and event.resumed_after and self._process.run_dir:
            for earlier in self._read_events(self._process.run_dir):
                if isinstance(earlier, EpochEnded) and earlier.epoch <= event.resumed_after:
                    self._draw(earlier)
        if shown := self._progress.take(event):
            text, fraction = shown
            if self._stopping:
                text, fraction = tr("Stopping: the best so far is being kept"), None
            self._view.show_progress(text, fraction)

    def on_finished(self, outcome: TrainingEnd) -> None:
        """Show how the run ended."""
        self._view.show_progress("", None)
        if outcome.ok and self._ended is not None:
            self._view.show_result(
                result_rows(self._ended, self._best_auc), outcome.model_name, self._data.reviewable
            )
            self._compare(self._ended, self._process.run_dir, self._told)
            self._view.announce_model(outcome.model_name)
            if self._process.run_dir is not None:
                self._view.announce_run(self._process.run_dir)
        elif outcome.error is not None:
            self._view.show_error((outcome.error,), outcome.log_tail)
        self._stopping = False
        self._update_controls()
        self.refresh_runs()

    def show_run(self, run: Run) -> None:
        """Show the curves and the result of a past run."""
        if self._process.running:
            return
        self._best_auc, self._shown = None, run
        self._view.offer_resume(run if run.can_resume else None)
        events = self._read_events(run.folder)
        epochs = run.config.epochs if run.config else max(run.epochs_run, 1)
        self._view.clear_curves(epochs)
        self._view.show_error((run.error,) if run.error else ())
        self._view.show_notice("")
        ended: RunEnded | None = None
        for event in events:
            self._draw(event)
            if isinstance(event, RunEnded):
                ended = event
        if ended is not None:
            self._view.show_result(result_rows(ended, self._best_auc), ended.model_name, True)
            self._compare(ended, run.folder, run.config)
        else:
            self._view.show_result((), "", False)
            self._view.show_comparison((), ())

    def refresh_runs(self) -> None:
        """Read the run folders again."""
        live = self._process.run_dir if self._process.running else None
        self._view.show_runs(self._list_runs(), live)

    def _compare(self, ended: RunEnded, run_dir: Path | None, config: TrainConfig | None) -> None:
        """Show what the run says of the active model, and which images flip."""
        lines = tuple(in_words(ended.comparison)) if ended.comparison else ()
        flips: tuple[Path, ...] = ()
        if run_dir is not None and config is not None:
            flips = tuple(Path(config.data, flip.name) for flip in read_flips(run_dir))
        self._view.show_comparison(lines, flips)

    def _draw(self, event: Event) -> None:
        match event:
            case StepEnded():
                self._view.add_step(
                    event.epoch - 1 + event.step / event.steps_per_epoch, event.loss
                )
            case EpochEnded():
                self._view.add_epoch(event.epoch, event.metrics, event.best)
                auc = event.metrics.get("val_auc", math.nan)
                if event.best and math.isfinite(auc):
                    self._best_auc = auc

    def _update_controls(self) -> None:
        running = self._process.running
        ready = self._data.ready
        if running:
            hint = tr("Stop keeps the best weights so far.") if not self._stopping else ""
        elif self._data.counting:
            hint = tr("Counting the images")
        elif self._data.source is None:
            hint = tr("Choose a folder with one subfolder per class.")
        else:
            hint = "" if ready else tr("This folder cannot be trained on yet: see above.")
        self._view.show_controls(
            TrainingControls(
                can_edit=not running,
                can_start=not running and ready,
                can_stop=running and not self._stopping,
                hint=hint,
            )
        )
        self.on_settings_changed()

    def _can_estimate(self) -> bool:
        idle = not self._process.running and not self.sweeping()
        return self._view.in_sight and self._data.ready and idle

    def _forget_estimate(self) -> None:
        self._estimated = None
        self._estimator.cancel()
        self._view.show_estimate("")
