"""What the review controller shows, on the window's widgets: the view it asks for by protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.anatomy import is_hottest_outside_lungs
from app.core.image.display import rendered_sample
from app.core.image.radiograph import Header, Radiograph
from app.core.model.card import ModelCard
from app.core.model.results import INPUT_GRADIENT, Heatmap, Prediction
from app.core.worklist.scan import Item
from app.gui.common.notifications import NotificationManager
from app.gui.common.status_line import StatusLine
from app.gui.prediction.model_chooser import ModelChooser
from app.gui.prediction.prediction_panel import PredictionPanel
from app.gui.settings.remembered import Settings
from app.gui.viewer.image_view import ImageView
from app.gui.worklist.model import WorklistModel
from app.gui.worklist.view import WorklistView
from app.inference.registry.models import ModelEntry
from app.inference.scoring.pipeline import Scored
from app.jobs.inference_service import ScoringProgress

_OVERDUE_MS = 100
_GRADIENT_KEY = "input-gradient"


class ReviewScreen(QObject):
    """The widgets that show a review, and the ``ReviewView`` of its controller.

    Signals
    -------
    rest_waits(bool)
        Whether images wait for a score while nothing is being scored.
    about_to_clear()
        The list is about to be emptied; what is known of its images is still there.
    image_expected()
        The current image is being read; what is in view until it comes may be another.
    """

    rest_waits = Signal(bool)
    about_to_clear = Signal()
    image_expected = Signal()

    def __init__(
        self, settings: Settings, notifications: NotificationManager, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._notifications = notifications
        self.worklist_model = WorklistModel(self)
        self.worklist = WorklistView(self.worklist_model)
        self.image_view = ImageView()
        self.prediction_panel = PredictionPanel(settings)
        self.model_chooser = ModelChooser()
        self.status_line = StatusLine()
        self._heatmap: Heatmap | None = None
        self._sealed = self._toward_normal = False
        self.prediction_panel.gradient.setChecked(settings.flag(_GRADIENT_KEY, False))
        self.prediction_panel.gradient_wanted.connect(self._want_gradient)
        self._overdue = QTimer(self, singleShot=True)
        self._overdue.timeout.connect(lambda: self.show_image(None, tr("Reading the image…")))

    def stop(self) -> None:
        """Nothing is waited for any more."""
        self._overdue.stop()

    def clear_list(self) -> None:
        """Empty the worklist."""
        self.about_to_clear.emit()
        self.worklist_model.clear()
        self.prediction_panel.clear()
        self.status_line.show_progress(None)

    def add_items(self, items: Sequence[Item]) -> None:
        """Add images to the worklist."""
        self.worklist_model.add(items)

    def put_back(self, items: Sequence[Item]) -> None:
        """What was known of these images is void: their files have changed."""
        self.worklist_model.put_back([item.path for item in items])

    def mark_gone(self, paths: Sequence[Path]) -> None:
        """These files are no longer there."""
        self.worklist_model.mark_gone(paths)

    def add_scores(self, scored: Sequence[Scored]) -> None:
        """Put scores into the worklist."""
        self.worklist_model.take_scores(scored)

    def forget_scores(self) -> None:
        """Put all images back into the queue."""
        self.worklist_model.forget_scores()

    def choose_first(self) -> None:
        """Make the first image current, until a higher one is found."""
        self.worklist.lead()

    def all_items(self) -> list[Item]:
        """The images in the order of the scan."""
        return [row.item for row in self.worklist_model.rows]

    def unscored_items(self) -> list[Item]:
        """Those that wait for a score."""
        self.worklist_model.settle()
        return [row.item for row in self.worklist_model.rows if row.prediction is None]

    def known(self, item: Item) -> tuple[Prediction | None, Header]:
        """What the worklist knows of an image."""
        row = self.worklist_model.row_of(item)
        return (row.prediction, row.header) if row else (None, Header())

    def neighbour(self, by: int) -> Item | None:
        """The image next to the current one."""
        return self.worklist.neighbour(by)

    def show_item(self, item: Item, header: Header) -> None:
        """Tell whose image it is."""
        self.prediction_panel.show_item(item, header)

    def expect_image(self) -> None:
        """Take the image in view away unless the next one comes at once.

        A patient's image beside another patient's name and score misleads; a black flash at each
        key would tire. Most images come before the time is up.
        """
        self.image_expected.emit()
        self._overdue.start(_OVERDUE_MS)

    def show_image(self, radiograph: Radiograph | None, message: str) -> None:
        """Show an image, or say why there is none."""
        self._overdue.stop()
        self.image_view.set_radiograph(radiograph, message)

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Show the outcome of the current image."""
        self.prediction_panel.show_prediction(prediction)

    def show_kept(self, prediction: Prediction) -> None:
        """Show what was found while the file could be reached."""
        self.prediction_panel.show_prediction(prediction, away=True)

    def has_image(self) -> bool:
        """Whether an image is on the screen."""
        return self.image_view.radiograph is not None

    def away_items(self) -> list[Item]:
        """Images that nothing is known of because their files could not be reached."""
        self.worklist_model.settle()
        rows = self.worklist_model.rows
        return [row.item for row in rows if row.prediction and row.prediction.is_away]

    def show_heatmap(self, heatmap: Heatmap | None) -> None:
        """Lay the heatmap over the image; an input gradient only for who wants it."""
        self._heatmap = heatmap
        seen = None if self._sealed else heatmap
        if seen is not None and self._toward_normal:
            seen = seen.turned() or seen
        wanted = seen is None or seen.method != INPUT_GRADIENT or self._gradient_wanted
        self.image_view.set_heatmap(seen if wanted else None)
        self.prediction_panel.show_heatmap(seen, self._is_outside(seen))

    def _is_outside(self, heatmap: Heatmap | None) -> bool:
        """Whether the hottest place lies outside the lungs, as far as these are found."""
        radiograph = self.image_view.radiograph
        if heatmap is None or heatmap.is_empty or radiograph is None:
            return False
        return is_hottest_outside_lungs(heatmap.evidence, rendered_sample(radiograph))

    def set_sealed(self, sealed: bool) -> None:
        """Hide what the network says of the current image, or show it."""
        if sealed != self._sealed:
            self._sealed = sealed
            self.prediction_panel.set_sealed(sealed)
            self.show_heatmap(self._heatmap)

    def show_toward_normal(self, wanted: bool) -> None:
        """Show the evidence toward normal in place of that for pneumonia."""
        self._toward_normal = wanted
        self.show_heatmap(self._heatmap)

    @property
    def _gradient_wanted(self) -> bool:
        return self.prediction_panel.gradient.isChecked()

    def _want_gradient(self, wanted: bool) -> None:
        self._settings.set_flag(_GRADIENT_KEY, wanted)
        self.show_heatmap(self._heatmap)

    def show_scanning(self, found: int) -> None:
        """The list is being filled."""
        self.status_line.show_scanning(found)
        self.rest_waits.emit(False)

    def show_progress(self, progress: ScoringProgress | None) -> None:
        """How far scoring is."""
        self.status_line.show_progress(progress)
        self.rest_waits.emit(progress is None and bool(self.unscored_items()))

    def show_models(self, models: Sequence[ModelEntry], current: str, active: str) -> None:
        """Offer the models."""
        self.model_chooser.show_models(models, current, active)

    def show_model(
        self, card: ModelCard | None, device: str, words: str, active: bool = True
    ) -> None:
        """The model in use and whether it is the active one, or why there is none."""
        note = "" if active or card is None else tr("not the active model")
        self.prediction_panel.show_model(card, device, words, note)
        parts = (card.title, note, device) if card else ()
        self.status_line.show_engine(words or "  ·  ".join(part for part in parts if part))

    def call_at(self, model: str, threshold: float) -> None:
        """Make the calls of one model's scores at another threshold."""
        self.worklist_model.call_at(model, threshold)

    def show_error(self, error: ReviewError) -> None:
        """Say what happened."""
        self._notifications.error(error)

    def show_notice(self, text: str) -> None:
        """Say something worth knowing."""
        self._notifications.notice(text)
