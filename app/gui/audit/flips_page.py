"""What a training on decided labels changed: figures by both sets of labels, and each flip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.core.base.events import RunEnded
from app.core.base.translation import mark, tr
from app.gui.audit.changed_calls_model import KIND, LABEL, NEW, OLD, FlipsModel
from app.gui.audit.changed_calls_text import (
    KINDS,
    caution_words,
    figures_table,
    heading,
    label_words,
)
from app.gui.audit.image_list import ImageList
from app.gui.audit.page import AuditPage
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.common.wording import probability_words
from app.gui.settings.remembered import Settings
from app.review.audit import Audit
from app.review.comparison.compare import in_words
from app.training.result.changed_calls import Flip, read_flips
from app.training.runs.runs import Run, list_runs, read_events

_WIDTHS = {KIND: 112, OLD: 58, NEW: 58}


class FlipsPage(AuditPage):
    """The newest training on the audited folder, or the one that has just ended.

    Parameters
    ----------
    settings, parent
        See ``AuditPage``.
    """

    title = mark("After retraining")
    wants_height = True
    shows_images = True

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        self._audit: Audit | None = None
        self._run: Run | None = None
        self._all: tuple[Flip, ...] = ()
        self.flips: list[Flip] = []
        """Those in view."""
        self.model = FlipsModel(self)
        self._build()
        privacy.changed.connect(self._rename)
        self._show(None)

    def show_audit(self, audit: Audit | None) -> None:
        """Show the newest training on the audited folder, unless one of it is in view."""
        self._audit = audit
        shown = Path(self._run.config.data) if self._run and self._run.config else None
        if audit is not None and shown != audit.folder:
            self._show(_newest(audit.folder))

    def show_run(self, run_dir: Path) -> None:
        """Show a training that has just ended."""
        found = (run for run in list_runs() if run.folder == run_dir)
        self._show(next(found, None))

    @property
    def paths_shown(self) -> tuple[Path, ...]:
        """Of the flips of the training, which may be on another folder than the audit."""
        return tuple(self._folder / flip.name for flip in self._all)

    def shutdown(self) -> None:
        """End the thread."""
        self.desk.close_threads()

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.heading = named(QLabel(), "heading")
        self.figures = QLabel()
        self.figures.setTextFormat(Qt.TextFormat.RichText)
        self.figures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cautions = named(QLabel(), "muted")
        for label in (self.heading, self.cautions):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("Which flips"))
        self.kind.activated.connect(lambda _at: self._choose(self.kind.currentData()))
        self.desk = ImageList(self.model, tr("Images whose call changed"), _WIDTHS, LABEL)
        self.desk.moved.connect(self._on_moved)
        self.desk.stepped.connect(lambda by: self.desk.go_to(self._neighbour(by)))
        self.desk.opened.connect(self._open)
        self.empty = named(QLabel(), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.desk)
        self.stack.addWidget(self.empty)
        line = QHBoxLayout()
        line.addWidget(self.kind)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(5)
        for part in (self.heading, self.figures, self.cautions):
            layout.addWidget(part)
        layout.addLayout(line)
        layout.addWidget(self.stack, 1)

    # -- inside ----------------------------------------------------------------------------------

    def _show(self, run: Run | None) -> None:
        self._run = run
        figures = _figures_of(run)
        compared = bool(figures) and not figures.get("why_not")
        self._all = tuple(
            sorted(read_flips(run.folder), key=lambda flip: list(KINDS).index(flip.kind))
            if run
            else ()
        )
        self.heading.setText(heading(figures) if compared else "")
        self.figures.setText(figures_table(figures) if compared else "")
        self.cautions.setText(caution_words(figures) if compared else "")
        for label in (self.heading, self.figures, self.cautions):
            label.setVisible(bool(label.text()))
        self.kind.clear()
        self.kind.addItem(tr("All flips: {count:,}", count=len(self._all)), "")
        for kind, words in KINDS.items():
            count = sum(flip.kind == kind for flip in self._all)
            self.kind.addItem(f"{tr(words).capitalize()}: {count:,}", kind)
        self.kind.setVisible(compared)
        if run is None:
            self.empty.setText(
                tr(
                    "No training on this folder yet. Decide on labels (page Labels), then Train "
                    "with these labels: what changed is shown here when it has ended."
                )
            )
        elif not compared:
            self.empty.setText("\n".join(in_words(figures)) if figures else tr("Not compared."))
        else:
            self.empty.setText(tr("No call changed among these images."))
        self._choose("")
        self.images_changed.emit()

    def _choose(self, kind: str) -> None:
        self.flips = [flip for flip in self._all if flip.kind == kind or not kind]
        self.model.show_flips(self.flips, self._folder)
        self.stack.setCurrentWidget(self.desk if self.flips else self.empty)
        self.desk.go_to(0 if self.flips else -1)
        if not self.flips:
            self._on_moved(-1)

    @property
    def _folder(self) -> Path:
        return Path(self._run.config.data) if self._run and self._run.config else Path()

    def _neighbour(self, by: int) -> int:
        at = self.desk.table.currentIndex().row() + by
        return min(max(at, 0), len(self.flips) - 1)

    def _on_moved(self, place: int) -> None:
        near = [
            self._folder / self.flips[at].name if 0 <= at < len(self.flips) else None
            for at in (place, place + 1 if place >= 0 else -1)
        ]
        self.desk.show_image(*near)
        self._rename()

    def _rename(self) -> None:
        self.model.refresh()
        place = self.desk.table.currentIndex().row()
        if not 0 <= place < len(self.flips):
            self.desk.about.setText("")
            return
        flip = self.flips[place]
        words = (
            privacy.file_name(self._folder / flip.name),
            tr("label {label}", label=label_words(flip)),
            tr(
                "score {old} \N{RIGHTWARDS ARROW} {new}",
                old=probability_words(flip.p_active),
                new=probability_words(flip.p_new),
            ),
        )
        self.desk.about.setText("  \N{MIDDLE DOT}  ".join(words))

    def _open(self, place: int) -> None:
        """Walk them in the reading window, as far as the audit in view has them."""
        if self._audit is None or self._audit.folder != self._folder:
            self.noticed.emit(tr("Audit the folder of this training to walk its images."))
            return
        positions = {row.name: i for i, row in enumerate(self._audit.scored)}
        walked = [flip.name for flip in self.flips if flip.name in positions]
        name = self.flips[place].name
        if name in positions:
            self.open_asked.emit([positions[each] for each in walked], walked.index(name))


def _newest(folder: Path) -> Run | None:
    """The newest run on a folder that left a model."""
    runs = (run for run in list_runs() if run.config is not None and run.model_name)
    return next((run for run in runs if run.config and Path(run.config.data) == folder), None)


def _figures_of(run: Run | None) -> Mapping[str, Any]:
    if run is None:
        return {}
    ended = [event for event in read_events(run.folder) if isinstance(event, RunEnded)]
    return ended[-1].comparison or {} if ended else {}
