"""The window on a small screen, in both languages, and what it remembers of its layout."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QPushButton, QToolButton

from app.gui.common import languages
from app.gui.main_window import MainWindow

SMALL = (1280, 800)
_IN_WORDS = (
    Qt.ToolButtonStyle.ToolButtonTextOnly,
    Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
    Qt.ToolButtonStyle.ToolButtonTextUnderIcon,
)


@pytest.fixture(params=["en", "de"])
def spoken(request, qapp):
    languages.use(qapp, request.param)
    yield request.param
    languages.use(qapp, languages.ENGLISH)


def clipped(window: MainWindow) -> list[str]:
    """Buttons in sight that are narrower than their words."""
    found = []
    for kind in (QPushButton, QToolButton):
        for button in window.findChildren(kind):
            words = button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))
            in_words = isinstance(button, QPushButton) or button.toolButtonStyle() in _IN_WORDS
            if button.isVisible() and in_words and button.width() < words:
                found.append(f"{button.text()}: {button.width()} for {words}")
    return found


@pytest.mark.slow
def test_the_window_fits_a_small_screen(spoken, window, mixed_folder, open_and_score):
    window.resize(*SMALL)
    open_and_score(mixed_folder)
    QApplication.processEvents()  # what was shown and hidden last is laid out
    assert window.minimumSizeHint().width() <= SMALL[0]
    assert window.minimumSizeHint().height() <= SMALL[1]
    assert (window.width(), window.height()) == SMALL
    assert not clipped(window)
    summary = window.worklist.summary
    assert summary.minimumSizeHint().width() < summary.fontMetrics().horizontalAdvance("0" * 40)
    assert summary.height() >= summary.heightForWidth(summary.width())
    assert window.image_view.width() > 380
    for dock in window.findChildren(QDockWidget):
        if dock.isVisible():
            assert dock.width() >= dock.minimumSizeHint().width(), dock.objectName()
    panel = window.prediction_panel
    assert panel.widget().width() <= panel.viewport().width()
    for name in ("training", "window-panel"):
        window.commands[name].setChecked(True)
    QApplication.processEvents()
    assert (window.width(), window.height()) == SMALL
    assert not clipped(window)


def test_every_dock_and_tool_bar_has_a_name_for_the_saved_layout(window):
    docks = window.findChildren(QDockWidget)
    names = [dock.objectName() for dock in docks]
    assert all(names)
    assert len(names) == len(set(names)) >= 3


def test_docks_come_back_as_they_were_left(window, qtbot):
    window.commands["training"].setChecked(True)
    window.resizeDocks([window.worklist_dock], [430], Qt.Orientation.Horizontal)
    qtbot.wait(20)
    left = window.worklist_dock.width()
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    again.show()
    assert again.training_dock.isVisible()
    assert abs(again.worklist_dock.width() - left) <= 20
    again.close()
    again.service.close(30)


def test_full_screen_and_back(window):
    window.commands["full-screen"].trigger()
    assert window.isFullScreen()
    window.commands["full-screen"].trigger()
    assert not window.isFullScreen()
