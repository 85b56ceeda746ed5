"""The settings: pages, keys that can be changed, what OK, Apply and Cancel do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
)

from app.core.base.errors import ReviewError
from app.gui.common.actions import Action
from app.gui.common.keymap import Keymap, default_keys
from app.gui.common.shortcuts_sheet import ShortcutsSheet
from app.gui.settings.pages.page import SettingsPage
from app.gui.settings.remembered import Settings
from app.gui.settings.settings_dialog import SettingsDialog

BUTTONS = QDialogButtonBox.StandardButton


class NamePage(SettingsPage):
    """A page of its own, with something that can be wrong."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.field = QLineEdit()
        self.add_row("Name", self.field, "No blanks.")

    def load(self, settings: Settings) -> None:
        self.field.setText(settings.text(self.title))

    def check(self) -> None:
        if " " in self.field.text():
            raise ReviewError("The name has a blank.", "A word was expected.", "Take it out.")

    def apply(self, settings: Settings) -> None:
        settings.set_text(self.title, self.field.text())


@pytest.fixture
def dialog(qtbot, opacity_home):
    made = SettingsDialog(Settings(), [NamePage("one"), NamePage("two")])
    qtbot.addWidget(made)
    made.present()
    return made


@pytest.fixture
def page(window):
    """The page "Keyboard" of the window's own dialog."""
    window.desk.show_settings("Keyboard")
    dialog = window.desk.dialog
    return dialog.pages[dialog.list.currentRow()]


def record(page, action_id: str, key: str) -> None:
    row = [action.id for action in page._keymap.actions].index(action_id)
    page.table.selectRow(row)
    page.recorder.setKeySequence(QKeySequence(key))


def test_ok_keeps_and_cancel_does_not(dialog, qtbot):
    kept = Settings()
    dialog.pages[0].field.setText("a")
    dialog.buttons.button(BUTTONS.Cancel).click()
    assert Settings().text("one") == ""
    dialog.present()
    assert dialog.pages[0].field.text() == ""
    dialog.pages[0].field.setText("b")
    with qtbot.waitSignal(dialog.applied):
        dialog.buttons.button(BUTTONS.Apply).click()
    assert dialog.isVisible()
    dialog.buttons.button(BUTTONS.Ok).click()
    assert not dialog.isVisible()
    kept._store.sync()
    assert kept.text("one") == "b"


def test_what_cannot_be_used_is_shown_on_its_page_and_nothing_is_kept(dialog):
    dialog.pages[0].field.setText("fine")
    dialog.pages[1].field.setText("not fine")
    dialog.buttons.button(BUTTONS.Ok).click()
    assert dialog.isVisible()
    assert dialog.list.currentRow() == 1
    assert "has a blank" in dialog.errors.text.text()
    assert Settings().text("one") == ""


def test_the_page_last_seen_comes_back(dialog):
    dialog.list.setCurrentRow(1)
    dialog.reject()
    dialog.present()
    assert dialog.list.currentRow() == 1
    dialog.present("one")
    assert dialog.list.currentRow() == 0


def test_every_page_of_the_window_has_a_name_and_words_for_its_fields(window):
    window.desk.show_settings()
    dialog = window.desk.dialog
    titles = [page.title for page in dialog.pages]
    assert len(set(titles)) == len(titles) >= 5
    for page in dialog.pages:
        kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QPlainTextEdit, QAbstractItemView)
        fields = [w for kind in kinds for w in page.findChildren(kind) if w.isVisibleTo(page)]
        fields = [w for w in fields if w.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        assert fields
        for field in fields:
            words = field.accessibleName() or getattr(field, "text", str)()
            assert words or page.form.labelForField(field), (page.title, field)


def test_settings_are_reached_and_walked_with_the_keyboard(window, qtbot):
    assert window.commands["settings"].shortcut() == QKeySequence("Ctrl+,")
    window.commands["settings"].trigger()
    dialog = window.desk.dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    first = dialog.list.currentRow()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.stack.currentIndex() == first + 1
    qtbot.keyClick(dialog.list, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


# Keys --------------------------------------------------------------------------------------


def test_a_key_is_changed_and_menus_tool_tips_and_sheet_follow(window, page):
    record(page, "invert", "Ctrl+J")
    assert not page.conflict.isVisible()
    page.use_button.click()
    assert window.commands["invert"].shortcut() == QKeySequence("I")  # not before OK
    window.desk.dialog.accept()
    action = window.commands["invert"]
    assert [s.toString() for s in action.shortcuts()] == ["Ctrl+J"]
    assert action.toolTip() == "Invert (Ctrl+J)"
    assert window.worklist.search.placeholderText().endswith("(/)")
    window.desk.show_keys()
    sheet = window.findChild(ShortcutsSheet)
    assert ("Invert", "Ctrl+J") in sheet.found()["Image"]


def test_the_changed_key_works_and_the_old_one_does_not(window, page, qtbot):
    record(page, "hide-identity", "F9")
    page.use_button.click()
    window.desk.dialog.accept()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(window.commands["hide-identity"].isChecked)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_I, control | shift)
    assert window.commands["hide-identity"].isChecked()


def test_a_conflict_names_its_command_and_can_be_taken_over(window, page):
    record(page, "invert", "N")
    assert "Next image" in page.conflict.text()
    assert page.use_button.text() == "Take it over"
    page.use_button.click()
    window.desk.dialog.accept()
    assert window.commands["next"].shortcuts() == []
    assert window.commands["invert"].shortcut() == QKeySequence("N")
    every = [key for keys in window.desk.keymap.all_keys().values() for key in keys]
    assert len(every) == len(set(every))


def test_keys_of_lists_and_views_are_refused(page):
    record(page, "invert", "Down")
    assert not page.use_button.isEnabled()
    assert "walks through lists" in page.conflict.text()


@pytest.mark.slow
def test_one_or_all_keys_are_reset(window, page):
    for action, key in (("invert", "Ctrl+J"), ("fit", "Ctrl+K")):
        record(page, action, key)
        page.use_button.click()
    page.table.selectRow([a.id for a in page._keymap.actions].index("invert"))
    page.reset_button.click()
    assert page._keys["invert"] == ("I",)
    assert page._keys["fit"] == ("Ctrl+K",)
    page.none_button.click()
    assert page._keys["invert"] == ()
    page.reset_all_button.click()
    window.desk.dialog.accept()
    assert window.desk.keymap.all_keys() == {
        action.id: default_keys(action) for action in window.command_list
    }


def test_a_reset_does_not_take_a_key_back_from_another_command(page):
    record(page, "invert", "N")
    page.use_button.click()
    page.table.selectRow([a.id for a in page._keymap.actions].index("next"))
    page.reset_button.click()
    assert "N" not in page._keys["next"]
    assert page._keys["invert"] == ("N",)


def test_the_table_is_searched_by_command_and_by_key(page):
    page.search.setText("invert")
    shown = [r for r in range(page.table.rowCount()) if not page.table.isRowHidden(r)]
    assert [page.table.item(row, 0).text() for row in shown] == ["Invert"]
    page.search.setText("F11")
    assert not page.table.isRowHidden([a.id for a in page._keymap.actions].index("full-screen"))


def test_keys_come_back_after_a_restart(opacity_home):
    actions = [Action("a", "A", print, "Ctrl+A, F2"), Action("b", "B", print, "B")]
    Keymap(actions, Settings()).keep({"a": (",", "."), "b": ()})
    again = Keymap(actions, Settings())
    assert again.all_keys() == {"a": (",", "."), "b": ()}
    again.keep({"a": ("Ctrl+A", "F2"), "b": ("B",)})
    assert Settings().text("keys/a") == ""
    assert Keymap(actions, Settings()).all_keys() == {"a": ("Ctrl+A", "F2"), "b": ("B",)}


def test_the_sheet_is_grouped_searched_and_fits_a_small_screen(window, qtbot):
    window.desk.show_keys()
    sheet = window.findChild(ShortcutsSheet)
    assert sheet.width() <= 1280
    assert sheet.height() <= 800
    everything = sheet.found()
    assert {"File", "Image", "View", "Mouse on the image"} <= set(everything)
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert {row[0] for rows in everything.values() for row in rows} <= shown
    sheet.search.setText("zoom wheel")
    assert sheet.found() == {"Mouse on the image": [("Zoom at the cursor", "Wheel")]}
    sheet.search.setText("no such thing")
    qtbot.wait(1)  # what was shown is deleted in the event loop
    assert "Nothing of that name or key." in {x.text() for x in sheet.findChildren(QLabel)}


def test_no_two_commands_share_a_key_from_the_start(window):
    keys = [key for keys in window.desk.keymap.all_keys().values() for key in keys]
    assert len(keys) == len(set(keys))
