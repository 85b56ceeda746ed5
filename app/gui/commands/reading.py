"""The menu "Reading": verdicts, one key each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.core.base.translation import tr
from app.core.reading.verdicts import Agreement
from app.gui.common.actions import Action

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


def reading_commands(window: MainWindow) -> list[Action]:
    """What a reader says of an image."""
    desk, menu = window.reading, "Reading"
    controller = desk.controller
    return [
        Action("agree", tr("Agree"), partial(controller.judge, Agreement.AGREE), "A", menu,
               "verdict-agree"),
        Action("disagree", tr("Disagree"), partial(controller.judge, Agreement.DISAGREE), "D",
               menu, "verdict-disagree"),
        Action("unsure", tr("Unsure"), partial(controller.judge, Agreement.UNSURE), "U", menu,
               "verdict-unsure"),
        Action("label-pneumonia", tr("My label: pneumonia"), desk.label_pneumonia, "Shift+P",
               menu, separator=True),
        Action("label-normal", tr("My label: normal"), desk.label_normal, "Shift+N", menu),
        Action("acknowledge", tr("Acknowledge that the file cannot be read"),
               controller.acknowledge, "Shift+A", menu),
        Action("key-image", tr("Key image"), controller.toggle_key, "K", menu, "key-image"),
        Action("note", tr("Write a note"), desk.write_note, "Ctrl+Return", menu, "note"),
        Action("next-unread", tr("Next unread image"), desk.next_image, "J", menu,
               "next-unread", separator=True),
        Action("undo-verdict", tr("Undo verdict"), controller.undo, "Ctrl+Z", menu, "undo"),
        Action("redo-verdict", tr("Redo verdict"), controller.redo, "Ctrl+Shift+Z", menu, "redo"),
        Action("blinded", tr("Blinded: judge before the network is shown"), desk.set_blinded,
               "Ctrl+B", menu, checkable=True, separator=True),
        Action("reader", tr("Who reads…"), controller.ask_reader, "", menu),
    ]  # fmt: skip
