"""The page of suspicious labels on the real widgets: keys decide, the list follows, undo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doubtful_audit import doubtful_audit
from PySide6.QtCore import Qt

from app.core.base.errors import OutputError
from app.gui.audit.labels_controller import Shown
from app.gui.audit.labels_model import DECISION, WHY
from app.gui.audit.labels_page import READER_KEY, LabelsPage
from app.gui.common.privacy import privacy
from app.gui.settings.remembered import Settings
from app.review.audit.relabelling import LEAVE_OUT, Relabelling


@pytest.fixture
def audit(tmp_path):
    return doubtful_audit(tmp_path / "hospital")


@pytest.fixture
def page(qtbot, audit):
    settings = Settings()
    settings.set_text(READER_KEY, "Dr A")
    page = LabelsPage(settings)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    page.activateWindow()
    page.show_audit(audit)
    page.show_threshold(0.5)
    qtbot.waitUntil(lambda: bool(page.controller.lines), timeout=60000)
    page.table.setFocus()
    yield page
    page.shutdown()


def names(page):
    return [line.row.name for line in page.controller.lines]


def text(page, row, column):
    return page.model.index(row, column).data()


def test_copies_first_then_the_least_likely(page):
    assert names(page)[:2] == ["PNEUMONIA/image5.png", "NORMAL/image0.png"]
    assert names(page)[2:] == ["PNEUMONIA/image3.png", "PNEUMONIA/image7.png"]
    assert "a copy says otherwise" in text(page, 1, WHY)
    assert text(page, 2, WHY) == "unlikely label"
    assert "Suspicious labels: 4 among 30" in page.summary.text()


def test_one_key_decides_and_goes_on(page, qtbot, audit):
    qtbot.waitUntil(lambda: page.view.radiograph is not None, timeout=20000)
    qtbot.keyClick(page.table, Qt.Key.Key_N)
    assert page.table.currentIndex().row() == 1
    qtbot.keyClick(page.table, Qt.Key.Key_N)
    qtbot.keyClick(page.table, Qt.Key.Key_X)
    assert [text(page, row, DECISION) for row in range(4)] == [
        "\N{RIGHTWARDS ARROW} NORMAL",
        "right",
        "left out",
        "",
    ]
    assert "Decided: 3, of these 1 with another label and 1 left out" in page.summary.text()
    again = Relabelling(audit.folder)
    assert again.last.decision == LEAVE_OUT
    assert again.last.reader == "Dr A"
    assert "image7" in page.about.text()


def test_undo_goes_back_to_the_image(page, qtbot, audit):
    qtbot.keyClick(page.table, Qt.Key.Key_N)
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    qtbot.keyClick(page.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.table.currentIndex().row() == 0
    assert text(page, 0, DECISION) == ""
    assert Relabelling(audit.folder).decisions == {}


def test_decisions_come_back_with_the_folder(page, qtbot, audit):
    page.buttons["NORMAL"].click()
    page.show_audit(audit)
    qtbot.waitUntil(lambda: bool(page.controller.lines), timeout=20000)
    assert text(page, 0, DECISION) == "\N{RIGHTWARDS ARROW} NORMAL"


def test_other_lists(page, qtbot):
    page.controller.choose(Shown.WRONG)
    assert names(page)[0] == "PNEUMONIA/image3.png"
    assert text(page, 0, WHY) == "unlikely label"
    page.show_threshold(0.0)
    assert set(names(page)) == {f"NORMAL/image{i}.png" for i in range(15)}
    assert text(page, 0, WHY) == "false alarm"
    page.controller.choose(Shown.DECIDED)
    assert not names(page)
    assert "N, P and X decide" in page.empty.text()
    # What is said of a decided image follows the threshold too.
    page.controller.choose(Shown.WRONG)
    page.controller.decide("NORMAL")
    page.controller.choose(Shown.DECIDED)
    assert text(page, 0, WHY) == "false alarm"
    page.show_threshold(0.999)
    assert text(page, 0, WHY) == "left alone"


def test_nothing_reassures_where_the_test_could_not_run(page, qtbot, audit):
    few = [row for row in audit.rows if row.name.split("/")[1] in ("image8.png", "image9.png")]
    page.show_audit(replace(audit, rows=tuple(few)))
    qtbot.waitUntil(lambda: "could not be tested" in page.empty.text(), timeout=60000)
    assert not names(page)
    assert "No label" not in page.empty.text()
    assert "Confident learning needs at least 10 images" in page.summary.text()


def test_enter_opens_the_list_in_the_reading_window(page, qtbot, audit):
    with qtbot.waitSignal(page.open_asked) as asked:
        page.table.activated.emit(page.model.index(2, 0))
    positions, place = asked.args
    assert audit.scored[positions[place]].name == "PNEUMONIA/image3.png"


def test_what_is_not_saved_is_not_shown_as_decided(page, qtbot, monkeypatch):
    def full(*_):
        raise OutputError("The decision on this label was not saved: full.", "", "")

    monkeypatch.setattr(Relabelling, "decide", full)
    qtbot.keyClick(page.table, Qt.Key.Key_N)
    assert page.table.currentIndex().row() == 0
    assert text(page, 0, DECISION) == ""
    assert "was not saved" in page.errors.text.text()


def test_one_button_to_the_training_with_corrected_labels_and_weights(page, qtbot, audit):
    """Image 3 is decided to be normal, image 5 to be right: a wrong call, and so a hard case."""
    page.show_threshold(0.5)
    assert page.hard_words.text() == "0 wrong calls weigh"  # the four wrong ones are doubtful
    by_name = {name: at for at, name in enumerate(names(page))}
    page.desk.go_to(by_name["PNEUMONIA/image3.png"])
    page.buttons["NORMAL"].click()
    page.desk.go_to(by_name["PNEUMONIA/image5.png"])
    page.buttons["PNEUMONIA"].click()
    page.show_threshold(0.9499)
    assert page.hard_words.text() == "12 wrong calls weigh"
    page.show_threshold(0.5)
    assert page.hard_words.text() == "1 wrong calls weigh"
    page.weight.setValue(3)
    before = sorted(audit.folder.rglob("*"))
    with qtbot.waitSignal(page.training_asked) as asked:
        page.train_button.click()
    (source,) = asked.args
    layout = source.list_layout()
    entries = {entry.name: entry for entry in layout.entries}
    assert [name for name, entry in entries.items() if entry.weight == 3] == [
        "PNEUMONIA/image5.png"
    ]
    assert (entries["PNEUMONIA/image3.png"].label, entries["PNEUMONIA/image3.png"].original) == (
        0,
        1,
    )
    assert sorted(audit.folder.rglob("*")) == before
    assert audit.folder not in source.labels.parents


def test_names_are_hidden(page):
    privacy.set_hidden(True)
    try:
        assert "image5" not in page.about.text()
        assert "image5" not in (page.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) or "")
    finally:
        privacy.set_hidden(False)


def test_trained_on_without_out_of_fold_scores(qtbot, tmp_path):
    page = LabelsPage(Settings())
    qtbot.addWidget(page)
    page.show_audit(doubtful_audit(tmp_path / "x", seen="exact"))
    qtbot.waitUntil(lambda: "Confident learning needs" in page.summary.text(), timeout=60000)
    assert "no out-of-fold score: 30." in page.summary.text()
    assert len(page.controller.lines) == 2  # copies with different labels need no score
    page.shutdown()
