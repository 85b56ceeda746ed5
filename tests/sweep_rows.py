"""Synthetic trials, for tests of what shows them."""

from __future__ import annotations

import itertools
import random

from app.training.sweep.ledger import TrialRow
from model_zoo import architecture


def make_rows(count: int = 216, seed: int = 3) -> list[TrialRow]:
    """Complete trials of the dense grid, some failed, ended early or running."""
    chance = random.Random(seed)
    grid = architecture("dense").GRID
    rows = []
    for number, values in zip(
        range(count), itertools.cycle(itertools.product(*grid.values())), strict=False
    ):
        settings = dict(zip(grid, values, strict=True))
        if number % 50 == 17:
            rows.append(TrialRow(number, "failed", settings, reason="Out of memory."))
        elif number % 50 == 18:
            reason = "Worse than the others after epoch 3."
            rows.append(TrialRow(number, "pruned", settings, seconds=2.0, reason=reason))
        elif number % 50 == 19:
            rows.append(TrialRow(number, "running", settings))
        else:
            accuracy = 0.93 + 0.04 * chance.random()
            epoch = {"loss": 0.3, "accuracy": 0.9, "val_loss": 0.3, "val_accuracy": 0.9}
            rows.append(
                TrialRow(
                    number,
                    "complete",
                    settings,
                    {
                        "accuracy": accuracy + 0.04 * (chance.random() - 0.2),
                        "val_accuracy": accuracy,
                        "val_auc": accuracy + 0.02,
                        "val_loss": 1 - accuracy,
                    },
                    {
                        "val_accuracy": (accuracy - 0.006, accuracy + 0.006),
                        "val_auc": (accuracy + 0.015, accuracy + 0.025),
                    },
                    ((epoch, epoch), (epoch, epoch)),
                    seconds=10 + number / 10,
                )
            )
    return rows
