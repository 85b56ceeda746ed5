"""The slices page: a table with a forest plot in the bench, and the images behind a row."""

from __future__ import annotations

import numpy as np
import pytest
from audits import audit_of, failing_in_ap
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.gui.audit.slices_model import FOREST, INTERVAL, NAME, VALUE, P
from app.gui.audit.slices_page import SlicesPage
from app.gui.common.privacy import privacy
from app.gui.settings.remembered import Settings
from app.review.audit.slices import AUC, SENSITIVITY, SPECIFICITY

WAIT = 60_000


@pytest.fixture
def page(qtbot, opacity_home):
    made = SlicesPage(Settings())
    qtbot.addWidget(made)
    made.resize(900, 320)
    made.show()
    made.asked, made.opened = [], []
    made.gallery_asked.connect(lambda positions, words: made.asked.append((positions, words)))
    made.open_asked.connect(lambda positions, place: made.opened.append((positions, place)))
    yield made
    made.shutdown()


@pytest.fixture
def audit():
    return failing_in_ap()


@pytest.fixture
def shown(page, audit, qtbot):
    page.show_audit(audit)
    page.show_threshold(0.5)
    qtbot.waitUntil(lambda: page.model.rowCount() > 0, timeout=WAIT)
    return page


def text(page, row, column):
    return page.model.index(row, column).data()


def test_the_worst_slice_is_the_first_row(shown):
    assert shown.figure.currentData() == SENSITIVITY
    assert text(shown, 0, NAME) == "View: AP"
    assert text(shown, 0, P) == "< 0.001"
    assert float(text(shown, 0, VALUE)) < float(text(shown, 1, VALUE))
    assert " – " in text(shown, 0, INTERVAL)
    last = shown.model.rowCount() - 1
    assert text(shown, last, NAME) == "○ folder: three"  # small, and a mark says so
    assert text(shown, last, P) == "not tested"
    assert "fewer than 10 patients" in shown.summary.text()
    assert "adjusted for 3 tests" in shown.summary.text()
    assert "permutation of patients" in shown.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_click_shows_the_images_of_a_slice(shown, audit, qtbot):
    place = shown.table.visualRect(shown.model.index(0, NAME)).center()
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    positions, words = shown.asked[-1]
    assert words == "View: AP: pneumonias"
    assert len(shown.asked) == 1
    assert {audit.scored[at].columns["view"] for at in positions} == {"AP"}
    assert {audit.scored[at].label for at in positions} == {1}
    # Clicked again, for a person who looked at something else meanwhile.
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(shown.asked) == 2


def test_keys_walk_the_slices_and_enter_opens_one(shown, qtbot):
    shown.table.setFocus()
    shown.table.selectRow(0)
    QTest.keyClick(shown.table, Qt.Key.Key_Down)
    assert [words for _, words in shown.asked] == [
        "View: AP: pneumonias",
        f"{text(shown, 1, NAME)}: pneumonias",
    ]
    shown.table.activated.emit(shown.table.currentIndex())
    assert np.array_equal(shown.opened[-1][0], shown.asked[-1][0])


def test_another_threshold_keeps_the_chosen_slice_and_asks_for_nothing(shown, qtbot):
    shown.table.selectRow(2)
    name, before = text(shown, 2, NAME), len(shown.asked)
    first = shown.model.table
    shown.show_threshold(0.3)
    qtbot.waitUntil(lambda: shown.model.table is not first, timeout=WAIT)
    assert shown.model.table.threshold == 0.3
    assert text(shown, shown.table.currentIndex().row(), NAME) == name
    assert len(shown.asked) == before


def test_another_figure_is_kept_for_the_next_time(shown, qtbot):
    for figure in (SPECIFICITY, AUC):
        shown.figure.setCurrentIndex(shown.figure.findData(figure))
        qtbot.waitUntil(lambda f=figure: shown.model.table.figure == f, timeout=WAIT)
    shown.table.selectRow(0)
    assert shown.asked[-1][1].endswith(": all images")
    again = SlicesPage(Settings())
    qtbot.addWidget(again)
    assert again.figure.currentData() == AUC
    again.shutdown()


def test_the_slices_of_one_column_alone(shown):
    everything = shown.model.rowCount()
    tests = shown.model.table.tests
    shown.column.setCurrentIndex(shown.column.findData("view"))
    assert shown.model.rowCount() == 2 < everything
    assert shown.model.table.tests == tests  # choosing a column corrects for no fewer tests


def test_what_a_csv_says_is_hidden_with_identity(shown):
    privacy.set_hidden(True)
    try:
        names = [text(shown, row, NAME) for row in range(shown.model.rowCount())]
        assert "View: AP" in names
        assert any("folder: value " in name for name in names)
        assert not any(name.endswith(("one", "two", "three")) for name in names)
    finally:
        privacy.set_hidden(False)


def test_the_plot_is_drawn_where_the_figures_are(shown, qtbot):
    rect = shown.table.visualRect(shown.model.index(0, FOREST))
    estimate = shown.model.slice_at(0).estimate
    place = shown._axis.x(estimate.value, rect.translated(-rect.topLeft()))
    image = shown.table.viewport().grab(rect).toImage()
    middle = image.pixelColor(round(place), rect.height() // 2)
    beside = image.pixelColor(3, rect.height() // 2)
    assert middle != beside
    # The axis ends at 1, which lies right of every figure.
    assert shown._axis.ticks[-1] == 1.0
    assert shown._axis.low <= estimate.low


def test_without_columns_it_says_what_to_do(page, qtbot):
    page.show_audit(audit_of([0.2, 0.9], [0, 1]))
    qtbot.waitUntil(lambda: page.model.table is not None, timeout=WAIT)
    assert page.stack.currentWidget() is page.empty
    assert "CSV" in page.empty.text()
    page.show_audit(None)
    assert page.empty.text() == "Audit a folder to see its slices."
