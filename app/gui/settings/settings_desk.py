"""Connects to the window what is set once for all of it: settings, hidden identity, full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from app.core.base.translation import tr
from app.gui.common.actions import menu_title, plain_title, set_keys
from app.gui.common.appearance import Appearance
from app.gui.common.gestures import gestures
from app.gui.common.keymap import Keymap, native
from app.gui.common.privacy import privacy
from app.gui.common.shortcuts_sheet import ShortcutsSheet
from app.gui.common.theme import named
from app.gui.settings.pages import make_pages
from app.gui.settings.settings_dialog import SettingsDialog

_HIDDEN = "hide-identity"

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class SettingsDesk(QObject):
    """What the window's commands for settings and identity do.

    Parameters
    ----------
    window
        Its settings, and where the dialog belongs.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: SettingsDialog | None = None
        """Made when it is first asked for."""
        self.keymap = Keymap([], window.settings)
        self.identity_sign = self._make_identity_sign()
        window.statusBar().addPermanentWidget(self.identity_sign)
        model = window.worklist_model
        privacy.number_of, privacy.known_words = model.number_of, model.known.identity_words
        privacy.set_hidden(False)

    def take_commands(self) -> None:
        """Give the window's commands, which are made by now, their keys."""
        self.keymap = Keymap(self._window.command_list, self._window.settings)
        self._give_keys()
        self._window.commands["hide-identity"].setChecked(
            self._window.settings.flag(_HIDDEN, False)
        )

    def show_settings(self, title: str = "") -> None:
        """Tools > Settings, on a certain page or the last one."""
        if self.dialog is None:
            window = self._window
            self.dialog = SettingsDialog(window.settings, make_pages(window), window)
            self.dialog.applied.connect(self._applied)
        self.dialog.present(title)

    def show_keys(self) -> None:
        """Help > Keyboard shortcuts."""
        sheet = ShortcutsSheet(self._all_keys(), self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.change_button.clicked.connect(sheet.close)
        sheet.change_button.clicked.connect(lambda: self.show_settings(tr("Keyboard")))
        sheet.open()

    def _make_identity_sign(self) -> QLabel:
        sign = named(QLabel(tr("Identity hidden")), "sign")
        sign.setToolTip(
            tr(
                "Names, IDs, dates, file names and paths are hidden. Text that is burned into the "
                "pixels cannot be hidden, nor what the system's own file dialogs show."
            )
        )
        sign.setAccessibleDescription(sign.toolTip())
        sign.hide()
        return sign

    def _all_keys(self) -> dict[str, list[tuple[str, str]]]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for action in self.keymap.actions:
            if keys := self.keymap.keys(action):
                title = menu_title(action.menu).replace("&", "")
                row = (plain_title(action), tr(" or ").join(map(native, keys)))
                groups.setdefault(title, []).append(row)
        return groups | gestures()

    def _give_keys(self) -> None:
        for action in self.keymap.actions:
            set_keys(self._window.commands[action.id], action, self.keymap.keys(action))
        window = self._window
        search = tr("Filter by name or patient ID")
        window.worklist.search.setPlaceholderText(search + self._hint("filter"))
        stop = tr("Stop; what has been scored stays")
        window.status_line.cancel_button.setToolTip(stop + self._hint("cancel"))
        weaker, stronger = self._hint("less-overlay"), self._hint("more-overlay")
        window.opacity.slider.setToolTip(tr("Heatmap opacity") + weaker + stronger)

    def _hint(self, command: str) -> str:
        """The first key of a command in brackets, as a tool tip ends; empty for none."""
        keys = self._window.commands[command].shortcuts()
        native = QKeySequence.SequenceFormat.NativeText
        return f" ({keys[0].toString(native)})" if keys else ""

    def _applied(self) -> None:
        self._dress()
        self._give_keys()
        self._window.reading.follow_settings()

    def _dress(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        Appearance.of(application).choose(self._window.settings.text("theme"))

    def hide_identity(self, hidden: bool) -> None:
        """View > Hide identity: remembered, so that nothing shows up at the next start."""
        privacy.set_hidden(hidden)
        self._window.settings.set_flag(_HIDDEN, hidden)
        self.identity_sign.setVisible(hidden)
        # What is searched for may be a name.
        modes = QLineEdit.EchoMode
        self._window.worklist.search.setEchoMode(modes.Password if hidden else modes.Normal)

    def full_screen(self, full: bool) -> None:
        """View > Full screen: and back to what it was."""
        if full != self._window.isFullScreen():
            self._window.setWindowState(
                self._window.windowState() ^ self._window.windowState().WindowFullScreen
            )
