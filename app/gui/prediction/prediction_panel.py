"""What the network says of the image in view, and how far to trust it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.base.reasons import Reason, texts
from app.core.base.translation import mark, tr
from app.core.image.radiograph import Header
from app.core.model.card import ModelCard
from app.core.model.results import INPUT_GRADIENT, Heatmap, Prediction, Status
from app.core.model.triage import Triage, doubts, triage
from app.core.worklist.scan import Item
from app.gui.common import theme
from app.gui.common.privacy import privacy
from app.gui.common.wording import (
    KIND_HELP,
    RANGE_HELP,
    age_words,
    date_words,
    kind_words,
    own_words,
    probability_words,
    range_words,
)
from app.gui.prediction.evidence_text import BALANCE_HELP, evidence_words
from app.gui.prediction.operating_point_box import OperatingPointBox
from app.gui.prediction.probability_scale import ProbabilityScale
from app.gui.settings.remembered import Settings

DISCLAIMER = mark("For research and triage support, not a medical device.")
NO_GRAD_CAM = mark(
    "No Grad-CAM: it shows the grid of a network's last convolution, and this network has none."
)
_OUTSIDE = mark(
    "▲ The heatmap is hottest outside the lungs: a letter, a device or the edge may have moved "
    "the score."
)
_AWAY = mark("▲ The file cannot be reached now. This was found while it could.")
_DETAILS_KEY = "details"
_KINDS = {Triage.SUSPICIOUS: "finding", Triage.UNSURE: "unsure", Triage.BELOW: "plain"}
_HEADLINES = {
    Triage.SUSPICIOUS: mark("Suspicious"),
    Triage.UNSURE: mark("Unsure: look yourself"),
    Triage.BELOW: mark("Below threshold"),
}
_GRADIENT_HELP = mark(
    "Colours the places whose brightness raised the score, from the gradient of the score with "
    "respect to the image. It follows single pixels: finer than Grad-CAM, and noisier."
)


class PredictionPanel(QScrollArea):
    """Score, call, cautions, and what stands behind them.

    Signals
    -------
    gradient_wanted(bool)
        Whether the person wants the input gradient in place of Grad-CAM.
    """

    gradient_wanted = Signal(bool)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = theme.named(QWidget(), "panel")
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(14, 12, 14, 12)
        self._layout.setSpacing(4)
        self.name = self._label("name")
        self.patient = self._label("muted")
        self._gap(8)
        self.away = self._label("reasons")
        self.away.setText(tr(_AWAY))
        self.call = self._label("call")
        self._gap(4)
        self.caption = self._label("caption")
        self.score = self._label("score")
        self.scale = ProbabilityScale()
        self._layout.addWidget(self.scale)
        self.range = self._label("muted")
        self.range.setToolTip(tr(RANGE_HELP))
        self.own = self._label("muted")
        self.operating_point = OperatingPointBox(settings)
        self._layout.addWidget(self.operating_point.meaning)
        self.kind = self._label("kind")
        self.kind.setToolTip(tr(KIND_HELP))
        self._gap(4)
        self.reasons = self._label("reasons")
        self._gap(4)
        self.outside = self._label("reasons")
        self.outside.setText(tr(_OUTSIDE))
        self.no_grad_cam = self._label("muted")
        self.no_grad_cam.setText(tr(NO_GRAD_CAM))
        self.gradient = QCheckBox(tr("Show input gradient"))
        self.gradient.setToolTip(tr(_GRADIENT_HELP))
        self.gradient.setAccessibleDescription(tr(_GRADIENT_HELP))
        self.gradient.toggled.connect(self.gradient_wanted)
        self._layout.addWidget(self.gradient)
        self._add_details(settings)
        self._layout.addStretch(1)
        self.disclaimer = self._label("muted")
        self.disclaimer.setText(tr(DISCLAIMER))
        self.setWidget(body)
        self._whose: tuple[Item, Header] | None = None
        privacy.changed.connect(self._follow_privacy)
        theme.changes.happened.connect(self._show_facts)
        self._card: ModelCard | None = None
        self._device = ""
        self._loading_words = ""
        self._model_note = ""
        self._prediction: Prediction | None = None
        self._age_years: float | None = None
        self._sealed = False
        self.clear()

    def _add_details(self, settings: Settings) -> None:
        """What stands behind the score, folded away until it is wanted."""
        self.details = theme.named(QToolButton(), "details")
        self.details.setText(tr("Details"))
        self.details.setCheckable(True)
        self.details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.details.setToolTip(tr("Operating point, evidence, model, device, preprocessing"))
        self._layout.addWidget(self.details)
        outer = self._layout
        self._behind = QWidget()
        self._layout = QVBoxLayout(self._behind)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.operating_point)
        self.evidence = self._label("muted")
        self.evidence.setToolTip(tr(BALANCE_HELP))
        self.facts = self._label("facts")
        self._layout = outer
        outer.addWidget(self._behind)

        def show(wanted: bool) -> None:
            self.details.setArrowType(Qt.ArrowType.DownArrow if wanted else Qt.ArrowType.RightArrow)
            self._behind.setVisible(wanted)
            settings.set_flag(_DETAILS_KEY, wanted)

        self.details.toggled.connect(show)
        self.details.setChecked(settings.flag(_DETAILS_KEY, False))
        show(self.details.isChecked())

    def choose_operating_point(self) -> None:
        """Let the person choose with the keyboard."""
        self.details.setChecked(True)
        self.ensureWidgetVisible(self.operating_point)
        self.operating_point.open_choice()

    def _label(self, name: str) -> QLabel:
        label = theme.named(QLabel(), name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._layout.addWidget(label)
        return label

    def _gap(self, height: int) -> None:
        self._layout.addSpacing(height)

    # What is shown --------------------------------------------------------------------------

    def clear(self) -> None:
        """Nothing is selected."""
        self._whose = None
        self.name.setText("")
        self.name.setToolTip("")
        self.patient.setText("")
        self.show_prediction(None)
        self.show_heatmap(None)
        self.caption.setText("")
        self.score.setText("")

    def show_item(self, item: Item, header: Header) -> None:
        """Whose image it is."""
        self._whose = (item, header)
        self._age_years = header.age_years
        self.operating_point.show_image(self._prediction, header.age_years)
        # A zero-width space lets a long name break anywhere sensible.
        self.name.setText(privacy.file_name(item.path).replace("_", "_\u200b"))
        self.name.setToolTip(privacy.image_path(item.path, item.shown))
        parts = (
            privacy.shown(header.patient_name.replace("^", " ").strip()),
            privacy.shown(header.patient_id),
            age_words(header.age_years),
            header.sex,
            header.view,
            privacy.shown(date_words(header.study_date)),
        )
        self.patient.setText("  ·  ".join(part for part in parts if part))
        self.patient.setVisible(any(parts))

    def _follow_privacy(self) -> None:
        if self._whose is not None:
            self.show_item(*self._whose)
        self.show_prediction(self._prediction, not self.away.isHidden())

    def show_model(
        self, card: ModelCard | None, device: str, words: str = "", note: str = ""
    ) -> None:
        """The model in use with a note on it, or ``words`` for why there is none yet."""
        self._card, self._device, self._loading_words = card, device, words
        self._model_note = note
        self._show_facts()
        self.operating_point.show_card(card)

    def show_prediction(self, prediction: Prediction | None, away: bool = False) -> None:
        """Show the outcome for the image, None while it has none; ``away``: its file is, now."""
        self._prediction = prediction
        self.away.setVisible(away)
        self.operating_point.show_image(prediction, self._age_years)
        seen = None if prediction is None or self._sealed else prediction.p_pneumonia
        self.operating_point.show_probability(seen)
        self._show_facts()
        if prediction is None:
            self._set_outcome("waiting", tr("Probability of pneumonia"), tr("not yet scored"), "")
            self._set_reasons("", ())
        elif prediction.p_pneumonia is None or prediction.threshold is None:
            self._show_no_score(prediction)
        elif self._sealed:
            self.scale.show_value(None, None)
            self._set_outcome("waiting", tr("Probability of pneumonia"), tr("hidden"), "")
            self._set_reasons(tr("Read with caution"), prediction.reasons_of_image)
        else:
            self._show_score(prediction.p_pneumonia, prediction.threshold, prediction)

    def set_sealed(self, sealed: bool) -> None:
        """Hide the score, for a reader who wants to judge first, or show it."""
        self._sealed = sealed
        self.show_prediction(self._prediction, not self.away.isHidden())

    def show_heatmap(self, heatmap: Heatmap | None, outside_lungs: bool = False) -> None:
        """Say in words what the overlay shows, or why there is none and what is to be had."""
        self.outside.setVisible(outside_lungs)
        gradient = heatmap is not None and heatmap.method == INPUT_GRADIENT
        self.no_grad_cam.setVisible(gradient)
        self.gradient.setVisible(gradient)
        wanted = heatmap is not None and (not gradient or self.gradient.isChecked())
        self.evidence.setVisible(wanted)
        if heatmap is not None:
            self.evidence.setText(evidence_words(heatmap))

    def _show_score(self, value: float, threshold: float, prediction: Prediction) -> None:
        words = probability_words(value)
        if f"{value:.3f}" == f"{threshold:.3f}":
            # The call is made on the unrounded value: show why it fell on this side.
            words = f"{value:.6f}"
        call = triage(prediction)
        assert call is not None
        self._set_outcome(_KINDS[call], tr("Probability of pneumonia"), words, tr(_HEADLINES[call]))
        self.scale.show_value(value, threshold, prediction.range)
        self._set_reasons(tr("Read with caution"), doubts(prediction))

    def _show_no_score(self, prediction: Prediction) -> None:
        refused = prediction.status is Status.REFUSED
        title = tr("Not judged by the network") if refused else tr("The image cannot be read")
        self._set_outcome("none", title, tr("No score"), tr("This is not a normal result."))
        self._set_reasons(tr("Needs your eyes"), prediction.reasons)

    def _set_outcome(self, kind: str, caption: str, score: str, call: str) -> None:
        self.caption.setText(caption)
        self.score.setText(score)
        self.call.setText(call)
        self.call.setVisible(bool(call))
        scored = kind in _KINDS.values()
        shown = self._prediction if scored else None
        for label, text in (
            (self.range, range_words(shown)),
            (self.own, own_words(shown)),
            (self.kind, kind_words(shown)),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self.scale.setVisible(scored)
        for label in (self.score, self.call):
            if label.property("kind") != kind:
                label.setProperty("kind", kind)
                label.style().unpolish(label)
                label.style().polish(label)

    def _set_reasons(self, title: str, reasons: tuple[Reason, ...]) -> None:
        self.reasons.setVisible(bool(title) and (bool(reasons) or title == tr("Needs your eyes")))
        self.reasons.setText("\n".join((f"▲ {title}", *map(privacy.sentence, texts(reasons)))))

    def _show_facts(self) -> None:
        rows: list[tuple[str, str]] = []
        card, prediction = self._card, self._prediction
        model = prediction.model if prediction and prediction.model else card.title if card else ""
        device = prediction.device if prediction and prediction.device else self._device
        if self._loading_words:
            rows.append((tr("Model"), self._loading_words))
        elif model:
            rows.append((tr("Model"), model))
            if self._model_note and card and model == card.title:
                rows.append(("", self._model_note))
        if device:
            rows.append((tr("Device"), device))
        html = "".join(_fact(title, escape(text)) for title, text in rows)
        if prediction and prediction.steps:
            steps = "".join(
                _fact(f"{n}.", escape(s)) for n, s in enumerate(texts(prediction.steps), 1)
            )
            heading = f"<span style='color:{theme.MUTED.name()}'>{tr('Preprocessing')}</span>"
            html += f"</table><br>{heading}<table cellspacing='2'>{steps}"
        self.facts.setTextFormat(Qt.TextFormat.RichText)
        self.facts.setText(f"<table cellspacing='2'>{html}</table>")


def _fact(title: str, html: str) -> str:
    return f"<tr><td style='color:{theme.MUTED.name()}'>{title}&nbsp;</td><td>{html}</td></tr>"
