"""Which operating point makes the calls, and what that means for 100 patients."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from app.core.base.translation import mark, tr
from app.core.model.card import BALANCED, ModelCard
from app.core.model.operating_points import HELP, OperatingPoint, operating_points
from app.core.model.results import Prediction
from app.gui.common.theme import named
from app.gui.prediction.triage_text import (
    expected_words,
    measured_on_words,
    not_measured_words,
    probability_meaning,
)
from app.gui.settings.remembered import Settings

_POINT_KEY, _PREVALENCE_KEY = "operating-point", "prevalence-per-mille"
HOLDS_AT = mark(
    "A probability depends on how many of the patients are ill. The network's was calibrated on "
    "patients of whom so many were; at your own prevalence the same image means another one."
)


class OperatingPointBox(QWidget):
    """A choice of thresholds, a prevalence, and what to expect of both.

    Signals
    -------
    threshold_chosen(float)
        Calls are to be made here: the person chose another point, or another model is in use.
    """

    threshold_chosen = Signal(float)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._card: ModelCard | None = None
        self._points: tuple[OperatingPoint, ...] = ()
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Operating point"))
        # Wider than the narrow panel, the two would push all of it out of sight at the right.
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(5)
        self.prevalence = QDoubleSpinBox()
        self.prevalence.lineEdit().setTextMargins(6, 0, 0, 0)
        self.prevalence.setFixedWidth(84)
        self.prevalence.setRange(0.0, 99.0)
        # Nobody's prevalence is assumed: until it is set, no figure that rests on one is shown.
        self.prevalence.setSpecialValueText(tr("not set"))
        self.prevalence.setDecimals(1)
        self.prevalence.setSuffix(" %")
        self.prevalence.setAccessibleName(tr("Prevalence of pneumonia among your patients"))
        self.prevalence.setToolTip(
            tr("How many of your own patients have pneumonia; the network cannot know it.")
        )
        self.prevalence.setValue(self._settings.number(_PREVALENCE_KEY, 0) / 10)
        self._p: float | None = None
        self._image: tuple[Prediction | None, float | None] = None, None
        self.meaning = self._words("muted")
        """The score at the person's prevalence; stands beside the score, not in this box."""
        self.expected = self._words("plain")
        self.not_measured = self._words("muted")
        self._lay_out()
        self.choice.activated.connect(self._choose)
        self.prevalence.valueChanged.connect(self._keep_prevalence)
        self.show_card(None)

    @property
    def share(self) -> float | None:
        """The prevalence among the person's patients as a share; None until it is set."""
        return self.prevalence.value() / 100 or None

    def _words(self, name: str) -> QLabel:
        label = named(QLabel(), name)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(0, 1)
        # The panel is narrow: the fields stand side by side below their titles.
        for column, (words, field) in enumerate(
            ((tr("Operating point"), self.choice), (tr("Prevalence"), self.prevalence))
        ):
            title = named(QLabel(words), "muted")
            title.setBuddy(field)
            layout.addWidget(title, 0, column)
            layout.addWidget(field, 1, column)
        for row, label in enumerate((self.expected, self.not_measured), 2):
            layout.addWidget(label, row, 0, 1, 2)

    @property
    def point(self) -> OperatingPoint | None:
        """The point in use; None where the model has none."""
        place = self.choice.currentIndex()
        return self._points[place] if 0 <= place < len(self._points) else None

    def show_card(self, card: ModelCard | None) -> None:
        """Offer a model's points; the one used last is used again, if this model has it."""
        self._card = card
        self._points = operating_points(card) if card else ()
        self.setVisible(bool(self._points))
        self._show_meaning()
        self.choice.clear()
        for place, point in enumerate(self._points):
            # Its threshold would be cut off, and a figure that is cut is another one.
            self.choice.addItem(tr(point.title))
            threshold = tr("threshold {threshold:.3f}", threshold=point.threshold)
            words = "\n".join(filter(None, (threshold, tr(HELP.get(point.name, "")))))
            self.choice.setItemData(place, words, Qt.ItemDataRole.ToolTipRole)
        if not self._points:
            return
        names = [point.name for point in self._points]
        wanted = self._settings.text(_POINT_KEY)
        self.choice.setCurrentIndex(names.index(wanted if wanted in names else BALANCED))
        self._tell()

    def show_image(self, prediction: Prediction | None, age_years: float | None) -> None:
        """Say whether the ranges hold for the image in view."""
        self._image = prediction, age_years
        words = ""
        if self._card is not None and self.share is not None:
            words = not_measured_words(prediction, age_years, self._card)
        self.not_measured.setText(words)
        self.not_measured.setVisible(bool(words))

    def show_probability(self, p: float | None) -> None:
        """Say what the probability in view means; None where there is none to be seen."""
        self._p = p
        self._show_meaning()

    def open_choice(self) -> None:
        """Let the person choose with the keyboard."""
        if self.isVisible():
            self.choice.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.choice.showPopup()

    def _choose(self) -> None:
        if self.point is not None:
            self._settings.set_text(_POINT_KEY, self.point.name)
            self._tell()

    def _keep_prevalence(self, percent: float) -> None:
        self._settings.set_number(_PREVALENCE_KEY, round(10 * percent))
        self._show_meaning()
        self._show_expected()
        self.show_image(*self._image)

    def _tell(self) -> None:
        self._show_expected()
        if self.point is not None:
            self.choice.setToolTip(tr(HELP.get(self.point.name, "")))
            self.threshold_chosen.emit(self.point.threshold)

    def _show_meaning(self) -> None:
        p, card, share = self._p, self._card, self.share
        # That a score is no probability is said in any case.
        wanted = card is not None and (share is not None or card.calibrated is None)
        if p is not None and card is not None and wanted:
            self.meaning.setText(probability_meaning(p, card, share or 0.0))
            self.meaning.setToolTip(tr(HOLDS_AT) if card.calibrated else "")
        self.meaning.setVisible(p is not None and wanted)

    def _show_expected(self) -> None:
        self.expected.setVisible(self.share is not None)
        if self.point is None or self._card is None or self.share is None:
            return
        self.expected.setText(expected_words(self.point, self.share))
        words = measured_on_words(self.point, self._card)
        self.expected.setToolTip(words)
        self.expected.setAccessibleDescription(words)
