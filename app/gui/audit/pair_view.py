"""One image twice, with the heatmaps of two models: zoom and window of both go together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.heatmap_paint import EMPTY_WORDS
from app.core.image.radiograph import Radiograph
from app.core.model.results import Heatmap
from app.gui.audit.two_models_controller import Pair
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.common.wording import probability_words
from app.gui.viewer.image_view import ImageView
from app.gui.viewer.view_link import ViewLink
from app.jobs.image_reader import ImageReader


class PairView(QWidget):
    """Two views side by side, above each the model and what it says.

    Signals
    -------
    stepped(int)
        A key on one of the views asks for a neighbour.

    Parameters
    ----------
    parent
        Qt parent.
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._heatmaps: tuple[Heatmap | None, Heatmap | None] | None = None
        self.reader = ImageReader(self)
        self.reader.ready.connect(self._take)
        self.views = ImageView(), ImageView()
        self.captions = QLabel(), QLabel()
        self.notes = named(QLabel(), "muted"), named(QLabel(), "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for view, caption, note in zip(self.views, self.captions, self.notes, strict=True):
            caption.setTextFormat(Qt.TextFormat.PlainText)
            view.step_wanted.connect(self.stepped)
            line = QHBoxLayout()
            line.addWidget(caption, 1)
            line.addWidget(note)
            column = QVBoxLayout()
            column.setSpacing(3)
            column.addLayout(line)
            column.addWidget(view, 1)
            layout.addLayout(column, 1)
        self._link = ViewLink(*self.views)

    def show_pair(self, pair: Pair | None, names: tuple[str, str], ahead: Path | None) -> None:
        """Show an image; ``ahead`` is likely to be next."""
        for at, caption in enumerate(self.captions):
            caption.setText(_caption(pair, at, names[at]) if pair else names[at])
            self.views[at].setAccessibleName(caption.text())
        path = pair.row.path if pair else None
        if path is not None and path == self._path:
            return
        self._path, self._heatmaps = path, None
        self._tell()
        if path is None:
            self.reader.cancel()
            self._show(None, tr("No image is of this kind at these thresholds."))
        else:
            self.reader.request(path, ahead)

    def show_heatmaps(
        self, path: Path, heatmaps: tuple[Heatmap | None, Heatmap | None] | None
    ) -> None:
        """Lay these over the image, or take them away; each is on the scale of its model."""
        if path != self._path:
            return
        self._heatmaps = heatmaps
        for view, heatmap in zip(self.views, heatmaps or (None, None), strict=True):
            if view.radiograph is not None:
                view.set_heatmap(heatmap)
        self._tell()

    def set_palette(self, name: str) -> None:
        """Draw heatmaps in the colours that the person chose."""
        for view in self.views:
            view.set_palette(name)

    def close_threads(self) -> None:
        """Before the program ends."""
        self.reader.close()

    def _take(self, path: Path, found: Radiograph | ReviewError) -> None:
        if path != self._path:
            return
        if isinstance(found, ReviewError):
            self._show(None, privacy.sentence(found.what))
            return
        self._show(found, "")
        if self._heatmaps is not None:
            self.show_heatmaps(path, self._heatmaps)

    def _show(self, radiograph: Radiograph | None, message: str) -> None:
        self._link.set_on(False)
        for view in self.views:
            view.set_radiograph(radiograph, message)
        self._link.set_on(radiograph is not None)

    def _tell(self) -> None:
        """A picture without a heatmap says why there is none."""
        for note, heatmap in zip(self.notes, self._heatmaps or (None, None), strict=True):
            if self._heatmaps is None:
                note.setText("")
            elif heatmap is None:
                note.setText(tr("no heatmap"))
            else:
                note.setText(tr(EMPTY_WORDS) if heatmap.is_empty else "")


def _caption(pair: Pair, at: int, name: str) -> str:
    called = pair.p[at] >= pair.thresholds[at]
    return tr(
        "{model}: {score}, called {call} (threshold {threshold:.3f})",
        model=name,
        score=probability_words(pair.p[at]),
        call=tr("pneumonia") if called else tr("normal"),
        threshold=pair.thresholds[at],
    )
