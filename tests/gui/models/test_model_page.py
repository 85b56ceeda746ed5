"""Help > About this model: from the key to the failures in a person's own data."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import chest_like
from model_record import record
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.gui.common import theme
from app.gui.common.privacy import privacy
from app.inference.registry.models import find_model

WAIT = 300_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    import cv2

    folder = tmp_path / "data"
    folder.mkdir()
    for seed in range(3):
        cv2.imwrite(str(folder / f"mueller{seed}.png"), chest_like(seed=seed))
    return folder


@pytest.mark.slow
def test_the_page_of_the_model_in_use_with_its_failures(window, qtbot: QtBot, data: Path) -> None:
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    name = window.controller.model_name
    folder = find_model(name)
    record(folder, [data / "mueller0.png", data / "mueller2.png"])
    # The second is found by its content, under another name.
    (data / "mueller2.png").rename(data / "renamed.png")
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    page = window.model_page.page
    assert page is not None
    words = page.browser.toPlainText()
    assert name in page.windowTitle()
    assert "0.777 (0.700–0.850)" in words
    assert "mueller0.png" in words
    with qtbot.waitSignal(page.process.ready, timeout=WAIT):
        page.search(data)
    assert page.browser.document().toHtml().count("picture:") == 4
    assert not list((Path(folder).parents[1] / "audit").glob("gallery.*"))
    # Hidden identity hides the files' names here too.
    privacy.set_hidden(True)
    assert "mueller0" not in page.browser.toPlainText()
    privacy.set_hidden(False)
    assert "mueller0" in page.browser.toPlainText()
    page.close()


@pytest.mark.slow
def test_another_folder_is_said_to_hold_none_of_them(window, qtbot: QtBot, data: Path) -> None:
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=WAIT)
    folder = find_model(window.controller.model_name)
    record(folder, [data / "mueller0.png"])
    (data / "mueller0.png").unlink()
    window.model_page.show()
    page = window.model_page.page
    with qtbot.waitSignal(page.process.failed, timeout=WAIT):
        page.search(data)
    assert page.errors.isVisible()
    words = " ".join(label.text() for label in page.errors.findChildren(QLabel))
    assert "None of the images on record" in words
    page.close()


def test_charts_follow_the_theme(qtbot: QtBot) -> None:
    from app.gui.common.document_browser import painted
    from app.review.report.document.chart import Axes

    axes = Axes(100, 80)
    axes.frame("Title", "x", "y", (0, 1), (0, 1))
    axes.line([(0, 0), (1, 1)])
    dark = painted(axes.chart("a line"))
    theme.use(light=True)
    light = painted(axes.chart("a line"))
    theme.use(light=False)
    assert dark.size() == light.size()
    assert dark != light
