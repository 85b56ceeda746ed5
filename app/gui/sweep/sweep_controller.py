"""What the sweep window does, without Qt: choose, start, go on, watch, stop, use, export."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.core.base.errors import ReviewError
from app.core.base.events import (
    DataRead,
    Event,
    Notice,
    SweepEnded,
    SweepProgress,
    SweepStarted,
    TrialBegun,
    TrialEpoch,
    TrialOver,
)
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.gui.sweep import text as words
from app.gui.sweep.protocols import (
    Folds,
    Reader,
    SweepControls,
    SweepEnd,
    SweepProcessProtocol,
    SweepView,
)
from app.gui.sweep.sweep_draft import ALL, GOES_ON, Drafts
from app.gui.sweep.sweep_export import write_table
from app.jobs.sweep_reader import StudyOnDisk
from app.training.sweep.ledger import TrialRow, best_low
from app.training.sweep.space import total_of


class SweepController:
    """Drives the sweep window.

    Parameters
    ----------
    view, process, reader
        By protocol.
    source
        The training that the panel would start, None without images; raises ``ReviewError``.
    training
        Whether a training is under way: it and a sweep would be in each other's way.
    arch_defaults
        Settings of an architecture that differ from ``TrainConfig``'s own.
    grid_size
        The number of settings of an architecture's grid, 0 where it has none.
    today
        The date, for the name of a new study.
    """

    def __init__(
        self,
        view: SweepView,
        process: SweepProcessProtocol,
        reader: Reader,
        *,
        source: Callable[[], TrainConfig | None],
        training: Callable[[], bool],
        arch_defaults: Callable[[str], Mapping[str, Any]],
        grid_size: Callable[[str], int],
        today: Callable[[], date] = date.today,
    ) -> None:
        self._view, self._process, self._reader = view, process, reader
        self._training = training
        self._drafts = Drafts(source, arch_defaults, grid_size, today)
        self._studies: dict[str, StudyOnDisk] = {}
        self._chosen = self._live = ""
        self._rows: list[TrialRow] = []
        self._selected: int | None = None
        self._stopping = False
        self._under_way: dict[int, str] = {}
        self._epochs: dict[int, dict[int, list[Mapping[str, float]]]] = {}
        self._ended: SweepEnded | None = None
        process.said.connect(self.on_event)
        process.finished.connect(self.on_finished)
        reader.studies_read.connect(self.on_studies)
        reader.rows_read.connect(self.on_rows)

    @property
    def chosen(self) -> str:
        """Name of the study that is looked at; empty for a new one."""
        return self._chosen

    # -- choosing --------------------------------------------------------------------------------

    def open(self) -> None:
        """The window comes up: the form follows the training panel unless a study is chosen."""
        if not self._chosen:
            self._offer_new()
        self._show_rows()
        self._reader.refresh()
        self._update()

    def choose(self, name: str) -> None:
        """Look at a study; empty for a new one."""
        if name and name not in self._studies:
            return
        self._chosen, self._selected, self._rows = name, None, []
        self._view.show_errors(())
        self._view.show_notice("")
        self._show_rows()
        if name:
            if (config := self._studies[name].config) is not None:
                grid = self._drafts.grid(config.train.arch)
                self._view.show_draft(self._drafts.of(config), grid)
        else:
            self._offer_new()
        self._reader.follow(name)
        self._view.show_studies(list(self._studies.values()), name, self._live)
        self._update()

    def on_draft_changed(self) -> None:
        """The person changed the form: another network or sampler brings other defaults."""
        if not self._chosen:
            draft = self._view.draft()
            after = self._drafts.follow(draft, self._studies)
            if after != draft:
                self._view.show_draft(after, self._drafts.grid(after["arch"]))
        self._update()

    def on_studies(self, studies: Sequence[StudyOnDisk]) -> None:
        """What lies on disk has changed."""
        self._studies = {study.name: study for study in studies}
        if self._chosen and self._chosen not in self._studies:
            self.choose("")
            return
        self._view.show_studies(list(studies), self._chosen, self._live)
        self._update()

    def on_rows(self, name: str, rows: Sequence[TrialRow]) -> None:
        """The trials of the study that is looked at."""
        if name == self._chosen:
            self._rows = list(rows)
            self._show_rows()
            self._update()

    def select(self, number: int | None) -> None:
        """Look at a trial."""
        self._selected = number
        self._show_trial()
        self._update()

    # -- starting and stopping -------------------------------------------------------------------

    def start(self) -> None:
        """Start a new study, or go on with the chosen one."""
        if self._process.running:
            return
        try:
            config = self._config()
            if config is None:
                return
            if not self._chosen and config.study in self._studies:
                raise ReviewError(
                    tr("There is already a study {study}.", study=config.study),
                    tr("A new study needs a name of its own."),
                    tr("Choose another name, or choose the study in the list to go on with it."),
                )
            self._process.start(config)
        except ReviewError as error:
            self._view.show_errors((error,))
            return
        self._live, self._stopping, self._ended = config.study, False, None
        self._under_way, self._epochs = {}, {}
        self._view.show_errors(())
        self._view.show_notice("")
        self._view.show_progress(tr("Starting the sweep"), None)
        self._view.show_under_way("")
        if not self._chosen:
            # It is on disk now, and the reader will soon say so.
            self._studies[config.study] = StudyOnDisk(
                config.study, Path(), config, total_of(config), 0, 0, False
            )
            self.choose(config.study)
        self._reader.refresh()
        self._view.show_studies(list(self._studies.values()), self._chosen, self._live)
        self._update()

    def stop(self) -> None:
        """Ask for the end; what is done is kept."""
        if not self._process.running or self._stopping:
            return
        self._stopping = True
        self._process.stop()
        self._view.show_progress(tr("Stopping: what is done is kept"), None)
        self._update()

    def on_event(self, event: Event) -> None:
        """Show what the sweep says."""
        match event:
            case DataRead():
                part = event.done / event.total if event.total else None
                self._progress(
                    tr("Reading images: {done:,} of {total:,}", done=event.done, total=event.total),
                    part,
                )
                if event.done == event.total:
                    self._progress(tr("Opening the study and measuring the time"), None)
            case SweepStarted():
                self._progress(words.started_words(event), _part(event.done, event.total))
            case SweepProgress():
                self._progress(words.progress_words(event), _part(event.done, event.total))
                self._reader.refresh()
            case TrialBegun():
                self._under_way[event.number] = "begins"
                self._epochs[event.number] = {}
                self._show_under_way()
            case TrialEpoch():
                self._take_epoch(event)
            case TrialOver():
                self._under_way.pop(event.number, None)
                self._epochs.pop(event.number, None)
                self._show_under_way()
            case SweepEnded():
                self._ended = event
            case Notice():
                self._view.show_notice(event.text)

    def on_finished(self, outcome: SweepEnd) -> None:
        """Show how the sweep ended."""
        name, self._live, self._stopping = self._live, "", False
        self._under_way, self._epochs = {}, {}
        self._view.show_progress("", None)
        self._view.show_under_way("")
        study = self._studies.get(name)
        if outcome.error is not None:
            self._view.show_errors((outcome.error,), outcome.log_tail)
        elif self._ended is not None and study is not None and study.config is not None:
            said = words.ended_words(self._ended, study.config.metric)
            self._view.show_notice(f"{name}: {said}")
        elif outcome.stopped:
            self._view.show_notice(tr("{name}: Stopped before the first trial.", name=name))
        self._reader.settle(name)
        self._view.show_studies(list(self._studies.values()), self._chosen, self._live)
        self._show_rows()
        self._update()

    # -- using what came of it -------------------------------------------------------------------

    def use(self) -> None:
        """Take the selected trial's settings over into the training form."""
        row, study = self._row(), self._studies.get(self._chosen)
        if row is None or study is None or study.config is None:
            return
        self._view.announce_settings(dataclasses.replace(study.config.train, **row.settings))

    def export(self, file: str) -> None:
        """Write the trials as a table."""
        study = self._studies.get(self._chosen)
        if study is None or study.config is None:
            return
        try:
            write_table(Path(file), self._rows, study.config.metric, study.config.train.data)
        except ReviewError as error:
            self._view.show_errors((error,))
            return
        self._view.show_errors(())
        self._view.show_notice(
            tr("Trials written to {file}: {count:,}.", count=len(self._rows), file=file)
        )

    # -- inside ----------------------------------------------------------------------------------

    def _offer_new(self) -> None:
        draft = self._drafts.new(self._studies)
        self._view.show_draft(draft, self._drafts.grid(draft["arch"]))

    def _config(self) -> SweepConfig | None:
        """What Start would be told; None while it cannot."""
        study = self._studies.get(self._chosen)
        if self._chosen and (study is None or study.config is None):
            return None
        return self._drafts.config(self._view.draft(), study.config if study else None)

    def _take_epoch(self, event: TrialEpoch) -> None:
        folds = self._epochs.setdefault(event.number, {})
        folds.setdefault(event.fold, []).append(event.metrics)
        live = self._studies.get(self._live)
        count = live.config.inner_folds if live and live.config else 1
        fold = (
            tr("fold {number} of {count}, ", number=event.fold + 1, count=count)
            if count > 1
            else ""
        )
        self._under_way[event.number] = tr(
            "{fold}epoch {epoch} of {epochs}", fold=fold, epoch=event.epoch, epochs=event.epochs
        )
        self._show_under_way()
        if self._chosen == self._live and event.number == self._selected:
            self._show_trial()

    def _show_under_way(self) -> None:
        parts = [
            tr("Trial {n}: {value}", n=n, value=text) for n, text in sorted(self._under_way.items())
        ]
        self._view.show_under_way("   ".join(parts))

    def _progress(self, text: str, part: float | None) -> None:
        if not self._stopping:
            self._view.show_progress(text, part)

    def _is_under_way(self) -> bool:
        study = self._studies.get(self._chosen)
        return bool(self._chosen) and (self._chosen == self._live or bool(study and study.fresh))

    def _row(self) -> TrialRow | None:
        return next((row for row in self._rows if row.number == self._selected), None)

    def _show_rows(self) -> None:
        study = self._studies.get(self._chosen)
        metric = study.config.metric if study and study.config else "val_accuracy"
        self._view.show_rows(self._rows, metric, self._is_under_way())
        self._show_trial()

    def _show_trial(self) -> None:
        row, study = self._row(), self._studies.get(self._chosen)
        if row is None or study is None or study.config is None:
            self._view.show_trial(None, "", (), 1)
            return
        folds: Folds = row.folds
        live = self._epochs.get(row.number)
        if live and not folds and self._chosen == self._live:
            folds = [live[fold] for fold in sorted(live)]
        said = words.trial_words(row, best_low(self._rows), self._is_under_way())
        epochs = row.settings.get("epochs", study.config.train.epochs)
        self._view.show_trial(row, said, folds, int(epochs))

    def _update(self) -> None:
        running = self._process.running
        config, hint = None, ""
        try:
            config = self._config()
        except ReviewError as error:
            hint = " ".join((error.what, error.expected))
        study = self._studies.get(self._chosen)
        left = 0
        if config is not None:
            total = total_of(config)
            left = total - (study.done if study else 0)
            hint = hint or self._plan(config, study, total, left)
        elif not hint:
            hint = (
                tr("Its settings cannot be read: it can only be looked at.")
                if self._chosen
                else tr("Choose images in the training panel first.")
            )
        busy = self._training()
        if running:
            hint = (
                tr("Stop keeps what is done. The sweep goes on when this window is closed.")
                if not self._stopping
                else ""
            )
        elif busy and left > 0:
            hint = tr("A training is under way: wait for its end, or stop it.")
        readable = study is not None and study.config is not None
        can_edit = GOES_ON if self._chosen else ALL
        row = self._row()
        can_start = not running and not busy and left > 0
        self._view.show_controls(
            SweepControls(
                can_edit=can_edit
                if not running and (readable or not self._chosen)
                else frozenset(),
                can_start=can_start,
                start_text=tr("Go on") if self._chosen else tr("Start sweep"),
                can_stop=running and not self._stopping,
                running=running,
                can_use=row is not None and readable,
                can_export=bool(self._rows) and readable,
                hint=hint,
                plan=(config, left) if config is not None and can_start else None,
            )
        )

    def _plan(self, config: SweepConfig, study: StudyOnDisk | None, total: int, left: int) -> str:
        if study is None:
            return words.plan_words(config, total)
        if left <= 0:
            more = (
                tr(" Raise the number of trials to draw more.") if config.sampler == "tpe" else ""
            )
            return tr("Every setting was tried.{more}", more=more)
        return tr(
            "Settings that are left: {left:,} of {total:,}. Go on tries them.",
            left=left,
            total=total,
        )


def _part(done: int, total: int) -> float | None:
    return done / total if total else None
