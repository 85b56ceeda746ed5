"""What came of a training run: its figures, how it does against the active model, what next."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.base.translation import mark, tr
from app.gui.common.prompt import Prompt
from app.gui.common.theme import named
from app.gui.training.text import Rows

_HINT = mark(
    "The held-out patients were never trained on; the operating point was set on them. "
    "In brackets: 95 % interval."
)
_UNUSABLE = mark("Review needs a model of the classes NORMAL and PNEUMONIA.")


class TrainingResult(QWidget):
    """Hidden until there is a result.

    Parameters
    ----------
    parent
        Qt parent.
    """

    use_wanted = Signal(str)
    """Name of the model that the person wants for review now."""
    promote_wanted = Signal(str)
    """Name of the model that is to become the active one."""
    flips_wanted = Signal(list)
    """Paths of the images whose call differs between the new model and the active one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._usable = "", False
        self._flips: list[str] = []
        self.table = QLabel()
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.comparison = QLabel()
        self.comparison.setTextFormat(Qt.TextFormat.PlainText)
        self.comparison.setWordWrap(True)
        self.comparison.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._comparison_title = named(QLabel(tr("Against the active model")), "heading")
        self.use_button = QPushButton(tr("Use for review"))
        self.promote_button = QPushButton(tr("Promote"))
        self.flips_button = QPushButton()
        self.prompt = Prompt()
        hint = named(QLabel(tr(_HINT)), "muted")
        hint.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.promote_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(named(QLabel(tr("Result")), "heading"))
        layout.addWidget(self.table)
        # What comes later stands below the buttons: they never move under the cursor.
        layout.addLayout(buttons)
        layout.addWidget(hint)
        layout.addWidget(self._comparison_title)
        layout.addWidget(self.comparison)
        layout.addWidget(self.flips_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.prompt)
        self.use_button.clicked.connect(lambda: self.use_wanted.emit(self._model))
        self.promote_button.clicked.connect(lambda: self.promote_wanted.emit(self._model))
        self.flips_button.clicked.connect(self._ask_for_flips)
        self.show_result((), "", False)
        self.show_comparison((), ())

    def show_result(self, rows: Rows, model_name: str, usable: bool) -> None:
        """Show a run's figures and offer its model; no rows hide everything.

        Parameters
        ----------
        rows
            Names and values.
        model_name
            The model it left; empty for none.
        usable
            Whether that model can judge radiographs.
        """
        self.table.setText(_table(rows))
        self.setVisible(bool(rows))
        self._model, self._usable = model_name, usable
        for button, tip in (
            (
                self.use_button,
                tr("Scores the open images with {model_name}, for now.", model_name=model_name),
            ),
            (
                self.promote_button,
                tr(
                    "Makes {model_name} the active model; one click takes it back.",
                    model_name=model_name,
                ),
            ),
        ):
            button.setVisible(bool(model_name))
            button.setEnabled(usable)
            button.setToolTip(tip if usable else tr(_UNUSABLE))

    def show_comparison(self, lines: tuple[str, ...], flips: tuple[Path, ...]) -> None:
        """Show how the new model does against the active one, and offer the images that flip."""
        self.prompt.dismiss()
        self.comparison.setText("\n".join(lines))
        for label in (self._comparison_title, self.comparison):
            label.setVisible(bool(lines))
        self._flips = [str(path) for path in flips]
        self.flips_button.setText(
            tr("Open the image that flips")
            if len(flips) == 1
            else tr("Open the {count:,} images that flip", count=len(flips))
        )
        self.flips_button.setVisible(bool(flips))
        self.flips_button.setToolTip(
            tr("Opens them in the worklist, where the active model judges.")
        )

    def _ask_for_flips(self) -> None:
        flips = self._flips
        self.prompt.ask(
            tr("These images take the place of the list that is open. Verdicts stay."),
            tr("Open them"),
            None,
            lambda _name: self.flips_wanted.emit(flips),
        )


def _table(rows: Rows) -> str:
    cells = "".join(
        f"<tr><td style='padding-right: 14px'>{escape(name)}</td><td>{escape(value)}</td></tr>"
        for name, value in rows
    )
    return f"<table cellspacing='0' cellpadding='1'>{cells}</table>" if rows else ""
