"""The best setting of a sweep, trained as a model of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.events import Event, from_line
from app.core.base.translation import tr
from app.core.base.worker_io import failure
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import TrainConfig
from app.training.runs.run import train
from app.training.runs.run_lock import lock_run
from app.training.runs.runs import new_run
from app.training.runs.worker import teller
from app.training.sweep.ledger import TrialRow, ranked


def winner(config: SweepConfig, rows: list[TrialRow]) -> tuple[TrialRow, TrainConfig]:
    """The best trial and the settings to train it with.

    Raises
    ------
    ReviewError
        When no trial is complete.
    """
    order = ranked(rows, config.metric)
    if not order:
        raise ReviewError(
            tr("No trial of {study} is complete.", study=config.study),
            tr("A sweep chooses among complete trials."),
            tr("Go on with the sweep first."),
        )
    return order[0], dataclasses.replace(config.train, **order[0].settings)


def train_winner(
    config: SweepConfig,
    rows: list[TrialRow],
    name: str,
    emit: Callable[[Event], None],
    stop_asked: Callable[[], bool] = lambda: False,
) -> Path:
    """Train the best setting as usual; the card tells of the sweep.

    The held-out figures are those of the outer patients, whom no trial saw; beside them the card
    has the sweep's own figures, which flatter: the setting was chosen by them.
    """
    best, settings = winner(config, rows)
    chosen_by = {
        "what": "the sweep that chose the settings, on inner folds of the other patients",
        "study": config.study,
        "trials": sum(row.state == "complete" for row in rows),
        "metric": config.metric,
        "inner_folds": config.inner_folds,
        "trial": best.number,
        "settings": best.settings,
        "values": dict(best.values),
        "intervals": {key: list(ends) for key, ends in best.intervals.items()},
    }
    run_dir = new_run(settings, model_name=name)

    def write(line: str) -> None:
        if (event := from_line(line)) is not None:
            emit(event)

    with lock_run(run_dir):
        tell = teller(run_dir, write)
        try:
            return train(settings, run_dir, tell, stop_asked, name, chosen_by)
        except Exception as error:
            tell(failure(error))
            raise
