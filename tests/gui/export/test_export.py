"""Export on the real window: a tiny network, real files out, nothing among the opened images."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from concurrent.futures import Future
from io import StringIO
from pathlib import Path

import cv2
import highdicom
import numpy as np
import pytest
from factories import chest_like, write_dicom
from pydicom import dcmread
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.reading.verdicts import Agreement, Region, RegionKind
from app.gui.export.export_dialog import ExportDialog
from app.gui.main_window import MainWindow
from app.gui.settings.pages.export import ExportPage
from app.gui.viewer.view_picture import view_png
from app.review.export.reviewed import Format

WAIT = 30_000
Open = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One DICOM that names somebody, two PNGs, one file that is none."""
    made = tmp_path / "opened"
    made.mkdir()
    write_dicom(
        made / "Zyzzyx.dcm",
        chest_like(400, 300),
        SeriesInstanceUID="1.2.3.4",
        PatientName="Zyzzyx^Adamantia",
        PatientID="Z-77",
        StudyDate="20040826",
    )
    for number in range(2):
        cv2.imwrite(str(made / f"image{number}.png"), chest_like(seed=number + 3))
    (made / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def show(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Bring an image into view, and wait for its heatmap."""
    row = next(each for each in window.worklist_model.rows if each.item.path.name == name)
    window.worklist.choose(row.item)

    def is_shown() -> None:
        radiograph = window.image_view.radiograph
        assert radiograph is not None
        assert radiograph.path == row.item.path

    qtbot.waitUntil(is_shown, timeout=WAIT)


def read(window: MainWindow, qtbot: QtBot) -> None:
    """Draw a region and disagree, as a reader; the window stays on the image."""
    reading = window.reading.controller
    reading.advance = False
    reading.set_reader("Adamantia Reader")
    reading.set_regions((Region(RegionKind.RECTANGLE, ((10, 20), (60, 90)), "of Zyzzyx"),))
    reading.judge(Agreement.DISAGREE)
    row = next(each for each in window.worklist_model.rows if each.item == reading.current)
    qtbot.waitUntil(lambda: row.reading.verdict is not None, timeout=WAIT)


def ask(
    window: MainWindow, command: str, out: Path, formats: set[Format], *, hidden: bool = False
) -> ExportDialog:
    """Open the dialog by its command and choose."""
    window.commands[command].trigger()
    dialog = window.exports.dialog
    assert dialog is not None
    dialog.set_folder(str(out))
    dialog.deidentify.setChecked(hidden)
    dialog.formats.tick(frozenset(formats))
    dialog._follow()
    return dialog


def press(dialog: ExportDialog, qtbot: QtBot) -> None:
    """Press Export and wait for its end."""
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    finished(dialog, qtbot)


def finished(dialog: ExportDialog, qtbot: QtBot) -> None:
    def is_over() -> None:
        assert dialog.written.isVisible() or dialog.errors.isVisible()
        assert not dialog.progress.isVisible()

    qtbot.waitUntil(is_over, timeout=WAIT)


@pytest.mark.slow
def test_the_image_in_view_as_dicom_and_pdf(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    read(window, qtbot)
    assert window.commands["export"].shortcut().toString() == "Ctrl+E"
    before = sorted(folder.iterdir())
    formats = {
        Format.SECONDARY_CAPTURE,
        Format.STRUCTURED_REPORT,
        Format.PRESENTATION_STATE,
        Format.PDF,
        Format.VIEW,
    }
    dialog = ask(window, "export", out, formats)
    assert dialog.scope.currentText() == "The image in view"
    press(dialog, qtbot)
    assert sorted(each.name for each in out.iterdir()) == [
        "Zyzzyx-heatmap.dcm",
        "Zyzzyx-regions.dcm",
        "Zyzzyx-report.dcm",
        "Zyzzyx-view.png",
        "opacity-review.pdf",
    ]
    source = dcmread(folder / "Zyzzyx.dcm")
    capture = dcmread(out / "Zyzzyx-heatmap.dcm")
    assert capture.StudyInstanceUID == source.StudyInstanceUID
    assert "Grad-CAM" in capture.DerivationDescription, "the heatmap came from the network"
    report = highdicom.sr.srread(out / "Zyzzyx-report.dcm")
    names = [str(each.value) for each in report.iterall() if each.keyword == "PersonName"]
    assert names == ["Reader^Adamantia"]
    (network, _reader) = report.content.get_image_measurement_groups()
    score = next(row for row in window.worklist_model.rows if row.name == "Zyzzyx.dcm").prediction
    assert score is not None
    assert network.get_measurements()[0].value == pytest.approx(score.p_pneumonia)
    drawn = dcmread(out / "Zyzzyx-regions.dcm").GraphicAnnotationSequence[0]
    assert drawn.TextObjectSequence[0].UnformattedTextValue == "of Zyzzyx"
    picture = cv2.imread(str(out / "Zyzzyx-view.png"))
    assert picture.shape[1] > 200
    assert sorted(folder.iterdir()) == before
    dialog.close()


@pytest.mark.slow
def test_a_png_has_no_study_and_the_dialog_says_so(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "image0.png")
    dialog = ask(window, "export", out, set(Format))
    for wanted in (Format.SECONDARY_CAPTURE, Format.STRUCTURED_REPORT, Format.DICOM):
        box, reason = dialog.formats.boxes[wanted], dialog.formats.reasons[wanted]
        assert not box.isEnabled()
        assert not box.isChecked()
        assert reason.isVisible()
        assert "study" in reason.text()
        assert reason.height() >= reason.heightForWidth(reason.width()), "it is shown in full"
    press(dialog, qtbot)
    assert sorted(path.suffix for path in out.iterdir()) == [
        ".csv", ".json", ".pdf", ".png", ".png",
    ]  # fmt: skip
    assert not dialog.written.send_button.isEnabled()
    dialog.close()


@pytest.mark.slow
def test_a_de_identified_list(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    read(window, qtbot)
    formats = {
        Format.CSV, Format.JSON, Format.PDF, Format.DICOM, Format.STRUCTURED_REPORT,
        Format.PRESENTATION_STATE,
    }  # fmt: skip
    dialog = ask(window, "export-list", out, formats, hidden=True)
    assert dialog.scope.currentText() == "All 4 of the list"
    assert "burned into the pixels" in dialog.warning.text()
    steps: list[int] = []
    window.exports.exporter.progress.connect(lambda done, _total: steps.append(done))
    press(dialog, qtbot)
    assert steps == [1, 2, 3, 4]
    for path in out.iterdir():
        assert "yzzyx" not in path.name
        for secret in (b"yzzyx", b"Z-77", b"20040826", b"Adamantia", str(folder).encode()):
            assert secret not in path.read_bytes(), path.name
    rows = list(csv.DictReader(StringIO((out / "opacity-review.csv").read_text("utf-8-sig"))))
    assert [row["verdict"] for row in rows].count("disagree") == 1
    assert {row["model"] for row in rows if row["model"]} == {"tiny-a"}
    lines = dialog.written.lines.toPlainText()
    assert "broken.png" in lines
    assert "not for 2 images" in lines
    whole = json.loads((out / "opacity-review.json").read_text("utf-8"))
    assert whole["deidentified"] is True
    dialog.close()


def test_the_opened_folder_is_refused(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path
) -> None:
    open_and_score(folder)
    before = sorted(folder.iterdir())
    dialog = ask(window, "export-list", folder / "exports", {Format.CSV})
    press(dialog, qtbot)
    assert "being read" in dialog.errors.text.text()
    assert sorted(folder.iterdir()) == before
    assert dialog.export_button.isEnabled(), "another folder can be chosen"
    dialog.close()


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["keep", "replace", "cancel"])
def test_what_is_there_is_asked_about(
    answer: str, window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    out.mkdir()
    (out / "opacity-review.csv").write_text("mine")
    dialog = ask(window, "export-list", out, {Format.CSV})
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    question = dialog.question
    assert question.isVisible()
    assert dialog.focusWidget() is question.keep_button
    button = {
        "keep": question.keep_button,
        "replace": question.replace_button,
        "cancel": question.cancel_button,
    }[answer]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    if answer != "cancel":
        finished(dialog, qtbot)
    names = sorted(each.name for each in out.iterdir())
    assert ("opacity-review-2.csv" in names) is (answer == "keep")
    assert ((out / "opacity-review.csv").read_text("utf-8-sig") == "mine") is (answer != "replace")
    dialog.close()


@pytest.mark.slow
def test_an_export_can_be_cancelled(
    window: MainWindow,
    qtbot: QtBot,
    open_and_score: Open,
    folder: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_and_score(folder)
    dialog = ask(window, "export-list", out, {Format.PNG, Format.CSV})
    # The network is slow today: its answer never comes, and cancelling does not wait for it.
    monkeypatch.setattr(window.exports.exporter, "_ask", lambda _image: Future())
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.cancel_button.isVisible, timeout=WAIT)
    assert not dialog.export_button.isEnabled()
    qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    finished(dialog, qtbot)
    assert dialog.written.summary.text().startswith("Cancelled.")
    assert not list(out.glob("*.csv"))
    assert not list(out.glob("*.partial"))
    dialog.close()


@pytest.mark.slow
def test_closing_the_window_ends_an_export(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    dialog = ask(window, "export-list", out, {Format.PNG, Format.PDF})
    qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    dialog.close()
    window.close()
    assert not list(out.glob("*.partial"))


@pytest.mark.slow
def test_what_was_written_can_be_sent_on_and_nothing_is_sent_by_itself(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    dialog = ask(window, "export", out, {Format.STRUCTURED_REPORT, Format.CSV})
    press(dialog, qtbot)
    sent: list[tuple[object, str]] = []
    window.arrivals.send = lambda files, about="": sent.append((files, about))  # type: ignore
    qtbot.mouseClick(dialog.written.send_button, Qt.MouseButton.LeftButton)
    ((files, about),) = sent
    assert files == (out / "Zyzzyx-report.dcm",)
    assert "names" in about
    dialog.close()


@pytest.mark.slow
def test_what_a_blinded_reader_must_not_see_is_not_exported(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    window.reading.controller.set_reader("Adamantia Reader")
    window.commands["blinded"].trigger()
    qtbot.waitUntil(
        lambda: all(row.reading.sealed for row in window.worklist_model.rows if row.prediction
                    and row.prediction.call), timeout=WAIT,
    )  # fmt: skip
    dialog = ask(window, "export-list", out, {Format.CSV})
    assert dialog.left_out.isVisible()
    assert "blinded" in dialog.left_out.text()
    dialog.close()


@pytest.mark.slow
def test_the_picture_of_the_screen_without_identity(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    view = window.image_view
    plain = view_png(view, "model x", anonymous=False)
    view.set_regions((Region(RegionKind.RECTANGLE, ((10, 20), (60, 90)), "of Zyzzyx"),))
    marked = view_png(view, "model x", anonymous=False)
    anonymous = view_png(view, "model x", anonymous=True)
    assert anonymous == view_png(view, "model x", anonymous=True)
    seen, hidden, drawn = (
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        for data in (plain, anonymous, marked)
    )
    # Painted anew instead of from a kept picture, the edges of letters differ a little.
    assert cv2.absdiff(seen, hidden).max() <= 8
    assert cv2.absdiff(seen, drawn).max() > 60, "what was drawn by hand is on the screen"
    assert view_png(view, "model x", anonymous=False) == marked, "the window is as it was"


@pytest.mark.slow
def test_the_image_before_is_not_the_picture_of_the_next(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path
) -> None:
    open_and_score(folder)
    show(window, qtbot, "Zyzzyx.dcm")
    assert window.worklist.choose(window.worklist_model.rows[-1].item)
    assert window.image_view.radiograph.path.name == "Zyzzyx.dcm", "the next is still being read"
    assert window.exports._screen(window.exports._scopes()[0]) == {}


@pytest.mark.slow
def test_the_choice_is_kept_and_the_settings_page_says_where_to(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    page = ExportPage()
    qtbot.addWidget(page)
    page.load(window.settings)
    page.folder.set_path(str(out))
    page.deidentify.setChecked(True)
    page.bom.setChecked(False)
    page.apply(window.settings)
    window.commands["export-list"].trigger()
    dialog = window.exports.dialog
    assert dialog is not None
    assert dialog.folder.path == str(out)
    assert dialog.deidentify.isChecked()
    dialog.formats.tick(frozenset({Format.CSV}))
    dialog._follow()
    press(dialog, qtbot)
    assert (out / "opacity-review.csv").read_bytes().startswith(b"image,")
    dialog.close()
    window.commands["export-list"].trigger()
    assert dialog.formats.chosen() == {Format.CSV}, "the formats of the last time"
    dialog.close()


@pytest.mark.slow
def test_who_hides_identity_on_the_screen_is_offered_to_hide_it_in_files(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    window.commands["hide-identity"].trigger()
    window.commands["export-list"].trigger()
    dialog = window.exports.dialog
    assert dialog is not None
    assert dialog.deidentify.isChecked()
    dialog.set_folder(str(folder / "exports"))
    dialog.deidentify.setChecked(False)
    dialog.formats.tick(frozenset({Format.CSV}))
    dialog._follow()
    press(dialog, qtbot)
    said = dialog.errors.text.text()
    assert "being read" in said
    assert str(folder) not in said, "an error names no path either"
    window.commands["hide-identity"].trigger()
    dialog.close()


@pytest.mark.slow
def test_without_a_folder_or_a_format_nothing_can_be_exported(
    window: MainWindow, qtbot: QtBot, open_and_score: Open, folder: Path, out: Path
) -> None:
    open_and_score(folder)
    dialog = ask(window, "export-list", out, set())
    assert not dialog.export_button.isEnabled()
    qtbot.mouseClick(dialog.formats.boxes[Format.CSV], Qt.MouseButton.LeftButton)
    assert dialog.export_button.isEnabled()
    dialog.folder.set_path("")
    dialog._follow()
    assert not dialog.export_button.isEnabled()
    dialog.close()


@pytest.mark.slow
@pytest.mark.parametrize("by_key", [True, False])
def test_the_dialog_is_closed_by_escape_and_by_its_frame(
    window, mixed_folder, open_and_score, qtbot, tmp_path, by_key
):
    open_and_score(mixed_folder)
    dialog = ask(window, "export", tmp_path / "out", {Format.CSV})
    assert dialog.isVisible()
    dialog.question.show()
    if by_key:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.close()
    assert not dialog.isVisible()
    assert dialog.question.isHidden()
    window.commands["export"].trigger()
    assert dialog.isVisible()
    assert dialog.question.isHidden()
    dialog.close()


def test_files_that_are_no_dicom_stop_no_dicom_of_the_others_in_a_list(
    window: MainWindow, qtbot: QtBot, folder: Path, out: Path, open_and_score: Open
) -> None:
    open_and_score(folder)
    window.exports.export_list()
    dialog = window.exports.dialog
    assert dialog is not None
    box = dialog.formats.boxes[Format.STRUCTURED_REPORT]
    reason = dialog.formats.reasons[Format.STRUCTURED_REPORT]
    assert box.isEnabled()
    assert "For 1 of 4 images." in reason.text()
    dialog.formats.tick(frozenset({Format.STRUCTURED_REPORT}))
    dialog.set_folder(str(out))
    dialog.export_button.click()
    qtbot.waitUntil(lambda: dialog.written.isVisible(), timeout=WAIT)
    assert len(list(out.glob("*.dcm"))) == 1
    dialog.close()
