"""Blinded reading on the real window: nothing tells what the network thinks before its time."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from window_steps import WAIT, choose_to_read, row_named

from app.core.reading.verdicts import Agreement
from app.gui.common.wording import score_words
from app.gui.worklist.arrangement import WorklistColumn
from app.review.verdicts.store import VerdictStore, default_path

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def listed(window):
    model = window.worklist_model
    items = (model.item_at(model.index(place, 0)) for place in range(model.rowCount()))
    return [item.path.name for item in items if item]


@pytest.fixture
def blinded(window, mixed_folder, open_and_score, qtbot):
    """Blinded before the folder is opened, and everything is scored."""
    window.reading.set_reader("Ada")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    QTest.keyClick(window.worklist.table, Qt.Key.Key_B, CONTROL)
    assert window.commands["blinded"].isChecked()
    open_and_score(mixed_folder)
    choose_to_read(window, qtbot, "image3.png")
    qtbot.wait(300)
    return window.reading


def words_in_sight(window):
    """All that labels, cells, tool tips and the accessible layer say."""
    said = []
    for label in window.findChildren(QLabel):
        if label.isVisibleTo(window):
            said += [label.text(), label.toolTip(), label.accessibleDescription()]
    said.append(window.prediction_panel.scale.accessibleDescription())
    model = window.worklist_model
    roles = (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
    for place in range(model.rowCount()):
        for column in WorklistColumn:
            said += [str(model.index(place, column).data(role) or "") for role in roles]
    return "\n".join(said)


def test_neither_score_nor_call_is_anywhere_to_be_read(window, blinded):
    said = words_in_sight(window)
    for row in window.worklist_model.rows:
        if row.prediction.p_pneumonia is not None:
            assert score_words(row.prediction) not in said
    assert "PNEUMONIA" not in said
    assert "NORMAL" not in said
    assert window.image_view.heatmap is None
    assert not window.prediction_panel.evidence.isVisible()
    assert not window.prediction_panel.scale.isVisible()
    assert window.prediction_panel.score.text() == "hidden"
    assert not window.prediction_panel.operating_point.meaning.isVisible()
    assert not blinded.bar.agree.isVisible()
    assert blinded.bar.pneumonia.isVisible()


@pytest.mark.slow
def test_the_order_tells_nothing(window, blinded):
    scored = [name for name in listed(window) if row_named(window, name).sealed]
    in_scan_order = [row.item.path.name for row in window.worklist_model.rows if row.sealed]
    assert scored == in_scan_order
    header = window.worklist.table.horizontalHeader()
    for column in (WorklistColumn.SCORE, WorklistColumn.CALL):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            header.setSortIndicator(column, order)
            assert [name for name in listed(window) if name in scored] == in_scan_order
    for place in range(1, window.worklist.call_filter.count()):
        window.worklist.call_filter.setCurrentIndex(place)
        assert [name for name in listed(window) if name in scored] == in_scan_order
    heading = window.worklist_model.section_words(window.worklist_model.section_at(3))
    assert "highest first" not in heading


def test_it_is_revealed_by_the_verdict_and_the_first_one_stays_blind(window, blinded, qtbot):
    with qtbot.waitSignal(blinded.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_N, SHIFT)
    row = row_named(window, "image3.png")
    assert window.controller.current.path.name == "image3.png"
    assert window.prediction_panel.score.text() == score_words(row.prediction)
    qtbot.waitUntil(lambda: window.image_view.heatmap is not None, timeout=WAIT)
    window.commands["heatmap"].trigger()
    window.worklist_model.rearrange()
    assert window.worklist_model.index_of(row.item).data() == score_words(row.prediction)
    assert blinded.bar.agree.isVisible()
    with qtbot.waitSignal(blinded.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_D)
    with VerdictStore(default_path()) as store:
        first, second = (entry.verdict for entry in store.history(row.image))
    assert not first.score_visible
    assert not first.heatmap_visible
    assert first.p_pneumonia == row.prediction.p_pneumonia
    assert second.score_visible
    assert second.heatmap_visible
    assert second.agreement is Agreement.DISAGREE
    # The next image is hidden again.
    assert window.controller.current.path.name != "image3.png"
    assert window.image_view.heatmap is None
    assert score_words(row_named(window, window.controller.current.path.name).prediction) not in (
        window.prediction_panel.score.text()
    )


@pytest.mark.slow
def test_a_late_heatmap_stays_hidden(window, blinded, qtbot):
    with qtbot.waitSignal(window.service.heatmap_ready, timeout=WAIT):
        assert window.worklist.choose(row_named(window, "image1.png").item)
    qtbot.wait(50)
    assert window.image_view.heatmap is None
    assert window.prediction_panel.score.text() == "hidden"
    blinded.set_blinded(False)
    assert window.image_view.heatmap is not None
