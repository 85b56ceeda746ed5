"""What the sweep controller asks of its window and services, so that mocks can stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.core.base.errors import ReviewError
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.gui.training.protocols import SignalLike
from app.jobs.sweep_reader import StudyOnDisk
from app.training.sweep.ledger import TrialRow

Folds = Sequence[Sequence[Mapping[str, float]]]
"""The metrics of each epoch, inner fold by inner fold."""


class SweepEnd(Protocol):
    """What is used of an outcome; see ``app.jobs.sweep_process.SweepOutcome``."""

    @property
    def ok(self) -> bool:
        """Whether it ended cleanly."""

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for the end."""

    @property
    def error(self) -> ReviewError | None:
        """Why it ended otherwise."""

    @property
    def log_tail(self) -> str:
        """The last lines of the log."""


class SweepProcessProtocol(Protocol):
    """The sweep's process; see ``app.jobs.sweep_process.SweepProcess``."""

    @property
    def said(self) -> SignalLike:
        """Emitted with each event."""

    @property
    def finished(self) -> SignalLike:
        """Emitted with the outcome, once a start."""

    @property
    def running(self) -> bool:
        """Whether a sweep is under way."""

    def start(self, config: SweepConfig) -> Path:
        """Start a sweep or go on with it."""

    def stop(self) -> None:
        """Ask for a clean end."""


class Reader(Protocol):
    """Reads the sweeps on disk; see ``app.jobs.sweep_reader.SweepReader``."""

    @property
    def studies_read(self) -> SignalLike:
        """Emitted with every ``StudyOnDisk`` when one has changed."""

    @property
    def rows_read(self) -> SignalLike:
        """Emitted with name and trials of the study that is followed."""

    def follow(self, name: str) -> None:
        """Tell the trials of this study, and their changes."""

    def refresh(self) -> None:
        """Look now."""

    def settle(self, name: str) -> None:
        """Nobody works on this study any more."""


@dataclass(frozen=True)
class SweepControls:
    """Which controls are live, and what they say.

    Parameters
    ----------
    can_edit
        Names of the settings that may be changed.
    can_start, start_text
        The button that starts or goes on, and its words.
    can_stop
        Whether a sweep can be stopped.
    running
        Whether a sweep is under way.
    can_use
        Whether the selected trial's settings can be taken over.
    can_export
        Whether there are trials to export.
    hint
        What Start would do, or why it cannot.
    plan
        The sweep that Start would begin, and how many settings are left; None while it cannot.
    """

    can_edit: frozenset[str]
    can_start: bool
    start_text: str
    can_stop: bool
    running: bool
    can_use: bool
    can_export: bool
    hint: str
    plan: tuple[SweepConfig, int] | None = None


class SweepView(Protocol):
    """The window; see ``app.gui.sweep.sweep_window.SweepWindow``."""

    def show_studies(self, studies: Sequence[StudyOnDisk], chosen: str, live: str) -> None:
        """List the studies; an empty name is a new one."""

    def show_draft(self, draft: Mapping[str, Any], grid: int) -> None:
        """Fill the form; ``grid`` is the number of settings of the network's grid, 0 for none."""

    def draft(self) -> dict[str, Any]:
        """What the form says, by the names of ``SweepConfig``, and ``arch``."""

    def show_controls(self, controls: SweepControls) -> None:
        """Enable what can be done now."""

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Show a line of progress, empty to hide it; None is a part not known."""

    def show_under_way(self, text: str) -> None:
        """Show which trials are being trained."""

    def show_rows(self, rows: Sequence[TrialRow], metric: str, under_way: bool) -> None:
        """Show the trials of a study."""

    def show_trial(self, row: TrialRow | None, verdict: str, folds: Folds, total: int) -> None:
        """Show one trial; ``total`` is the number of its epochs."""

    def show_errors(self, errors: tuple[ReviewError, ...], details: str = "") -> None:
        """Show errors, none to hide them."""

    def show_notice(self, text: str) -> None:
        """Show something worth knowing, empty to hide it."""

    def announce_settings(self, config: TrainConfig) -> None:
        """Fill the training form."""
