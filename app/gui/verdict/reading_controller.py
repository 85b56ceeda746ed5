"""What the reader's keys do, without Qt: verdicts, undo, blinded reading, who reads.

A verdict counts only once the service has answered that it is on disk; until then the panel says
so and the window stays on the image. Only an image that has been on the screen gets one, under
the identity of exactly the values that were shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Radiograph
from app.core.reading.verdicts import (
    UNKNOWN,
    Act,
    Agreement,
    ImageIdentity,
    Region,
    Verdict,
    VerdictEntry,
)
from app.core.worklist.scan import Item
from app.gui.verdict import reading_rules as rules
from app.gui.verdict.reading_page import ReadingPage
from app.gui.verdict.reading_protocols import Draft, ReadingService, ReadingState, ReadingView
from app.gui.verdict.reading_undo import UndoStack
from app.gui.verdict.reading_writer import SentVerdict, Writer
from app.gui.verdict.text import unsaved_words
from app.review.verdicts.history import VerdictHistory
from app.review.verdicts.store import VerdictConflict


class ReadingController(ReadingPage):
    """Takes verdicts on the image in view.

    Parameters
    ----------
    view, service
        By protocol.

    Attributes
    ----------
    advance
        Whether the next unread image comes after a verdict.
    """

    def __init__(self, view: ReadingView, service: ReadingService) -> None:
        super().__init__(view, Writer(service, lambda *image: self.book.last_number(*image)))
        self.service = service
        self.advance = True
        self._waiting: Callable[[], None] | None = None
        self._later: Callable[[], None] | None = None
        self._undo = UndoStack()
        self._message = ""
        self._unsaved = ""

    # Which image ----------------------------------------------------------------------------

    def choose(self, item: Item | None, by_itself: bool = False) -> None:
        """Another image is current; what was written beside the one before is kept.

        Where it came by itself, a key that was meant for the one before must not judge it.
        """
        if item is not None and self.current is not None and item.path == self.current.path:
            return
        self.keep_draft()
        self.current = item
        self._sight.lose()
        lost, self._waiting = self._waiting, None
        if by_itself:
            self._pace.restart()
        self._message = tr("Not saved: the image before was left too soon.") if lost else ""
        self._unsaved = ""
        self.image = self.view.identity_of(item) if item else UNKNOWN
        self._load_draft()

    def expect(self) -> None:
        """The current image is being read, perhaps anew: what is in view still is another."""
        self._sight.lose()

    def shown(self, image: Radiograph | Path) -> None:
        """The current image is on the screen, or (its path) cannot be read."""
        # A file that has changed is shown again, and is another image.
        self.service.identify(self._sight.draw(isinstance(image, Radiograph)), image)
        self.show()

    def identified(self, generation: int, image: ImageIdentity) -> None:
        """By what the image on the screen is known."""
        if self.current is None or not self._sight.identify(generation):
            return
        if rules.are_other_pixels(self.view.identity_of(self.current), image):
            self.view.read_again(self.current)
            return
        before = self._own
        if self._sight.unreadable and not image.content_hash:
            image = self.view.identity_of(self.current)  # what was said of it still is shown
        self.image = image
        self.view.set_identity(self.current, image)
        self._follow(before)
        if lost := self._writer.kept(image, self.reader):
            self._draft = rules.draft_of(lost)
            self._unsaved = unsaved_words(lost, tr("Give it again to try once more."))
            self.show()
        self.view.show_regions(self._draft.regions)
        waiting, self._waiting = self._waiting, None
        if waiting:
            self._when_ready(waiting)

    def scored(self) -> None:
        """The network's outcome of the image may be another now."""
        if self.current is None:
            self.show()
            return
        scored = self.view.identity_of(self.current)
        if not self.on_screen:
            before, self.image = self._own, scored
            self._follow(before)
        elif rules.are_other_pixels(scored, self.image):
            self.view.read_again(self.current)
        else:
            self.show()

    # What the reader says -------------------------------------------------------------------

    def judge(self, agreement: Agreement) -> None:
        """Agree, disagree or unsure."""
        call = self._call
        if not self._can_judge():
            return
        if agreement is Agreement.UNSURE:
            self._when_ready(lambda: self._give(Agreement.UNSURE, self._draft))
        elif self._sealed:
            self._say(tr("Blinded: give your own label first; the network is shown after that."))
        elif call is None:
            self._say(tr("There is no score to agree with: give your own label."))
        else:
            self._when_ready(
                lambda: self._give(agreement, rules.draft_for(agreement, call, self._draft))
            )

    def acknowledge(self) -> None:
        """The file cannot be read, and this reader knows: for this one path, and no reading."""
        if self.current is None or not self._pace.allows(self.current.path):
            return
        if self._sight.unreadable:
            self._when_ready(self._acknowledge, of_image=False)
        else:
            self._say(tr("Only a file that cannot be read is acknowledged: judge this image."))

    def label(self, label: str) -> None:
        """The reader's own label; how it stands to the network's call follows from it."""
        label = label.strip()
        if label:
            if not self._can_judge():
                return
            self._draft = replace(self._draft, label=label)
            self._when_ready(lambda: self._give_label(label))
        else:
            self._change(replace(self._draft, label=""))

    def set_note(self, note: str) -> None:
        """Free words."""
        self._change(replace(self._draft, note=note.strip()))

    def set_reason(self, reason: str) -> None:
        """Why the reader judged so."""
        self._change(replace(self._draft, reason=reason.strip()))

    def toggle_key(self) -> None:
        """Mark the image as a key image, or no longer."""
        self._change(replace(self._draft, key_image=not self._draft.key_image))

    def set_regions(self, regions: tuple[Region, ...]) -> None:
        """The reader drew, moved or removed a region."""
        self._change(replace(self._draft, regions=regions))

    def keep_draft(self) -> None:
        """Write what stands in the fields and is not saved yet, with the judgement as it was."""
        if not (self.current and self.on_screen and self.image.content_hash and self.reader):
            return
        if self._sight.unreadable:
            return
        own = self._standing
        if self._draft != rules.draft_of(own):
            made = self._made(own.agreement if own else None, self._draft)
            self._write(rules.carried(own, made))

    def set_reader(self, reader: str) -> None:
        """Who reads from now on."""
        reader = reader.strip()
        if not reader:
            if self._waiting:
                self._waiting = None
                self._say(tr("Not saved: say who reads first."))
            return
        if reader != self.reader:
            before = self._own
            self.reader = reader
            self._undo.clear()
            self._follow(before)
            self.view.refresh_rows(None)
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting()
        else:
            self.show()

    def ask_reader(self) -> None:
        """Have the reader chosen anew."""
        self.view.ask_reader(self.book.readers())

    def set_blinded(self, blinded: bool) -> None:
        """Judge first and see the network's opinion after, or see it at once."""
        if blinded != self.blinded:
            self.blinded = blinded
            self._message = ""
            self.view.refresh_rows(None)
            self.show()

    # Undo -----------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back what was said last in this session, and go to its image."""
        if self.saving:
            self._later = self.undo  # what is being saved is what was said last
        else:
            self._say(self._undo.undo(self._writer, self.reader))

    def redo(self) -> None:
        """Put in force again what was undone last."""
        if not self.saving:
            self._say(self._undo.redo(self._writer, self.reader))

    # From the service -----------------------------------------------------------------------

    def opened(self, book: VerdictHistory) -> None:
        """All that is in the database; the book is the controller's from now on."""
        self.book = book
        self._undo.clear()
        self._load_draft()
        self.view.refresh_rows(None)
        self._writer.retry()  # what the one before did not take
        self.show()

    def arrived(self, entries: Sequence[VerdictEntry]) -> None:
        """Rows were added, by this program or by another."""
        before = self._own
        if new := self.book.take(entries):
            self.view.refresh_rows([entry.verdict.image for entry in new])
            self._follow(before)

    def saved(self, request: int, entry: VerdictEntry | None) -> None:
        """A verdict is on disk: now the window may move on."""
        sent = self._writer.answered(request)
        if sent is None:
            return
        self._unsaved = ""
        self._writer.retry(sent.verdict)
        if entry is None:
            self._undo.clear()
            self._say(tr("Another program has changed this verdict meanwhile."))
        elif entry.act is Act.GIVEN:
            self._given(sent, entry)
        else:
            self._tell_undone(sent.item, entry)
        self._writer.go_on()
        if self._later and not self.saving:
            later, self._later = self._later, None
            later()

    def not_saved(self, request: int, error: ReviewError) -> None:
        """It is not on disk: it stays in the panel, and the panel says so."""
        sent = self._writer.answered(request)
        if sent is None:
            return
        # Where another program was first, its verdict stands, and this one is void.
        if not isinstance(error, VerdictConflict):
            self._writer.keep(sent)
        here = self.current is not None and sent.item.path == self.current.path
        self._unsaved = unsaved_words(sent.verdict, error.what, here)
        self._later = None
        self.view.show_error(error)
        self._writer.go_on()
        self.show()

    def go_on(self) -> None:
        """The next unread image."""
        self._tell_end(self.view.next_unread())

    # Inside ---------------------------------------------------------------------------------

    def _tell_end(self, moved: bool) -> None:
        if moved:
            return
        if hidden := self.view.unread_out_of_sight():
            self._say(
                tr(
                    "No other unread image is in sight. Filtered or folded away: {count}.",
                    count=hidden,
                )
            )
        else:
            self._say(tr("No other unread image is in this list."))

    def _can_judge(self) -> bool:
        """Not what the reader has not looked at: the key was meant for the image before."""
        if self.current is None:
            return False
        if not self._pace.allows(self.current.path):
            self._say(tr("Not taken: this image has only just come. Look, and press again."))
        elif not self._sight.drawn:
            self._say(tr("Not taken: the image was not on the screen yet."))
        elif self._sight.unreadable:
            self._say(_no_image())
        else:
            return True
        return False

    def _when_ready(self, act: Callable[[], None], of_image: bool = True) -> None:
        """Do it once a reader is named and the image is on the screen; never without an image."""
        if self.current is None:
            return
        if of_image and self._sight.unreadable:
            self._say(_no_image())
        elif not self.reader:
            self._waiting = lambda: self._when_ready(act, of_image)
            self.ask_reader()
        elif self.on_screen and not self.image.content_hash:
            self._say(tr("The file cannot be opened, so no verdict on it could be found again."))
        elif not self.on_screen:
            self._waiting = act
            self._say(tr("Waiting for the image…"))
        else:
            act()

    def _acknowledge(self) -> None:
        if not self.image.is_unreadable:
            self._say(tr("The file is not there now: there is nothing to acknowledge."))
        elif self._standing is None:
            self._write(self._made(None, Draft()), judged=True)

    def _change(self, draft: Draft) -> None:
        if self.current is not None and self._sight.unreadable:
            self._say(_no_image())
        elif self.current is not None:
            self._draft = draft
            if self._waiting is None:  # a judgement that waits takes it along
                self._when_ready(self.keep_draft)
            self.show()

    def _give_label(self, label: str) -> None:
        own = self._standing
        agreement = rules.agreement_with(label, self._call, own.agreement if own else None)
        self._give(agreement, self._draft, own if label not in rules.NETWORKS else None)

    def _give(
        self, agreement: Agreement | None, draft: Draft, standing: Verdict | None = None
    ) -> None:
        """Write a judgement; the agreement of one that stands is to the call of then."""
        asked = self._writer.judging(self.image, self.reader)
        if asked is None or (asked.agreement, asked.label) != (agreement, draft.label):
            self._draft = draft
            self._write(rules.carried(standing, self._made(agreement, draft)), judged=True)

    def _write(self, verdict: Verdict, judged: bool = False) -> None:
        assert self.current is not None
        self._message = self._unsaved = ""
        self._writer.add(verdict, self.current, judged)
        self.show()

    def _given(self, sent: SentVerdict, entry: VerdictEntry) -> None:
        self._undo.done(sent.item, entry)
        if self.current is None or sent.item.path != self.current.path:
            return
        self.show()
        verdict = entry.verdict
        # Whoever judged blind sees now what the network says, before anything else comes.
        revealed = self.blinded and verdict.call is not None and not verdict.score_visible
        corrected = self._writer.judging(verdict.image, verdict.reader) is not None
        if self.advance and sent.judged and not revealed and not corrected:
            self._tell_end(self.view.highest_unread())

    def _tell_undone(self, item: Item, entry: VerdictEntry) -> None:
        message = self._undo.answered(entry)
        if self.view.go_to(item):
            self._load_draft()
        self._say(message)

    def _follow(self, before: Verdict | None) -> None:
        """Another verdict may be in force: show it, but never over what was just typed."""
        draft = self._draft
        self._draft = rules.merged(draft, rules.draft_of(before), rules.draft_of(self._own))
        if self._draft.regions != draft.regions and self.on_screen:
            self.view.show_regions(self._draft.regions)
        self.show()

    def _load_draft(self) -> None:
        """Show the fields of the verdict in force."""
        self._draft = rules.draft_of(self._standing)
        if self.on_screen:
            self.view.show_regions(self._draft.regions)
        self.show()

    def _say(self, message: str) -> None:
        self._message = message
        self.show()

    def show(self) -> None:
        """Bring the panel up to date."""
        row = self.row_reading(self.image)
        if self.current is not None:
            self.view.show_ai(not row.sealed)
            if self.on_screen and not row.sealed and self._call is not None:
                self._sight.see_score(self.reader, self.image)
        self.view.show_reading(
            ReadingState(
                reader=self.reader,
                row=row,
                draft=self._draft,
                has_image=self.current is not None,
                unreadable=self._sight.unreadable,
                can_acknowledge=self.image.is_unreadable,
                has_score=self._call is not None,
                blinded=self.blinded,
                saving=self.saving,
                unsaved=self._unsaved,
                message=self._message,
            )
        )


def _no_image() -> str:
    return tr("Not taken: this file cannot be read. It can only be acknowledged.")
