"""The form of a sweep without Qt: what it offers, how it follows itself, the config it means.

A draft holds the fields of ``SweepConfig`` by name, with ``arch`` in place of ``train``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from app.core.base.errors import ReviewError
from app.core.settings.sweep import SweepConfig
from app.core.settings.training import PRETRAINED, SCRATCH, TrainConfig

Draft = dict[str, Any]

DRAWN = 30
"""So many settings are drawn where nobody says otherwise."""

ALL = frozenset(
    {
        *("study", "arch", "sampler", "trials", "pruner"),
        *("metric", "inner_folds", "storage", "workers"),
    }
)
GOES_ON = frozenset({"trials", "workers"})
"""What may change when a study goes on: how many trials, and how many at a time."""
_KEPT = ("data", "labels", "patients", "mapping", "seed", "fold", "device", "precision")
"""What has nothing to do with the network."""


class Drafts:
    """Makes drafts.

    Parameters
    ----------
    source
        The training that the panel would start, None without images; raises ``ReviewError``.
    arch_defaults
        Settings of an architecture that differ from ``TrainConfig``'s own.
    grid_size
        The number of settings of an architecture's grid, 0 where it has none.
    today
        The date, for the name of a new study.
    """

    def __init__(
        self,
        source: Callable[[], TrainConfig | None],
        arch_defaults: Callable[[str], Mapping[str, Any]],
        grid_size: Callable[[str], int],
        today: Callable[[], date],
    ) -> None:
        self._source, self._arch_defaults = source, arch_defaults
        self._grid_size, self._today = grid_size, today
        self._offered: Draft = {}
        self._named = False

    def new(self, taken: Collection[str]) -> Draft:
        """A new sweep of the panel's network; ``taken`` are the names of the studies there are."""
        try:
            panel = self._source()
        except ReviewError:
            panel = None
        arch = panel.arch if panel else "dense"
        self._named = False
        grid = self.grid(arch)
        self._offered = {
            "study": self._name(arch, taken),
            "arch": arch,
            "sampler": "grid" if grid else "tpe",
            "trials": 0 if grid else DRAWN,
            "pruner": "none",
            "metric": "val_accuracy",
            "inner_folds": 1,
            "storage": "",
            "workers": 0,
        }
        return dict(self._offered)

    def of(self, config: SweepConfig) -> Draft:
        """The draft of a study that was begun."""
        draft = {name: getattr(config, name) for name in ALL if name != "arch"}
        return {**draft, "arch": config.train.arch}

    def follow(self, draft: Draft, taken: Collection[str]) -> Draft:
        """What becomes of a new sweep's draft once the person has changed something in it.

        Another network brings another name and perhaps another sampler, another sampler its own
        number of trials; what the person has set otherwise stays.
        """
        before, after = self._offered, dict(draft)
        if draft["study"] != before.get("study"):
            self._named = bool(draft["study"])
        if draft["arch"] != before.get("arch") and not self._named:
            after["study"] = self._name(draft["arch"], taken)
        if not self.grid(draft["arch"]):
            after["sampler"] = "tpe"
        if after["sampler"] == "tpe" and not after["trials"]:
            after["trials"] = DRAWN
        elif after["sampler"] == "grid" and before.get("sampler") == "tpe":
            after["trials"] = 0
        self._offered = dict(after)
        return after

    def grid(self, arch: str) -> int:
        """The number of settings of a network's grid; 0 for none, or for an unknown network."""
        try:
            return self._grid_size(arch)
        except ReviewError:
            return 0

    def config(self, draft: Draft, begun: SweepConfig | None) -> SweepConfig | None:
        """What a draft means; None while there are no images.

        Parameters
        ----------
        draft
            What the form says.
        begun
            The settings of the study that is to go on; None for a new one.

        Raises
        ------
        ReviewError
            When a setting is out of range.
        """
        if begun is not None:
            return dataclasses.replace(begun, **{name: draft[name] for name in GOES_ON})
        panel = self._source()
        if panel is None:
            return None
        arch = draft["arch"]
        if arch != panel.arch:
            kept = {name: getattr(panel, name) for name in _KEPT}
            panel = TrainConfig(**{**kept, **self._arch_defaults(arch), "arch": arch})
        elif panel.start not in (PRETRAINED, SCRATCH):
            # A model's layers have shapes of their own, and a sweep tries others.
            panel = dataclasses.replace(panel, start=PRETRAINED)
        return SweepConfig(train=panel, **{name: draft[name] for name in ALL if name != "arch"})

    def _name(self, arch: str, taken: Collection[str]) -> str:
        name = f"{arch}-{self._today().isoformat()}"
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}-{number}", number + 1
        return unique
