"""The page "Display": the colours of heatmaps, and the overlays that come with a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox

from app.core.base.translation import tr
from app.core.image.heatmap_paint import PALETTES, palette
from app.gui.common.qt_images import rgba_image
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

_SWATCH = QSize(96, 14)


class DisplayPage(SettingsPage):
    """How images are shown; the same can be changed in the menu.

    Parameters
    ----------
    commands
        The window's, by id: what is chosen here is chosen there.
    """

    def __init__(self, commands: dict[str, QAction]) -> None:
        super().__init__(
            tr("Display"),
            tr("Window and level belong to each image and start as its file asks for."),
        )
        self._commands = commands
        self.palette_box = QComboBox()
        self.palette_box.setIconSize(_SWATCH)
        for name in PALETTES:
            self.palette_box.addItem(_swatch(name), name.capitalize(), name)
        self.add_row(
            tr("Heatmap colours"),
            self.palette_box,
            tr(
                "All of them rise steadily in lightness and can be read with any colour vision. "
                "They are the same in every theme."
            ),
        )
        self.overlays = QCheckBox(tr("Show overlays that come with a file"))
        self.add_row(
            "",
            self.overlays,
            tr("They are drawn over the image, never into it, and hidden with the identity."),
        )

    def load(self, settings: Settings) -> None:
        """Show what is set now."""
        chosen = next(name for name in PALETTES if self._commands[f"palette-{name}"].isChecked())
        self.palette_box.setCurrentIndex(self.palette_box.findData(chosen))
        self.overlays.setChecked(self._commands["overlays"].isChecked())

    def apply(self, settings: Settings) -> None:
        """Keep what is chosen."""
        self._commands[f"palette-{self.palette_box.currentData()}"].setChecked(True)
        self._commands["overlays"].setChecked(self.overlays.isChecked())


def _swatch(name: str) -> QIcon:
    """The palette as it lies over black."""
    bar = rgba_image(palette(name)[None, :, :].copy())
    picture = QPixmap(_SWATCH)
    picture.fill(Qt.GlobalColor.black)
    painter = QPainter(picture)
    painter.drawImage(picture.rect(), bar)
    painter.end()
    return QIcon(picture)
