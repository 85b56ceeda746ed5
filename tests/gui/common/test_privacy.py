"""With identity hidden, no name, ID, date, file name or path is left anywhere in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from factories import chest_like, write_dicom
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.core.base.errors import ReviewError
from app.core.image.radiograph import Header
from app.gui.common.privacy import HIDDEN, Privacy, identity_words, privacy

WAIT = 30_000
SECRETS = (
    "OYELARAN",
    "Temitope",
    "MRN-4471-K",
    "STMARY",
    "20190817",
    "2019-08-17",
    "oyelaran_temitope",
    "ward-7",
    "torn-page",
    "2019-08-16",
    "20190816",
    "1.2.826.0.1.99",
)
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.StatusTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)


@pytest.fixture
def identified_folder(tmp_path: Path) -> Path:
    """Two studies of one patient and a file that cannot be read, all with telling names."""
    folder = tmp_path / "ward-7"
    folder.mkdir()
    for number, day in ((1, "20190817"), (2, "20190816")):
        pixels = chest_like(seed=number).astype(np.uint16) * 10
        write_dicom(
            folder / f"oyelaran_temitope_{number}.dcm",
            pixels,
            PatientName="OYELARAN^Temitope",
            PatientID="MRN-4471-K",
            IssuerOfPatientID="STMARY",
            StudyDate=day,
            StudyInstanceUID=f"1.2.826.0.1.99{number}",
            SOPInstanceUID=f"1.2.826.0.1.99{number}.7",
        )
    (folder / "torn-page.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return folder


def in_model(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    for row in range(model.rowCount(parent)):
        for column in range(model.columnCount(parent)):
            index = model.index(row, column, parent)
            yield from (str(index.data(role)) for role in _ROLES)
        yield from in_model(model, model.index(row, 0, parent))


def in_widget(widget: QWidget) -> Iterator[str]:
    yield from (widget.windowTitle(), widget.toolTip(), widget.statusTip(), widget.whatsThis())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from in_model(widget.model(), QModelIndex())
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(at) for at in range(widget.count()))
    elif isinstance(widget, QLineEdit):
        yield from (widget.displayText(), widget.placeholderText())
    elif isinstance(widget, QPlainTextEdit | QTextEdit):
        yield widget.toPlainText()
    elif isinstance(text := getattr(widget, "text", None), object) and callable(text):
        yield str(text())
    for action in widget.actions():
        yield from (action.text(), action.toolTip(), action.statusTip())


def everything_shown() -> list[str]:
    """All texts of all widgets of all windows of the program, seen or not."""
    return [text for widget in QApplication.allWidgets() for text in in_widget(widget)]


def leaks(texts: list[str]) -> list[str]:
    # A zero-width space lets names break; it hides nothing.
    plain = [text.replace("\u200b", "") for text in texts]
    return [text for text in plain if any(s.casefold() in text.casefold() for s in SECRETS)]


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that a painter of ours draws from now on."""
    drawn: list[str] = []
    draw = QPainter.drawText

    def remember(self: QPainter, *args: object) -> object:
        drawn.extend(arg for arg in args if isinstance(arg, str))
        return draw(self, *args)

    monkeypatch.setattr(QPainter, "drawText", remember)
    return drawn


@pytest.mark.slow
def test_nothing_in_the_window_names_the_patient(
    window, identified_folder, open_and_score, qtbot, painted
):
    open_and_score(identified_folder)
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    path = identified_folder / "oyelaran_temitope_1.dcm"
    window.notifications.error(ReviewError(f"{path} is broken.", "MRN-4471-K was expected."))
    window.notifications.error(ValueError(f"no such file: {path}"))
    window.recent_menu.aboutToShow.emit()
    window.worklist.search.setText("Temitope")
    window.grab()
    assert leaks(everything_shown())
    assert leaks(painted)

    window.commands["hide-identity"].trigger()
    window.recent_menu.aboutToShow.emit()
    for thumbnails in (False, True):
        window.commands["thumbnails"].setChecked(thumbnails)
        for row in window.worklist_model.rows:
            window.worklist.clear_filter()
            window.worklist.choose(row.item)
            qtbot.wait(150)
            painted.clear()
            window.grab()
            assert not leaks(painted)
            assert painted
            assert not leaks(everything_shown())
    window.notice_bar.next()
    window.notice_bar.details_button.setChecked(True)
    assert not leaks(everything_shown())
    assert window.prediction_panel.name.text().startswith("Image ")

    window.commands["hide-identity"].trigger()
    window.grab()
    assert leaks(everything_shown())


@pytest.mark.slow
def test_neither_do_the_windows_and_panels_beside_it(
    window, identified_folder, open_and_score, qtbot, painted
):
    window.settings.set_text("reader", "R. Example")
    window.reading.controller.set_reader("R. Example")
    open_and_score(identified_folder)
    row = next(r for r in window.worklist_model.rows if r.item.path.stem.endswith("_1"))
    window.worklist.choose(row.item)
    qtbot.waitUntil(lambda: window.image_view.radiograph is not None, timeout=WAIT)
    window.commands["tags"].trigger()
    window.commands["export"].trigger()
    window.commands["prior"].trigger()
    window.reading.bar.note.setText("as in Temitope's last image")
    qtbot.waitUntil(lambda: bool(leaks(grabbed(painted))), timeout=WAIT)
    qtbot.waitUntil(lambda: bool(leaks(everything_shown())), timeout=WAIT)
    qtbot.wait(500)  # the prior and the tags come in threads of their own
    window.commands["hide-identity"].trigger()
    qtbot.wait(300)
    assert not leaks(everything_shown())
    assert not leaks(grabbed(painted))
    window.reading.bar.note.setText("as before")
    assert window.reading.bar.note.displayText() == "as before"


def grabbed(painted: list[str]) -> list[str]:
    """What is painted when every window is drawn anew."""
    painted.clear()
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible():
            widget.grab()
    return painted


def test_the_state_is_seen_and_says_what_it_cannot_do(window):
    sign = window.desk.identity_sign
    assert not sign.isVisible()
    window.commands["hide-identity"].trigger()
    assert sign.isVisible()
    assert "pixels cannot be hidden" in sign.toolTip()


def test_it_stays_hidden_after_a_restart(window, qtbot):
    from app.gui.main_window import MainWindow

    window.commands["hide-identity"].trigger()
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    assert privacy.hidden
    assert again.commands["hide-identity"].isChecked()
    assert again.worklist.search.echoMode() is QLineEdit.EchoMode.Password
    again.commands["hide-identity"].trigger()
    again.service.close(30)


def test_a_stand_in_stays_with_its_image():
    hidden = Privacy()
    hidden.number_of = {Path("/a/doe.png"): 12}.get
    assert hidden.file_name(Path("/a/doe.png")) == "doe.png"
    hidden.set_hidden(True)
    assert hidden.file_name(Path("/a/doe.png")) == "Image 12"
    assert hidden.image_path(Path("/a/doe.png"), "a/doe.png") == "Image 12"
    other = hidden.file_name(Path("/b/prior.dcm"))
    assert "prior" not in other
    assert hidden.file_name(Path("/b/prior.dcm")) == other
    assert hidden.path("") == ""
    assert "doe" not in hidden.path("/home/doe")


def test_sentences_lose_what_names_a_patient_and_keep_the_rest():
    header = Header(patient_id="7", patient_name="Doe^Jane", study_date="20200102")
    hidden = Privacy()
    hidden.known_words = lambda: identity_words(Path("/x/IM 0001"), "x/IM 0001", header)
    hidden.set_hidden(True)
    told = hidden.sentence(
        "IM 0001 of Jane Doe (7), taken 2020-01-02 with UID 1.2.840.113619.2.55.3, in "
        "/srv/out/scan.dcm and C:\\Data\\x.png: 70 images/s, threshold 0.724, W 1700 L 725."
    )
    for secret in ("IM 0001", "Jane", "Doe", "(7)", "2020", "113619", "srv", "Data", "scan", "x.p"):
        assert secret not in told, told
    assert "70 images/s, threshold 0.724, W 1700 L 725." in told


@pytest.mark.parametrize(
    "note", ["seen with Mrs Müller", "MÜLLER has old films", "müller, id ab-12", "the o'brien case"]
)
def test_a_name_in_other_letters_than_the_headers_is_hidden_too(note):
    hidden = Privacy()
    headers = (
        Header(patient_id="AB-12", patient_name="MÜLLER^EVA"),
        Header(patient_id="8", patient_name="O'BRIEN^PAT"),
    )
    hidden.known_words = lambda: [
        word for header in headers for word in identity_words(Path("/x/y"), "x/y", header)
    ]
    hidden.set_hidden(True)
    told = hidden.sentence(note).casefold()
    assert not any(secret in told for secret in ("müller", "ab-12", "brien"))
    assert HIDDEN in told


@pytest.mark.parametrize(
    ("keyword", "vr", "kept"),
    [
        ("Rows", "US", True),
        ("PatientSex", "CS", True),
        ("Manufacturer", "LO", True),
        ("PatientName", "PN", False),
        ("PatientID", "LO", False),
        ("StudyDate", "DA", False),
        ("SOPInstanceUID", "UI", False),
        ("InstitutionName", "LO", False),
        ("", "DS", False),
    ],
)
def test_tags_are_hidden_unless_they_are_known_to_name_nobody(keyword, vr, kept):
    hidden = Privacy()
    hidden.set_hidden(True)
    assert hidden.tag(keyword, vr, "value") == ("value" if kept else HIDDEN)


def test_a_label_that_is_not_shown_is_walked_over_too(qtbot):
    label = QLabel("torn-page")
    qtbot.addWidget(label)
    assert leaks(everything_shown())
