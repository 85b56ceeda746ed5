"""Verdicts in the worklist: columns, order, filter, thumbnails; the choice of columns is kept."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import write_dicom
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from app.core.image.radiograph import Header
from app.core.model.results import Prediction, Status
from app.core.model.triage import Triage
from app.core.reading.verdicts import Act, Agreement, ImageIdentity, Verdict, VerdictEntry
from app.core.worklist.scan import Item
from app.gui.main_window import MainWindow
from app.gui.verdict.reading_protocols import RowReading
from app.gui.worklist.arrangement import Filter, Row, VerdictState, WorklistColumn, arrange
from app.gui.worklist.delegates import TILE, paint_tile, verdict_icons
from app.inference.scoring.pipeline import Scored
from app.review.verdicts.history import VerdictHistory

WAIT = 30_000
ROWS = 10_000


def verdict(image, agreement=Agreement.AGREE, reader="Ada", **more):
    return Verdict(image, reader, agreement, datetime.now(UTC), **more)


def row(name, p, given=None, others=(), other_pixels=False, study="", sealed=False):
    made = Row(Item(Path(f"/in/{name}"), name))
    made.take(Prediction(Status.OK, (), p, 0.5), Header(study_instance_uid=study))
    made.reading = RowReading(given, others, other_pixels, sealed)
    return made


IMAGE = ImageIdentity("a" * 64)
MIXED = [
    row("high-read", 0.9, verdict(IMAGE)),
    row("low-unread", 0.1),
    row("mid-unread", 0.5, verdict(IMAGE, None, key_image=True)),
    row("top-read", 0.95, verdict(IMAGE, Agreement.DISAGREE, label="NORMAL")),
    row("study-read", 0.99, verdict(IMAGE, Agreement.UNSURE), study="S"),
    row("study-unread", 0.05, others=(verdict(IMAGE, reader="Grace"),), study="S"),
    row("labelled", 0.2, verdict(IMAGE, None, label="effusion"), other_pixels=True),
]


def listed(**options):
    entries = arrange(MIXED, **options).entries
    return [MIXED[entry].name for entry in entries if entry >= 0]


def test_the_unread_come_first_and_then_the_score_and_a_study_stays_together():
    assert listed(shown=Filter()) == [
        *("mid-unread", "low-unread", "study-unread"),
        *("study-read", "top-read", "high-read", "labelled"),
    ]


def test_another_order_is_that_order():
    assert listed(shown=Filter(), column=WorklistColumn.NAME, descending=False) == [
        *("mid-unread", "low-unread", "study-unread"),
        *("high-read", "labelled", "study-read", "top-read"),
    ]


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (VerdictState.UNREAD, {"low-unread", "mid-unread", "study-unread"}),
        (VerdictState.READ, {"high-read", "top-read", "study-read", "labelled"}),
        (VerdictState.AGREE, {"high-read"}),
        (VerdictState.DISAGREE, {"top-read"}),
        (VerdictState.UNSURE, {"study-read"}),
        (VerdictState.KEY_IMAGE, {"mid-unread"}),
        (VerdictState.OTHERS, {"study-unread"}),
        (VerdictState.OTHER_PIXELS, {"labelled"}),
    ],
)
def test_the_filter_knows_the_verdicts(state, names):
    assert set(listed(shown=Filter(verdict=state.value))) == names


def test_blinded_neither_order_nor_filter_tells_the_score():
    rows = [row(f"{n}", p, sealed=True, study="S" * (n % 2)) for n, p in enumerate((0.1, 0.9, 0.5))]
    for column in (WorklistColumn.SCORE, WorklistColumn.CALL):
        for descending in (True, False):
            for call in ("", *Triage):
                got = arrange(rows, Filter(call=call), column, descending, blinded=True)
                assert [entry for entry in got.entries if entry >= 0] == [0, 1, 2]


def test_the_marks_differ_by_shape_and_stand_on_the_thumbnail(qapp):
    assert verdict_icons(MIXED[0]) == ["verdict-agree"]
    assert verdict_icons(MIXED[2]) == ["key-image"]
    assert verdict_icons(MIXED[5]) == ["verdict-other"]
    assert verdict_icons(MIXED[6]) == ["verdict-label", "state-caution"]
    pictures = {_tile(made) for made in MIXED[:4]}
    assert len(pictures) == 4


class _Index:
    """A row as the delegate asks for it."""

    def __init__(self, shown):
        self._row = Row(MIXED[0].item, prediction=MIXED[0].prediction, reading=shown.reading)

    def data(self, role=0):
        from app.gui.worklist.model import Role

        return self._row if role == Role.ROW else None


def _tile(made):
    picture = QImage(TILE, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.black)
    painter = QPainter(picture)
    paint_tile(painter, QRect(0, 0, TILE.width(), TILE.height()), _Index(made), False)
    painter.end()
    return bytes(picture.constBits())


# On the real window ---------------------------------------------------------------------------


def test_columns_their_widths_and_their_order_are_kept_between_starts(
    window, qtbot, tmp_path, open_and_score
):
    folder = tmp_path / "dicom"
    folder.mkdir()
    for n in range(3):
        write_dicom(folder / f"{n}.dcm", StudyDate=f"2026010{n + 1}", PatientName=f"P^{n}")
    open_and_score(folder)
    table, menu = window.worklist.table, window.reading.columns
    assert table.isColumnHidden(WorklistColumn.STUDY_DATE)
    menu.actions[WorklistColumn.STUDY_DATE].trigger()
    menu.actions[WorklistColumn.PATIENT].trigger()
    menu.actions[WorklistColumn.AGE].trigger()
    assert not table.isColumnHidden(WorklistColumn.STUDY_DATE)
    assert table.isColumnHidden(WorklistColumn.AGE)
    header = table.horizontalHeader()
    header.resizeSection(WorklistColumn.STUDY_DATE, 123)
    header.moveSection(header.visualIndex(WorklistColumn.VERDICT), 0)
    header.setSortIndicator(WorklistColumn.STUDY_DATE, Qt.SortOrder.AscendingOrder)
    window.close()
    again = MainWindow()
    again.resize(1280, 800)
    again.show()
    try:
        again.open([str(folder)])
        with qtbot.waitSignal(again.service.finished, timeout=WAIT):
            pass
        again.worklist_model.rearrange()
        table = again.worklist.table
        header = table.horizontalHeader()
        assert not table.isColumnHidden(WorklistColumn.STUDY_DATE)
        assert not table.isColumnHidden(WorklistColumn.PATIENT)
        assert table.isColumnHidden(WorklistColumn.AGE)
        assert header.sectionSize(WorklistColumn.STUDY_DATE) == 123
        assert header.visualIndex(WorklistColumn.VERDICT) == 0
        assert header.sortIndicatorSection() == WorklistColumn.STUDY_DATE
        model = again.worklist_model
        dates = [
            model.index(place, WorklistColumn.STUDY_DATE).data()
            for place in range(1, model.rowCount())
        ]
        assert dates == ["2026-01-01", "2026-01-02", "2026-01-03"]
        assert model.index(1, WorklistColumn.PATIENT).data() == "P 0"
    finally:
        again.close()
        assert again.service.close(30)
        again.deleteLater()
        qtbot.wait(1)


def test_columns_are_chosen_by_keyboard_and_the_name_always_stays(window, qtbot):
    menu = window.reading.columns
    window.commands["columns"].trigger()
    assert menu.menu.isVisible()
    before = window.worklist.table.isColumnHidden(WorklistColumn.SCORE)
    QTest.keyClick(menu.menu, Qt.Key.Key_Return)
    assert window.worklist.table.isColumnHidden(WorklistColumn.SCORE) != before
    assert WorklistColumn.NAME not in menu.actions
    menu.menu.hide()


def test_unread_images_are_filtered_and_walked(window, mixed_folder, open_and_score, qtbot):
    window.reading.set_reader("Ada")
    open_and_score(mixed_folder)
    combo = window.worklist.verdict_filter
    combo.setCurrentIndex(combo.findData(VerdictState.UNREAD.value))
    qtbot.waitUntil(lambda: window.reading.controller.on_screen, timeout=WAIT)
    first = window.controller.current
    with qtbot.waitSignal(window.reading.service.saved, timeout=WAIT):
        QTest.keyClick(window.worklist.table, Qt.Key.Key_U)
    model = window.worklist_model
    qtbot.waitUntil(lambda: not model.index_of(first).isValid(), timeout=WAIT)
    assert window.controller.current.path != first.path
    combo.setCurrentIndex(0)
    assert window.worklist_model.index_of(first).isValid()


class Heartbeat(QTimer):
    """Remembers the longest time that the event loop was away."""

    def __init__(self):
        super().__init__(interval=2)
        self.longest, self.last = 0.0, time.monotonic()
        self.timeout.connect(self.beat)
        self.start()

    def beat(self):
        now = time.monotonic()
        self.longest, self.last = max(self.longest, now - self.last), now


@pytest.mark.slow
def test_ten_thousand_images_with_verdicts_stay_fluid(window, qtbot, record_property):
    qtbot.waitUntil(lambda: window.controller.model_name != "", timeout=WAIT)
    window.stack.setCurrentIndex(1)
    window.worklist.item_chosen.disconnect()
    window.worklist_model.thumbnail_wanted.disconnect(window.service.thumbnail)
    items = [Item(Path(f"/many/{n:05}.dcm"), f"many/{n:05}.dcm") for n in range(ROWS)]
    images = [ImageIdentity(f"{n:064x}", f"1.2.{n}") for n in range(ROWS)]
    controller = window.reading.controller
    window.reading.set_reader("Ada")
    entries = [
        VerdictEntry(n + 1, Act.GIVEN, verdict(image, note="n" * 40))
        for n, image in enumerate(images)
    ]
    book = VerdictHistory()
    book.take(entries[::2])
    controller.opened(book)
    for start in range(0, ROWS, 500):
        chunk = range(start, start + 500)
        window.review.add_items([items[n] for n in chunk])
        window.review.add_scores(
            [
                Scored(
                    items[n],
                    Prediction(Status.OK, (), (n * 7919 % ROWS) / ROWS, 0.5, "m"),
                    Header(patient_id=str(n)),
                    identity=images[n],
                )
                for n in chunk
            ]
        )
        qtbot.wait(1)
    window.worklist_model.rearrange()
    qtbot.wait(50)
    heart = Heartbeat()
    for n in range(1, 60, 2):
        assert window.worklist.next_unread()
        controller.arrived([entries[n]])
        qtbot.wait(20)
    qtbot.wait(400)
    heart.stop()
    record_property("longest_stall_s", round(heart.longest, 3))
    assert sum(made.is_read for made in window.worklist_model.rows) == ROWS // 2 + 30
    assert heart.longest < 0.5
