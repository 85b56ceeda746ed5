"""The line above the image while audited images are walked: which they are, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.core.base.translation import tr
from app.gui.audit import text as words
from app.review.audit import AuditRow


class WalkBar(QFrame):
    """Says what the audit knows of the image in view.

    Signals
    -------
    back_wanted()
        To the audit.

    Parameters
    ----------
    parent
        Qt parent.
    """

    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        # Its words must not make the window wider than the screen.
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back_button = QPushButton(tr("Back to the audit (Esc)"))
        self.back_button.clicked.connect(self.back_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.back_button)
        self.hide()

    def show_place(
        self, title: str, place: int, count: int, row: AuditRow, threshold: float, blinded: bool
    ) -> None:
        """Show where in the walk the image in view stands.

        Parameters
        ----------
        title
            What the images are.
        place
            From 0.
        count
            How many there are.
        row, threshold
            What the audit says.
        blinded
            Whether label and score are to stay out of sight.
        """
        parts = [tr("Audit"), tr("{place:,} of {count:,}", place=place + 1, count=count)]
        if blinded:
            parts.append(tr("blinded: label and score are hidden"))
        else:
            cell = words.cell_of(row, threshold)
            if cell is not None:
                parts.insert(1, tr(words.SHORT[cell]))
            parts.append(tr("label: {label}", label=words.label_words(row)))
            parts.append(
                tr(
                    "audited score {score}, threshold {threshold:.3f}",
                    score=words.score_words(row),
                    threshold=threshold,
                )
            )
            if row.out_of_fold:
                parts.append(tr("out of fold"))
        said = "  ·  ".join(parts)
        self.text.setText(said)
        self.text.setToolTip("\n".join(filter(None, (title, said, words.source_words(row)))))
        self.show()
