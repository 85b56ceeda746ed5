"""Help > About, and the list of keys."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.gui.actions import Action
from app.gui.widgets.prediction_panel import DISCLAIMER

_MOUSE = (
    ("Zoom at the cursor", "Wheel"),
    ("Window and level", "Left- or right-drag"),
    ("Pan", "Middle-drag, or Space and left-drag"),
    ("Fit", "Double click"),
    ("Fold a group of the list", "Click its heading"),
)
_WALK = (
    ("Next image", "Down"),
    ("Previous image", "Up"),
)
_LICENCES = (
    ("Opacity", "MIT"),
    ("Qt for Python (PySide6)", "LGPL v3"),
    ("TensorFlow, Keras, tf-keras-vis", "Apache 2.0, MIT"),
    ("pydicom, GDCM, CharLS, OpenJPEG", "MIT, BSD"),
    ("NumPy, OpenCV, scikit-learn, Pillow", "BSD, Apache 2.0, HPND"),
    ("pyqtgraph, platformdirs, tqdm", "MIT, MPL 2.0"),
)


class TextDialog(QDialog):
    """Text to read, and a Close button."""

    def __init__(self, title: str, html: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.label = QLabel(html)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setWordWrap(True)
        self.label.setMargin(12)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        self.resize(520, 620)


def about_text(version: str) -> str:
    """What Opacity is and is not, and under which licences its parts stand."""
    rows = "".join(_row(name, licence) for name, licence in _LICENCES)
    return (
        f"<h2>Opacity {escape(version)}</h2>"
        f"<p><b>{DISCLAIMER}</b></p>"
        "<p>Opacity reviews chest X-rays beside a convolutional network: it scores, explains "
        "and sorts them. A score is a hint to a reader, never a diagnosis. What the network "
        "cannot judge is listed under <i>Needs your eyes</i>.</p>"
        "<p>Images never leave this computer, and nothing is written into the folders that "
        "are opened.</p>"
        f"<h3>Licences</h3><table cellpadding='3'>{rows}</table>"
    )


def keys_text(actions: Sequence[Action]) -> str:
    """All keys and mouse gestures, by menu."""
    groups: dict[str, list[tuple[str, str]]] = {"Worklist": list(_WALK), "Mouse": list(_MOUSE)}
    for action in actions:
        if action.shortcut:
            keys = " or ".join(
                QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                for key in action.shortcut.split(", ")
            )
            groups.setdefault(action.menu, []).append((action.title.rstrip("…"), keys))
    html = ""
    for title, rows in groups.items():
        # One table for all groups keeps the keys in one column.
        html += f"<tr><td colspan='2'><h3>{escape(title)}</h3></td></tr>"
        html += "".join(_row(name, keys) for name, keys in rows)
    return f"<table width='100%' cellpadding='3'>{html}</table>"


def _row(left: str, right: str) -> str:
    return f"<tr><td width='60%'>{escape(left)}</td><td>{escape(right)}</td></tr>"
