"""Help > About."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.gui.prediction.prediction_panel import DISCLAIMER

_LICENCES = (
    ("Opacity", "MIT"),
    ("Qt for Python (PySide6)", "LGPL v3"),
    ("TensorFlow, Keras, tf-keras-vis", "Apache 2.0, MIT"),
    ("pydicom, GDCM, CharLS, OpenJPEG", "MIT, BSD"),
    ("NumPy, OpenCV, scikit-learn, Pillow", "BSD, Apache 2.0, HPND"),
    ("pyqtgraph, platformdirs, tqdm", "MIT, MPL 2.0"),
    ("highdicom, pynetdicom, ReportLab", "MIT, BSD"),
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
    parts = (
        tr(
            "Opacity reviews chest X-rays beside a convolutional network: it scores, explains and "
            "sorts them. A score is a hint to a reader, never a diagnosis. What the network "
            "cannot judge is listed under “Needs your eyes”."
        ),
        tr(
            "Nothing leaves this computer unless you send it, and nothing is written into the "
            "folders that are opened."
        ),
    )
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in parts)
    return (
        f"<h2>Opacity {escape(version)}</h2><p><b>{escape(tr(DISCLAIMER))}</b></p>{paragraphs}"
        f"<h3>{escape(tr('Licences'))}</h3><table cellpadding='3'>{rows}</table>"
    )


def _row(left: str, right: str) -> str:
    return f"<tr><td width='60%'>{escape(left)}</td><td>{escape(right)}</td></tr>"
