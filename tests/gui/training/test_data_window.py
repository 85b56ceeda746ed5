"""The real section and the real look at the images, driven as a person would."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from app.gui.application import make_application
from app.gui.training.data_section import DataSection
from app.training.data.layout import DataSource

WAIT = 20_000


def fill(folder, count, first=0, size=(120, 96)):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        small = np.random.default_rng(number).integers(0, 255, (8, 8)).astype(np.uint8)
        image = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(folder / f"person{number}_virus_1.png"), image)


@pytest.fixture
def section(qtbot):
    make_application()
    section = DataSection(lambda: False)
    section.resize(340, 700)
    qtbot.addWidget(section)
    section.show()
    yield section
    section.shutdown()


@pytest.fixture
def divided(tmp_path):
    for place, (split, count) in enumerate((("train", 20), ("test", 10))):
        fill(tmp_path / split / "NORMAL", count, first=200 * place)
        fill(tmp_path / split / "PNEUMONIA", 2 * count, first=200 * place + 100)
    fill(tmp_path / "test" / "NORMAL", 1, first=0)  # the patient and picture of train's first
    (tmp_path / "train" / "NORMAL" / "broken.png").write_bytes(b"no image")
    return tmp_path


def choose(section, qtbot, folder, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    qtbot.mouseClick(section.choose_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not section.controller.counting, timeout=WAIT)


def look(section, qtbot):
    window = section.window_of_data
    qtbot.mouseClick(section.inspect_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.samples.count() > 0 or window.problems.isVisible(), timeout=WAIT)
    return window


def tree(window):
    tops = [window.findings.topLevelItem(i) for i in range(window.findings.topLevelItemCount())]
    return {top.text(0): [top.child(i).text(0) for i in range(top.childCount())] for top in tops}


def test_look_at_a_divided_folder(section, qtbot, divided, monkeypatch):
    choose(section, qtbot, divided, monkeypatch)
    assert "test is never trained on" in section.cautions.text()
    warning = "1 patient stands on both sides of the ready-made split, in test"
    assert warning in section.cautions.text()  # by the names alone
    window = look(section, qtbot)
    assert window.isVisible()
    assert window.headline.text() == "92 images, 2 classes, 90 known patients"
    assert window.counts.texts() == [
        ["NORMAL", "21 (34.4 %)", "11 (35.5 %)", "32", "34.8 %"],
        ["PNEUMONIA", "40 (65.6 %)", "20 (64.5 %)", "60", "65.2 %"],
        ["All", "61", "31", "92", "100.0 %"],
    ]
    assert "NORMAL train 21, NORMAL test 11" in window.plot.accessibleName()
    assert window.sizes.texts()[0] == ["NORMAL", "120, 120, 120", "96, 96, 96", "1.25, 1.25, 1.25"]
    told = tree(window)
    assert told["Files that cannot be read: 1"][0].startswith("train/NORMAL/broken.png: The file")
    assert told["Groups of exact copies: 1"] == [
        "in train and test: test/NORMAL/person0_virus_1.png, train/NORMAL/person0_virus_1.png"
    ]
    assert told["Groups of near copies: none"] == []
    assert len(told["Patients on both sides of the ready-made split: 1"]) == 1
    # The warnings are in the training panel, too, before anybody starts.
    assert warning in window.warnings.text()
    assert "1 group of copies stands on both sides" in window.warnings.text()
    assert section.cautions.text() == window.warnings.text()
    assert section.cautions.isVisible()


def test_another_sample_is_another_one(section, qtbot, tmp_path, monkeypatch):
    fill(tmp_path / "NORMAL", 60)
    fill(tmp_path / "PNEUMONIA", 60, first=100)
    choose(section, qtbot, tmp_path, monkeypatch)
    window = look(section, qtbot)

    def names():
        return [window.samples.item(i).toolTip() for i in range(window.samples.count())]

    first = names()
    assert len(first) == 16
    assert [name.split("/")[0] for name in first] == ["NORMAL"] * 8 + ["PNEUMONIA"] * 8
    assert not window.samples.item(0).icon().isNull()
    qtbot.mouseClick(window.sample_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names() != first, timeout=WAIT)
    # Shown again, it is not read again.
    window.close()
    qtbot.mouseClick(section.inspect_button, Qt.MouseButton.LeftButton)
    assert window.counts.rowCount() == 3
    assert window.progress.isHidden()


@pytest.mark.slow
def test_stop_and_look_again(section, qtbot, tmp_path, monkeypatch):
    fill(tmp_path / "NORMAL", 60, size=(900, 700))
    fill(tmp_path / "PNEUMONIA", 60, first=100, size=(900, 700))
    choose(section, qtbot, tmp_path, monkeypatch)
    window = section.window_of_data
    qtbot.mouseClick(section.inspect_button, Qt.MouseButton.LeftButton)
    assert window.stop_button.isVisible()
    qtbot.mouseClick(window.stop_button, Qt.MouseButton.LeftButton)
    assert "The look was stopped." in window.errors.text.text()
    assert not window.body.isVisible()
    with qtbot.waitSignal(window.found, timeout=WAIT):
        qtbot.mouseClick(window.again_button, Qt.MouseButton.LeftButton)
    assert not window.errors.isVisible()
    assert window.body.isVisible()


def test_a_closed_window_stops_reading(section, qtbot, divided, monkeypatch):
    choose(section, qtbot, divided, monkeypatch)
    window = section.window_of_data
    qtbot.mouseClick(section.inspect_button, Qt.MouseButton.LeftButton)
    with qtbot.assertNotEmitted(window.found, wait=500):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_only_unreadable_files_are_an_error_in_both_places(section, qtbot, tmp_path, monkeypatch):
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / name).mkdir()
        for number in range(12):
            (tmp_path / name / f"{number}.png").write_bytes(b"no image")
    choose(section, qtbot, tmp_path, monkeypatch)
    assert not section.errors.isVisible()
    window = look(section, qtbot)
    assert "None of the images can be used (in all: 24)." in window.problems.text.text()
    assert "None of the images can be used (in all: 24)." in section.errors.text.text()
    assert not window.sample_button.isEnabled()


def test_other_classes_are_asked_for_and_the_answer_is_remembered(
    section, qtbot, tmp_path, monkeypatch
):
    for place, name in enumerate(("COVID-19", "Healthy", "Odd")):
        fill(tmp_path / name, 12, first=100 * place)
    choose(section, qtbot, tmp_path, monkeypatch)
    assert list(section.mapping.choices) == ["COVID-19", "Healthy", "Odd"]
    assert section.mapping.isVisible()
    for name, said in (("COVID-19", "PNEUMONIA"), ("Healthy", "NORMAL"), ("Odd", "Leave out")):
        box = section.mapping.choices[name]
        box.setFocus()
        box.setCurrentText(said)
        box.activated.emit(box.currentIndex())
        qtbot.waitUntil(lambda: not section.controller.counting, timeout=WAIT)
    mapping = {"COVID-19": "PNEUMONIA", "Healthy": "NORMAL", "Odd": ""}
    assert section.controller.source == DataSource(tmp_path, mapping=mapping)
    assert [section.balance.item(row, 0).text() for row in (0, 1)] == ["NORMAL", "PNEUMONIA"]
    assert section.controller.reviewable
    assert not section.cautions.isVisible()

    again = DataSection(lambda: False)
    qtbot.addWidget(again)
    again.controller.open()
    qtbot.waitUntil(lambda: not again.controller.counting, timeout=WAIT)
    assert again.mapping.mapping() == mapping
    assert again.mapping.choices["Healthy"].currentText() == "NORMAL"
    again.shutdown()


def test_a_csv_of_labels_is_chosen_and_cleared(section, qtbot, tmp_path, monkeypatch):
    fill(tmp_path / "data" / "all", 24)
    names = [f"all/person{number}_virus_1.png" for number in range(24)]
    table = tmp_path / "labels.csv"
    table.write_text(
        "path,label\n" + "".join(f"{n},{('A', 'B')[i % 2]}\n" for i, n in enumerate(names))
    )
    choose(section, qtbot, tmp_path / "data", monkeypatch)
    assert "only one class, all" in section.errors.text.text()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    qtbot.mouseClick(section.labels.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: section.controller.ready or section.errors.isVisible(), timeout=WAIT)
    assert section.balance.item(1, 0).text() == "B"
    assert section.labels.button.text() == "Clear"
    table.write_text("path,label\ngone.png,A\n")
    qtbot.mouseClick(section.labels.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not section.controller.counting, timeout=WAIT)
    assert "only one class, all" in section.errors.text.text()
    qtbot.mouseClick(section.labels.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not section.controller.counting, timeout=WAIT)
    assert "1 row naming a file that is not there (line 2)" in section.errors.text.text()
    # Without a table that can be read there is nothing to look at.
    assert not section.inspect_button.isEnabled()


def test_many_classes_with_long_names_stay_apart(section, qtbot, tmp_path, monkeypatch):
    for number in range(23):
        fill(tmp_path / f"A class with a long name {number:02}", 2, first=10 * number)
    choose(section, qtbot, tmp_path, monkeypatch)
    labels = [section.mapping.layout().itemAt(1).itemAt(2 * n).widget().text() for n in range(20)]
    assert len(set(labels)) == 20
    assert max(map(len, labels)) == 20
    assert "Further classes, which keep their names: 3." in [
        label.text() for label in section.mapping.findChildren(QLabel)
    ]
    window = look(section, qtbot)
    assert window.counts.rowCount() == 24
    qtbot.waitUntil(lambda: window.samples.count() == 46, timeout=WAIT)
    assert window.plot.getAxis("bottom").labelText == "Classes in the order of the table"


def test_everything_is_reached_by_keyboard_and_named(section, qtbot, divided, monkeypatch):
    choose(section, qtbot, divided, monkeypatch)
    window = look(section, qtbot)
    for button in (section.choose_button, section.labels.button, section.inspect_button):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.text() or button.accessibleName()
    for widget in (window.samples, window.findings):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert widget.accessibleName()
    assert section.labels.button.accessibleName() == "Classes from a CSV"
