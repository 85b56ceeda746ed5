"""Connects reading to the window: the panel, the worklist, the image, the verdicts' thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from app.core.base.errors import ReviewError
from app.core.base.translation import mark, tr
from app.core.model.results import Call, Prediction
from app.core.reading.verdicts import Act, ImageIdentity, Region, VerdictEntry
from app.core.worklist.scan import Item
from app.gui.common.privacy import privacy
from app.gui.common.theme import named
from app.gui.verdict.reader_dialog import ReaderDialog
from app.gui.verdict.reading_controller import ReadingController
from app.gui.verdict.reading_protocols import ReadingState
from app.gui.verdict.text import label_words
from app.gui.verdict.verdict_bar import VerdictBar
from app.gui.worklist.column_menu import ColumnMenu
from app.jobs.uid_finder import UidFinder
from app.jobs.verdict_service import VerdictService
from app.review.verdicts.history import VerdictHistory
from app.review.verdicts.store import default_path

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

READER_KEY, READERS_KEY = "reader", "readers"
BLINDED_KEY, ADVANCE_KEY = "reading-blinded", "reading-advance"
PATH_KEY = "verdicts-path"
REASONS = (
    mark("Image quality"),
    mark("Rotated or badly positioned"),
    mark("Device or artefact"),
    mark("Old or known change"),
    mark("Other finding"),
)
_KEYED = (
    *("agree", "disagree", "unsure", "label-pneumonia", "label-normal", "key-image", "note"),
    "acknowledge",
)


class ReadingDesk(QObject):
    """The ``ReadingView`` of the reading controller.

    Parameters
    ----------
    window
        Its worklist, image and prediction; made before its docks and commands.
    """

    reader_changed = Signal()
    """Somebody else reads from now on, and sees what is in sight."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._review = window.review
        self.service = VerdictService(self)
        self.uids = UidFinder(self)
        self.controller = ReadingController(self, self.service)
        self.path: Path | None = None
        """Where the verdicts lie, when the command line says so."""
        self.bar = VerdictBar()
        self.panel = named(QWidget(), "panel")
        layout = QVBoxLayout(self.panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(window.prediction_panel, 1)
        layout.addWidget(self.bar)
        self._review.worklist_model.known.read = self.controller.row_reading
        self.columns = ColumnMenu(window.worklist.table, window.settings)
        self._dialog: ReaderDialog | None = None
        self.question: QMessageBox | None = None
        """What to do about a database that cannot be used."""
        self._opened_path: Path | None = None
        self._closing = self._leaving = False
        self._connect()

    def _connect(self) -> None:
        window, controller, bar = self._window, self.controller, self.bar
        # First of all: what must not be seen is hidden before the other controller shows it.
        window.worklist.item_chosen.connect(self._choose)
        window.review.about_to_clear.connect(self._leave_list)
        window.review.image_expected.connect(controller.expect)
        window.service.image_ready.connect(lambda _number, image: controller.shown(image))
        window.service.image_failed.connect(lambda _number, _error: self._failed_image())
        window.service.scan_finished.connect(self._find_uids)
        window.image_view.regions_changed.connect(controller.set_regions)
        self.uids.found.connect(window.worklist_model.know)
        self.uids.found.connect(lambda _found: controller.scored())
        bar.judged.connect(controller.judge)
        bar.labelled.connect(controller.label)
        bar.reasoned.connect(controller.set_reason)
        bar.noted.connect(controller.set_note)
        bar.key_wanted.connect(controller.toggle_key)
        bar.reader_wanted.connect(controller.ask_reader)
        bar.acknowledged.connect(controller.acknowledge)
        bar.left.connect(self._focus_list)
        service = self.service
        service.opened.connect(self._opened)
        service.not_opened.connect(self._not_opened)
        service.ailing.connect(self._ailing)
        service.arrived.connect(controller.arrived)
        service.saved.connect(self._saved)
        service.not_saved.connect(self._not_saved)
        service.identified.connect(controller.identified)

    # From the window ------------------------------------------------------------------------

    def take_commands(self) -> None:
        """The window's commands are made by now."""
        window = self._window
        # After the review controller: it shows the scores, this one says who sees them.
        window.service.scored.connect(lambda _scored: self.controller.scored())
        window.service.heatmap_ready.connect(lambda *_: self.controller.scored())
        for name in (*_KEYED, "undo-verdict", "redo-verdict"):
            # A key that is held too long would judge image after image.
            window.commands[name].setAutoRepeat(False)
        window.commands["blinded"].setChecked(window.settings.flag(BLINDED_KEY, False))
        self.name_keys()

    def name_keys(self) -> None:
        """The keys in the tool tips, which the person may have changed."""
        native = QKeySequence.SequenceFormat.NativeText
        commands = self._window.commands
        self.bar.show_keys({name: commands[name].shortcut().toString(native) for name in _KEYED})

    def start(self) -> None:
        """Open the verdicts, in their own thread."""
        settings = self._window.settings
        self.controller.advance = settings.flag(ADVANCE_KEY, True)
        self.controller.set_reader(settings.text(READER_KEY))
        self.service.start()
        self._open()

    def can_leave(self) -> bool:
        """Whether everything is on disk; otherwise the window closes once it is, or is told to."""
        self.bar.flush()
        self.controller.keep_draft()
        if self._leaving:
            return True
        if self.controller.saving:
            self._closing = True
            return False
        if not self.controller.unsaved:
            return True
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            tr("Verdicts"),
            tr("Verdicts that are not saved: {count}.", count=self.controller.unsaved),
            parent=self._window,
        )
        box.setInformativeText(tr("Why is told in the window. Leave, and they are lost."))
        box.addButton(tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton(tr("Leave without them"), QMessageBox.ButtonRole.DestructiveRole)
        leave.clicked.connect(self._leave)
        self.question = box
        box.open()
        return False

    def _leave(self) -> None:
        self._leaving = True
        self._window.close()

    def stop(self) -> None:
        """End the thread, once it has written everything."""
        self.uids.close()
        self.service.close()

    @property
    def place(self) -> Path:
        """Where the verdicts lie."""
        chosen = self._window.settings.text(PATH_KEY)
        return self.path or (Path(chosen) if chosen else default_path())

    def follow_settings(self) -> None:
        """Settings were applied."""
        settings = self._window.settings
        self.controller.advance = settings.flag(ADVANCE_KEY, True)
        self._window.commands["blinded"].setChecked(settings.flag(BLINDED_KEY, False))
        reader = settings.text(READER_KEY)
        if reader:
            self.set_reader(reader)
        if self.place != self._opened_path:
            self._open()
        self.name_keys()

    # What the person does -------------------------------------------------------------------

    def set_reader(self, reader: str) -> None:
        """Who reads from now on, and at the next start; empty for an answer that was none."""
        self._dialog = None
        if reader:
            settings = self._window.settings
            settings.set_text(READER_KEY, reader)
            settings.set_text(READERS_KEY, "\n".join(dict.fromkeys((reader, *self._readers()))))
            settings.save()
        self.controller.set_reader(reader)
        self.reader_changed.emit()

    def set_blinded(self, blinded: bool) -> None:
        """Reading > Blinded."""
        self._window.settings.set_flag(BLINDED_KEY, blinded)
        self._window.worklist_model.blinded = blinded
        self.controller.set_blinded(blinded)

    def write_note(self) -> None:
        """Put the cursor into the note."""
        self.bar.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def next_image(self) -> None:
        """Reading > Next unread."""
        self.controller.go_on()

    def label_pneumonia(self) -> None:
        """Reading > My label: pneumonia."""
        self.controller.label(Call.PNEUMONIA.value)

    def label_normal(self) -> None:
        """Reading > My label: normal."""
        self.controller.label(Call.NORMAL.value)

    # The view of the controller -------------------------------------------------------------

    def show_reading(self, state: ReadingState) -> None:
        """Show what is known of the image in view."""
        self.bar.show_state(state)

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """Draw the regions of the verdict."""
        self._window.image_view.set_regions(regions)

    def show_ai(self, shown: bool) -> None:
        """Show or hide what the network says of the image in view."""
        self._review.set_sealed(not shown)

    def refresh_rows(self, images: Sequence[ImageIdentity] | None) -> None:
        """Look again for the verdicts of these images."""
        self._window.worklist_model.read_again(images)

    def set_identity(self, item: Item, image: ImageIdentity) -> None:
        """The worklist learns by what an image is known."""
        self._window.worklist_model.know({item.path: image})

    def identity_of(self, item: Item) -> ImageIdentity:
        """What the worklist knows already."""
        self._window.worklist_model.settle()
        return self._window.worklist_model.image_of(item)

    def read_again(self, item: Item) -> None:
        """The file has changed, and no watch has told it yet: a share, or watching is off."""
        self._window.arrivals.controller.changed([item])

    def prediction_of(self, item: Item) -> Prediction | None:
        """What the network says."""
        self._window.worklist_model.settle()
        return self._review.known(item)[0]

    def heatmap_in_sight(self) -> bool:
        """Whether a heatmap lies over the image in view, or has: a peek counts."""
        return self._window.image_view.overlay_seen

    def next_unread(self) -> bool:
        """Go to the next unread image."""
        return self._window.worklist.next_unread()

    def highest_unread(self) -> bool:
        """Go to the highest unread image."""
        return self._window.worklist.go_to_highest_unread()

    def unread_out_of_sight(self) -> int:
        """How many unread images a filter or a folded section hides."""
        model = self._window.worklist_model
        unread = (row for row in model.rows if not row.is_read)
        return sum(not model.index_of(row.item).isValid() for row in unread)

    def go_to(self, item: Item) -> bool:
        """Go to an image; a filter or a folded section that hides it gives way."""
        worklist, model = self._window.worklist, self._window.worklist_model
        if not worklist.choose(item) and model.row_of(item) is not None:
            model.unfold()
            if not worklist.choose(item):
                worklist.clear_filter()
        return worklist.choose(item)

    def ask_reader(self, known: Sequence[str]) -> None:
        """Ask who reads; of two questions at once the first stays."""
        if self._dialog is not None:
            return
        names = list(dict.fromkeys((*self._readers(), *known)))
        self._dialog = ReaderDialog(names, self.controller.reader, self._window)
        self._dialog.chosen.connect(self.set_reader)
        self._dialog.open()

    def show_error(self, error: ReviewError) -> None:
        """Say what happened."""
        self._window.notifications.error(error)

    # Inside ---------------------------------------------------------------------------------

    def _open(self, move_aside: bool = False) -> None:
        self._opened_path = self.place
        self.service.open(self.place, move_aside)

    def _choose(self, item: Item) -> None:
        self.bar.flush()
        self.controller.choose(item, by_itself=self._window.worklist.leading)

    def _leave_list(self) -> None:
        """Another folder is opened: what was typed belongs to an image of the list that goes."""
        self.bar.flush()
        self.controller.choose(None)

    def _failed_image(self) -> None:
        if self.controller.current is not None:
            self.controller.shown(self.controller.current.path)

    def _find_uids(self) -> None:
        self.uids.request(self._review.all_items())

    def _focus_list(self) -> None:
        worklist = self._window.worklist
        (worklist.tiles if worklist.shows_thumbnails else worklist.table).setFocus()

    def _readers(self) -> list[str]:
        return [name for name in self._window.settings.text(READERS_KEY).split("\n") if name]

    def _opened(self, book: VerdictHistory, read_only: bool) -> None:
        self.controller.opened(book)
        self._offer()
        if read_only:
            self._window.notifications.notice(
                tr("The database of verdicts may not be written: verdicts can be seen, not given.")
            )

    def _saved(self, request: int, entry: VerdictEntry | None) -> None:
        # Undo goes through verdicts and measures in the order in which they came.
        undone = entry is not None and entry.act is Act.UNDONE
        self._window.image_view.drawing.desk.settle(undone)
        self.controller.saved(request, entry)
        self._offer()
        self._close_again()

    def _not_saved(self, request: int, error: ReviewError) -> None:
        self.controller.not_saved(request, error)
        self._close_again()

    def _close_again(self) -> None:
        """The person wanted to close the window while something was being written."""
        if self._closing and not self.controller.saving:
            self._closing = False
            self._window.close()

    def _offer(self) -> None:
        book = self.controller.book
        labels = [label_words(label) for label in (*Call, *book.labels())]
        self.bar.offer(labels, [*map(tr, REASONS), *book.reasons()])

    def _not_opened(self, error: ReviewError) -> None:
        """Nothing is overwritten: what cannot be used is moved aside, if the person wants it."""
        self.show_error(error)
        if self.service.in_use is not None:
            self._window.notifications.notice(
                tr("Verdicts go on into {path}.", path=privacy.path(self.service.in_use))
            )
        if getattr(error, "can_move_aside", False):
            self._offer_new(error, tr("Go on without verdicts"))

    def _ailing(self, error: ReviewError) -> None:
        """The database is in use but for some rows: whether that will do is for the person."""
        self.show_error(error)
        self._offer_new(error, tr("Go on without these rows"))

    def _offer_new(self, error: ReviewError, otherwise: str) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            tr("Verdicts"),
            privacy.sentence(error.what),
            parent=self._window,
        )
        box.setInformativeText(f"{error.expected}\n{error.fix}")
        aside = box.addButton(
            tr("Move it aside and begin a new one"), QMessageBox.ButtonRole.AcceptRole
        )
        box.addButton(otherwise, QMessageBox.ButtonRole.RejectRole)
        aside.clicked.connect(lambda: self._open(move_aside=True))
        self.question = box
        box.open()
