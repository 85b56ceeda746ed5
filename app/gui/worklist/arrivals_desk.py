"""Connects to the window what arrives by itself: watched folders and the receiver's inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.core.base.errors import ReviewError
from app.core.base.events import Event, ImageReceived, ReceiverReady, SenderRefused
from app.core.base.translation import tr
from app.core.worklist.inbox import inbox_dir
from app.gui.common.privacy import privacy
from app.gui.network.listening_sign import ListeningSign
from app.gui.network.send_dialog import SendDialog
from app.gui.worklist.arrivals_controller import ArrivalsController
from app.jobs.folder_watcher import FolderWatcher
from app.jobs.listening_process import ListeningProcess
from app.network.config import Listening, NetworkConfig, Node, load, save

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

WATCH = "watch-folders"
"""The setting: whether opened folders are watched."""

_NOTICE_MS = 1500
_LOOK_MS = 1000


def refusal_words(reason: str) -> str:
    """Why a sender was turned away, in words for the person."""
    return {
        "association": tr("it is not among the allowed callers, or asked for another AE title"),
        "caller": tr("it does not call from the address that was agreed"),
        "tls": tr("it does not speak TLS as expected, or has no certificate that is trusted"),
        "pace": tr("it sent too many images within a minute"),
        "room": tr("the image is too large, or the disk is nearly full"),
        "disk": tr("the image could not be written to the disk"),
        "object": tr("what it sent is no valid image; it is kept aside in the quarantine folder"),
    }.get(reason, reason)


class ArrivalsDesk(QObject):
    """Watches what is open, listens when the person wants it, opens the inbox.

    Parameters
    ----------
    window
        Its list, its service, its status bar.

    Signals
    -------
    state_changed()
        Listening began, ended or failed; ``state_words`` tells.
    nodes_changed()
        There are other nodes to send to.
    """

    state_changed = Signal()
    nodes_changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.process = ListeningProcess(self)
        self.watcher = FolderWatcher(self)
        self.controller = ArrivalsController(window.review, window.service, window.controller)
        self.sign = ListeningSign()
        window.statusBar().addPermanentWidget(self.sign)
        self.problem: ReviewError | None = None
        """Why it does not listen although it should."""
        self.last_refusal = ""
        self._unseen = 0
        self._told = ""
        self._again = self._showing = False
        self._paths: list[str | Path] = []
        self._away = ""
        """What is said of folders that cannot be reached."""
        self._notice = QTimer(self, singleShot=True, interval=_NOTICE_MS)
        self._notice.timeout.connect(self._tell_unseen)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look.timeout.connect(self.watcher.look_now)
        window.service.opening.connect(self._opening)
        window.service.scan_finished.connect(self._scanned)
        self.watcher.added.connect(self.controller.added)
        self.watcher.changed.connect(self.controller.changed)
        self.watcher.gone.connect(self.controller.gone)
        self.watcher.unreachable.connect(self._tell_unreachable)
        self.process.said.connect(self._hear)
        self.process.finished.connect(self._ended)
        self.sign.clicked.connect(self.open_inbox)

    # What the person does -------------------------------------------------------------------

    def start(self) -> None:
        """The window is on the screen: listen, where the person has left it on."""
        config = load()
        for problem in config.problems:
            self._window.notifications.notice(problem)
        if config.listening.on:
            self._listen()
        self._show_state()

    def toggle(self, on: bool) -> None:
        """Tools > Listen for new images; kept for the next start."""
        if self._showing:
            return  # the command only follows the state
        config = load()
        self._keep(replace(config, listening=replace(config.listening, on=on)))
        if on:
            self._listen()
        else:
            self.problem = None
            self._again = False
            self.process.stop()
        self._show_state()

    def use(self, listening: Listening) -> None:
        """Listen like this from now on; watch folders, or do not, as the settings say."""
        before = load()
        if before.listening != listening:
            self._keep(replace(before, listening=listening))
        if before.listening != listening or self.problem is not None:
            self.problem = None
            if self.process.running:
                self._again = listening.on
                self.process.stop()
            elif listening.on:
                self._listen()
        if self._window.settings.flag(WATCH, True):
            if not self.watcher.watching and self._paths:
                self._watch()
        else:
            self.watcher.stop()
        self._show_state()

    def use_nodes(self, nodes: tuple[Node, ...]) -> None:
        """Keep where exports can be sent to."""
        self._keep(replace(load(), nodes=nodes))
        self.nodes_changed.emit()

    def open_inbox(self) -> None:
        """File > Open inbox."""
        try:
            inbox_dir().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._window.notifications.error(_not_kept(error))
            return
        self._window.open([str(inbox_dir())])

    def send(self, files: Sequence[Path], about: str = "") -> SendDialog:
        """Offer to send DICOM files to a node; nothing is sent before the person says so.

        Parameters
        ----------
        files
            What to send.
        about
            A word of caution about it, translated; empty for none.
        """
        settings = self._window.desk
        dialog = SendDialog(
            files, lambda: settings.show_settings(tr("DICOM nodes")), self._window, about
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.nodes_changed.connect(dialog.load_nodes)
        dialog.open()
        return dialog

    def close(self) -> None:
        """The window closes."""
        self._notice.stop()
        self._look.stop()
        self.process.close()
        self.watcher.close()

    # What goes on ---------------------------------------------------------------------------

    @property
    def state_words(self) -> str:
        """Whether it listens, and where, or why not."""
        ready = self.process.ready
        if self.problem is not None:
            return f"{self.problem.what} {self.problem.fix}".strip()
        if ready is not None and not self.process.stopping:
            return tr(
                "Listening on {address}, port {port}, as {title}.",
                address=ready.address,
                port=ready.port,
                title=ready.title,
            )
        if self.process.stopping:
            return tr("Stopping…")
        return tr("Starting to listen…") if self.process.running else tr("Not listening.")

    def _keep(self, config: NetworkConfig) -> None:
        try:
            save(config)
        except OSError as error:
            self._window.notifications.error(_not_kept(error))

    def _listen(self) -> None:
        self.problem = None
        try:
            if self.process.stopping:
                self._again = True
            elif not self.process.running:
                self.process.start()
        except ReviewError as error:
            self._fail(error)

    def _hear(self, event: Event) -> None:
        if isinstance(event, ReceiverReady):
            self._show_state()
        elif isinstance(event, SenderRefused):
            self.last_refusal = tr(
                "Turned away: {sender}, because {reason}.",
                sender=event.sender,
                reason=refusal_words(event.reason),
            )
            self._show_state()
        elif isinstance(event, ImageReceived) and (not event.twice):
            if self._inbox_is_open:
                if not self._look.isActive():
                    self._look.start()
            else:
                self._unseen += 1
                if not self._notice.isActive():
                    self._notice.start()

    def _ended(self, error: ReviewError | None) -> None:
        if self._again:
            self._again = False
            self._listen()
        elif error is not None:
            self._fail(error)
        self._show_state()

    def _fail(self, error: ReviewError) -> None:
        self.problem = error
        self._window.notifications.error(error)
        self._show_state()

    def _show_state(self) -> None:
        listening = self.process.ready is not None and not self.process.stopping
        words = [self.state_words, self.last_refusal, tr("Click to open the inbox.")]
        self.sign.show_state(listening, self._unseen, "\n".join(filter(None, words)))
        if (command := self._window.commands.get("listen")) is not None:
            self._showing = True
            command.setChecked(self._again or (self.process.running and not self.process.stopping))
            self._showing = False
        self.state_changed.emit()

    def _tell_unseen(self) -> None:
        self._show_state()
        words = (
            tr("One new image is in the inbox (File, Open inbox).")
            if self._unseen == 1
            else tr("{count} new images are in the inbox (File, Open inbox).", count=self._unseen)
        )
        # Once until the inbox is opened: a bar that comes with each image would push the one in
        # view up and down. The sign in the status bar goes on counting.
        if self._withdraw_notice() or not self._told:
            self._told = words
            self._window.notifications.notice(words)

    def _withdraw_notice(self) -> bool:
        """Take the notice away where it is in sight; whether it was."""
        bar = self._window.notice_bar
        shown = bool(self._told) and bar.shown is not None and bar.shown.what == self._told
        if shown:
            bar.next()
        return shown

    # The watched folders --------------------------------------------------------------------

    @property
    def _inbox_is_open(self) -> bool:
        inbox = inbox_dir().resolve()
        return any(inbox.is_relative_to(Path(path).resolve()) for path in self._paths)

    def _opening(self, paths: list[str | Path]) -> None:
        """Nothing of the folder before may come into the new list."""
        self.watcher.stop()
        self._paths = paths
        if self._inbox_is_open:
            self._unseen = 0
            self._notice.stop()
            self._withdraw_notice()
            self._told = ""
            self._show_state()

    def _scanned(self, _count: int) -> None:
        if self._window.settings.flag(WATCH, True):
            self._watch()

    def _watch(self) -> None:
        self.watcher.watch(self._paths, self._window.service.scanned)

    def _tell_unreachable(self, folders: tuple[str, ...]) -> None:
        self._window.notice_bar.withdraw(self._away)
        self._away = ""
        if not folders:
            self._window.notifications.notice(tr("The folder can be reached again."))
            self.controller.back()
            return
        self._away = tr(
            "{folder} cannot be reached any more.", folder=", ".join(map(privacy.path, folders))
        )
        self._window.notifications.error(
            ReviewError(
                self._away,
                tr("The list stays as it is; nothing of what you did is lost."),
                tr("Check the drive or the network; Opacity goes on looking for it."),
            )
        )


def _not_kept(error: OSError) -> ReviewError:
    return ReviewError(
        tr("Opacity's own folder cannot be written: {reason}.", reason=error.strerror or ""),
        tr("Settings and received images are kept there."),
        tr("Check the disk and the permissions."),
    )
