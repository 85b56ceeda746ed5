"""Settings of a sweep: frozen, validated, to and from JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.core.base.errors import ReviewError
from app.core.base.json_text import parse_json
from app.core.base.translation import tr
from app.core.settings.training import TrainConfig

SAMPLERS = ("grid", "tpe")
PRUNERS = ("none", "median", "halving")
METRICS = ("val_accuracy", "val_auc", "val_loss")
INNER_FOLDS = 4
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True)
class SweepConfig:
    """What one sweep is told.

    Parameters
    ----------
    study
        Its name: letters, digits, - and _. The same name on the same storage goes on with it.
    train
        The settings that every trial shares. The patients of ``train.fold`` are seen by none.
    sampler
        ``grid`` tries every combination, ``tpe`` draws (Bergstra et al., NeurIPS 2011).
    trials
        How many settings are drawn; for a grid, how many of it are tried, 0 for all.
    pruner
        ``none``; ``median`` ends a trial that is worse than half of the others at the same epoch;
        ``halving`` lets a third go on at a time (Li et al., MLSys 2020, arXiv:1810.05934). Either
        looks at the first inner fold alone.
    metric
        What the settings are chosen by, on the inner validation patients.
    inner_folds
        How often a setting is trained, each time with another fifth of the patients to validate
        on (1 to 4).
    storage
        SQLAlchemy URL of a database that several machines share; empty for a file of the sweep's.
    workers
        Trials at the same time on this machine; 0 for as many as suit the network.
    """

    study: str
    train: TrainConfig
    sampler: str = "grid"
    trials: int = 0
    pruner: str = "none"
    metric: str = "val_accuracy"
    inner_folds: int = 1
    storage: str = ""
    workers: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.study, str) or not _NAME.fullmatch(self.study):
            raise ReviewError(
                tr("{name!r} cannot name a study.", name=self.study),
                tr("Letters, digits, - and _ were expected, at most 100."),
                tr("Choose another name."),
            )
        for name, words in (("sampler", SAMPLERS), ("pruner", PRUNERS), ("metric", METRICS)):
            if getattr(self, name) not in words:
                raise ReviewError(
                    tr("The sweep's {name} is {value!r}.", name=name, value=getattr(self, name)),
                    tr("It must be one of {words}.", words=", ".join(words)),
                    tr("Choose one of these."),
                )
        for name, low, high in (
            ("trials", 0, 100_000),
            ("inner_folds", 1, INNER_FOLDS),
            ("workers", 0, 64),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ReviewError(
                    tr("The sweep's {name} is {value!r}.", name=name, value=value),
                    tr("A whole number from {low} to {high} was expected.", low=low, high=high),
                    tr("Correct it and start again."),
                )
        if self.sampler == "tpe" and not self.trials:
            raise ReviewError(
                tr("The sweep has no end: a drawn sweep needs its number of trials."),
                tr("A number of trials was expected."),
                tr("Set it, or choose the grid."),
            )

    def to_json(self) -> str:
        """The settings as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read settings that ``to_json`` wrote."""
        raw: Any = parse_json(text)
        names = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(raw, dict) or not set(raw) <= names or "train" not in raw:
            raise ReviewError(
                tr("The sweep's settings hold something unknown or lack what is trained."),
                tr("Known settings are {names}.", names=", ".join(sorted(names))),
                tr("Start a new sweep."),
            )
        return cls(**{**raw, "train": TrainConfig.from_json(json.dumps(raw["train"]))})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read settings from a JSON file."""
        return cls.from_json(path.read_text(encoding="utf-8"))
