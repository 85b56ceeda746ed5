"""What a sweep will take, told beside its Start button before it begins."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from app.core.base import counts
from app.core.base.durations import duration_words
from app.core.base.translation import tr
from app.core.settings.sweep import SweepConfig
from app.gui.common.theme import named
from app.jobs.estimate_process import SWEEP_COMMAND, EstimateProcess, EstimateState


class SweepTime(QLabel):
    """One muted line, empty while there is nothing to start.

    Parameters
    ----------
    parent
        Qt parent.
    process
        Who measures; None for the real one.
    """

    def __init__(
        self, parent: QWidget | None = None, *, process: EstimateProcess | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "muted")
        self.setWordWrap(True)
        self.hide()
        self._plan: tuple[SweepConfig, int] | None = None
        self.process = process or EstimateProcess(self, command=SWEEP_COMMAND)
        self.process.started.connect(lambda: self._say(tr("Estimating the time…")))
        self.process.estimated.connect(self._show)
        self.process.failed.connect(lambda: self._say(tr("The time cannot be told beforehand.")))

    def follow(self, plan: tuple[SweepConfig, int] | None) -> None:
        """Tell of this sweep and its settings that are left; None: nothing can be started."""
        if plan == self._plan:
            return
        self._plan = plan
        self._say("")
        if plan is None:
            self.process.cancel()
        else:
            self.process.request(*plan)

    def close_process(self) -> None:
        """End what still measures."""
        self._plan = None
        self.process.cancel()

    def _show(self, estimate: EstimateState) -> None:
        if self._plan is not None:
            self._say(
                tr(
                    "About {time} for {settings} on {device}.",
                    time=duration_words(estimate.seconds),
                    settings=counts.settings(self._plan[1]),
                    device=estimate.device,
                )
            )

    def _say(self, text: str) -> None:
        self.setText(text)
        self.setVisible(bool(text))
