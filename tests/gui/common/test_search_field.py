"""Esc in the filter empties it; the scoring goes on."""

from __future__ import annotations

from unittest.mock import Mock

from PySide6.QtCore import Qt


def test_esc_empties_the_filter_before_it_cancels_the_scoring(window, mixed_folder, qtbot):
    cancelled = Mock()
    window.commands["cancel"].triggered.connect(cancelled)
    search = window.worklist.search
    qtbot.waitUntil(window.isVisible)
    window.activateWindow()
    search.setFocus()
    qtbot.keyClicks(search, "one")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    cancelled.assert_not_called()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not search.hasFocus()
    cancelled.assert_not_called()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    cancelled.assert_called_once()
