"""Two themes: readable, with visible focus, changed while the window is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QTableWidget, QVBoxLayout, QWidget

from app.gui.common import theme
from app.gui.common.appearance import DARK, LIGHT, SYSTEM, Appearance
from app.gui.common.plots import Plot
from app.gui.common.qt_images import icon

WHITE = QColor("#ffffff")
TEXTS = [
    *(("TEXT", ground) for ground in ["GROUND", "PANEL", "RAISED", "FIELD", "MENU", "SELECTED"]),
    *(("TEXT", ground) for ground in ["BUTTON", "BUTTON_HOVER", "HOVER"]),
    *(("MUTED", ground) for ground in ["GROUND", "PANEL", "RAISED", "FIELD"]),
    *(("WARNING", ground) for ground in ["GROUND", "PANEL", "RAISED", "SELECTED"]),
    *(("FINDING", ground) for ground in ["PANEL", "SELECTED", "RAISED"]),
    *(("ACCENT", ground) for ground in ["GROUND", "PANEL"]),
    ("GREEN", "PANEL"),
    ("STRONG", "SELECTED"),
    ("WARNING_TEXT", "WARNING_GROUND"),
    *((name, "VIEW") for name in ["IMAGE_TEXT", "IMAGE_MUTED", "IMAGE_ACCENT", "IMAGE_WARNING"]),
]


@pytest.fixture(params=[DARK, LIGHT])
def worn(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """Each of the two themes, and the dark one again at the end."""
    Appearance.of(qapp).choose(request.param)
    yield request.param
    Appearance.of(qapp).choose(DARK)


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance.of(qapp)
    Appearance.of(qapp).choose(DARK)


def luminance(colour: QColor) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_of_contrast_is_the_usual_one():
    assert contrast(WHITE, QColor("black")) == pytest.approx(21.0)
    assert contrast(QColor("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)


def test_every_text_can_be_read(worn):
    poor = {
        (text, ground): round(contrast(getattr(theme, text), getattr(theme, ground)), 2)
        for text, ground in TEXTS
        if contrast(getattr(theme, text), getattr(theme, ground)) < 4.5
    }
    assert not poor
    assert contrast(WHITE, theme.PRIMARY) >= 4.5
    assert contrast(WHITE, theme.PRIMARY_HOVER) >= 4.5


def test_focus_and_frames_stand_out(worn):
    for ground in (theme.GROUND, theme.PANEL, theme.FIELD, theme.BUTTON):
        assert contrast(theme.ACCENT, ground) >= 3.0
    # What is out of use may be faint, yet must be found.
    assert contrast(theme.DISABLED, theme.PANEL) >= 3.0


def test_palette_and_style_sheet_agree(worn, qapp):
    roles = QPalette.ColorRole
    assert qapp.palette().color(roles.Window) == theme.GROUND
    assert qapp.palette().color(roles.Text) == theme.TEXT
    sheet = qapp.styleSheet()
    assert "$" not in sheet
    assert theme.PANEL.name() in sheet
    for name in re.findall(r"url\(icons:([^)]+)\)", sheet):
        assert (resources.files("resources") / "icons" / name).is_file()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    # A copy: what ``image`` holds goes with it at the end of this function.
    return flat[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize("kind", [QPushButton, QTableWidget])
def test_focus_is_painted(worn, kind, qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    first, second = kind(), QPushButton("other")
    layout.addWidget(first)
    layout.addWidget(second)
    holder.show()
    holder.activateWindow()
    accent = [theme.ACCENT.red(), theme.ACCENT.green(), theme.ACCENT.blue()]

    def edge() -> int:
        return int((pixels(first.grab().toImage()) == accent).all(axis=2).sum())

    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    without = edge()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    assert edge() > without + first.width() // 2


@pytest.mark.slow
def test_the_ground_of_an_image_stays_black(worn, window):
    window.stack.setCurrentWidget(window.image_desk.area)
    assert (pixels(window.image_view.grab().toImage())[5:-5, 5:-5] == 0).mean() > 0.99


@pytest.mark.slow
def test_the_theme_changes_while_the_window_is_open(window, qtbot, qapp, appearance):
    page = window.desk
    page.show_settings("Look")
    look = page.dialog.pages[0]
    dark = pixels(window.grab().toImage()).mean()
    look.theme.setCurrentIndex(look.theme.findData(LIGHT))
    assert page.dialog.keep()
    assert theme.is_light()
    assert pixels(window.grab().toImage()).mean() > dark + 80
    assert window.settings.text("theme") == LIGHT
    look.theme.setCurrentIndex(look.theme.findData(DARK))
    page.dialog.accept()
    assert not theme.is_light()


def test_the_systems_choice_is_followed_only_when_asked_for(qapp, appearance):
    appearance.choose(SYSTEM)
    changed = qapp.styleHints().colorSchemeChanged
    changed.emit(Qt.ColorScheme.Light)
    assert theme.is_light()
    changed.emit(Qt.ColorScheme.Unknown)
    assert not theme.is_light()
    appearance.choose(DARK)
    changed.emit(Qt.ColorScheme.Light)
    assert not theme.is_light()
    appearance.choose("no such theme")
    changed.emit(Qt.ColorScheme.Light)
    assert theme.is_light()


def strokes() -> QColor:
    """The colour with which an icon is drawn: that of its densest pixel."""
    picture = icon("fit").pixmap(QSize(64, 64)).toImage()
    places = [(x, y) for x in range(64) for y in range(64)]
    return max((picture.pixelColor(*place) for place in places), key=QColor.alpha)


def test_plots_and_icons_follow(qtbot, appearance):
    plot = Plot("a plot", "x", "y")
    qtbot.addWidget(plot)
    appearance.choose(LIGHT)
    assert plot.getAxis("left").textPen().color() == theme.MUTED
    assert theme.MUTED.name() in plot.getAxis("bottom").labelString()
    light = strokes()
    appearance.choose(DARK)
    assert contrast(light, theme.VIEW) < 3.0
    assert contrast(strokes(), theme.VIEW) > 10.0
    assert plot.getAxis("left").textPen().color() == theme.MUTED


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_icons_are_drawn_at_the_pixels_of_the_screen(qapp, ratio):
    picture = icon("one-to-one").pixmap(QSize(20, 20), ratio)
    assert picture.width() == 20 * ratio
    grey = pixels(picture.toImage()).max(axis=2).astype(int)
    # An enlarged bitmap has no steep edge: neighbours there differ by a part of the range only.
    assert np.abs(np.diff(grey, axis=1)).max() > 150
