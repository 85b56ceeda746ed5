"""What the training controller asks of its panel and services, so that mocks can stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.core.base.errors import ReviewError
from app.core.settings.training import TrainConfig
from app.gui.training.text import Rows
from app.training.runs.runs import Run


class SignalLike(Protocol):
    """What is used of a Qt signal."""

    def connect(self, slot: Callable[..., Any], /) -> Any:
        """Call ``slot`` whenever the signal is emitted."""


class TrainingEnd(Protocol):
    """What is used of a process's outcome; see ``app.jobs.training_process.Outcome``."""

    @property
    def ok(self) -> bool:
        """Whether a model was saved."""

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for the end."""

    @property
    def model_name(self) -> str:
        """Name of the new model, empty for none."""

    @property
    def error(self) -> ReviewError | None:
        """Why there is no model."""

    @property
    def log_tail(self) -> str:
        """The last lines of the worker's log."""


class TrainingProcessProtocol(Protocol):
    """The training process; see ``app.jobs.training_process.TrainingProcess``."""

    @property
    def said(self) -> SignalLike:
        """Emitted with each event of the run."""

    @property
    def finished(self) -> SignalLike:
        """Emitted with the outcome, once a run."""

    @property
    def running(self) -> bool:
        """Whether a run is under way."""

    @property
    def run_dir(self) -> Path | None:
        """Folder of the current or last run."""

    def start(self, config: TrainConfig) -> Path:
        """Start a run."""

    def resume(self, run_dir: Path) -> None:
        """Go on with a run that was cut off."""

    def stop(self) -> None:
        """Ask for a clean end."""


class Estimator(Protocol):
    """Tells how long a run would take; see ``app.jobs.estimate_process.EstimateProcess``."""

    @property
    def started(self) -> SignalLike:
        """Emitted when the newest request is being worked on."""

    @property
    def estimated(self) -> SignalLike:
        """Emitted with the ``Estimate`` for the newest request."""

    @property
    def failed(self) -> SignalLike:
        """Emitted when no estimate comes of it."""

    def request(self, config: TrainConfig, images: int) -> None:
        """Ask, instead of what was asked before."""

    def cancel(self) -> None:
        """Nobody wants to know any more."""


@dataclass(frozen=True)
class TrainingControls:
    """Which controls are live, and what the stop button and hint say."""

    can_edit: bool
    can_start: bool
    can_stop: bool
    hint: str = ""


class TrainingView(Protocol):
    """The panel; see ``app.gui.training.training_panel.TrainingPanel``."""

    def show_error(self, errors: tuple[ReviewError, ...], details: str = "") -> None:
        """Show errors, none to hide them; details are lines of a log."""

    @property
    def in_sight(self) -> bool:
        """Whether the person sees the panel."""

    def show_estimate(self, text: str) -> None:
        """Say how long a run would take, empty for nothing."""

    def show_settings(self, config: TrainConfig) -> None:
        """Fill the form."""

    def settings(self) -> dict[str, Any]:
        """What the form says, by the names of ``TrainConfig``."""

    def show_controls(self, controls: TrainingControls) -> None:
        """Enable what can be done now."""

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show a line of progress, empty to hide it; None is a part not known."""

    def clear_curves(self, epochs: int) -> None:
        """Empty the curves for a run of so many epochs."""

    def add_step(self, epoch_position: float, loss: float) -> None:
        """Draw the running loss within an epoch."""

    def add_epoch(self, epoch: int, metrics: Mapping[str, float], best: bool) -> None:
        """Draw the figures of an epoch."""

    def show_notice(self, text: str) -> None:
        """Show something worth knowing, empty to hide it."""

    def show_result(self, rows: Rows, model_name: str, usable: bool) -> None:
        """Show a run's figures and offer its model, none to hide them."""

    def announce_run(self, run_dir: Path) -> None:
        """A run that was started here has left a model; its folder says how it compares."""

    def show_comparison(self, lines: tuple[str, ...], flips: tuple[Path, ...]) -> None:
        """Show a new model against the active one, and offer the images that flip."""

    def show_runs(self, runs: list[Run], live: Path | None) -> None:
        """Show the table of runs; ``live`` is under way."""

    def offer_resume(self, run: Run | None) -> None:
        """Offer to go on with a run that was cut off, None for none."""

    def announce_model(self, name: str) -> None:
        """Tell that the registry has a new model."""
