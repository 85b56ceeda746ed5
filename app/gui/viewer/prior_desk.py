"""Shows beside the image in view an earlier one of the same patient, where there is one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.base.errors import ReviewError
from app.core.base.translation import tr
from app.core.image.radiograph import Header, Radiograph
from app.core.worklist.priors import Prior, day_of, doubts, first_choice, is_same_image, why_none
from app.gui.common.privacy import privacy
from app.gui.viewer.prior_pane import PriorPane
from app.gui.viewer.reading_area import ReadingArea
from app.gui.viewer.tools.kept import CachedLayer
from app.gui.viewer.tools.name_tag import NameTag
from app.gui.viewer.view_link import ViewLink
from app.jobs.prior_finder import PriorFinder

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

_LINK_KEY = "prior-linked"
_DAYS_A_MONTH, _DAYS_A_YEAR = 30.44, 365.25


class PriorDesk(QObject):
    """Opens, fills and closes the pane of the prior.

    Signals
    -------
    opened(bool)
        The pane is there, or no longer.

    Parameters
    ----------
    window
        Its worklist, image view and settings.
    area
        Where the pane lies.
    """

    opened = Signal(bool)

    def __init__(self, window: MainWindow, area: ReadingArea) -> None:
        super().__init__(window)
        self._window = window
        self._view = window.image_view
        self._area = area
        self.pane = PriorPane()
        area.add_pane(self.pane, self.pane.bar)
        self.link = ViewLink(self._view, self.pane.view)
        self.finder = PriorFinder()
        self.finder.setParent(self)
        self.priors: list[Prior] = []
        self.shown: Prior | None = None
        self._tag, self._prior_tag = NameTag(), NameTag()
        self._view.layers.append(CachedLayer(self._tag))
        self.pane.view.layers.append(CachedLayer(self._prior_tag))
        # What was drawn on the prior while it was read shows; it is changed there alone.
        self.pane.view.drawing.desk.share_with(self._view.drawing.desk)
        self.pane.view.tools.clear()
        self._connect()

    def _connect(self) -> None:
        self.pane.chosen.connect(lambda place: self._read(self.priors[place]))
        self.pane.link_wanted.connect(self._set_linked)
        self.pane.closed.connect(self.close)
        self.pane.view.step_wanted.connect(self._window.worklist.step)
        self.finder.progressed.connect(self._show_progress)
        self.finder.found.connect(self._show_priors)
        self.finder.image_ready.connect(self._show_image)
        self.finder.failed.connect(self._show_failure)
        self._view.image_shown.connect(self._follow)
        self._window.worklist.item_chosen.connect(lambda _item: self._leave())
        self._window.worklist_model.modelReset.connect(self.finder.forget)
        privacy.changed.connect(self._show_names)
        self.pane.link.setChecked(self._window.settings.flag(_LINK_KEY, True))

    @property
    def is_open(self) -> bool:
        """Whether the pane is there."""
        return not self.pane.isHidden()

    def toggle(self) -> None:
        """View the prior beside the image, or the image alone again."""
        if self.is_open:
            self.close()
            return
        radiograph = self._view.radiograph
        if radiograph is None:
            return
        if reason := why_none(radiograph.header):
            # On the image itself, and gone with it; asked again, it goes away.
            self._tag.show("" if self._tag.title else tr("No prior"), (reason,))
            self._view.update()
            return
        self.pane.show()
        self._area.share_evenly()
        self.opened.emit(True)
        self._follow()

    def close(self) -> None:
        """The image alone again."""
        self._leave()
        self.pane.hide()
        self._show_names()
        self._view.setFocus()
        self.opened.emit(False)

    def shutdown(self) -> None:
        """The program ends."""
        self.finder.close()

    def _leave(self) -> None:
        """The image in view is left: its prior must not stand beside the next patient's."""
        self.finder.cancel()
        self._tag.show("")
        if not self.is_open:
            return
        self.priors, self.shown = [], None
        self.pane.offer([], -1)
        self.pane.view.set_radiograph(None, "")
        self._show_names()

    def _follow(self) -> None:
        """Look for the priors of the image that is in view now."""
        if not self.is_open:
            return
        self._leave()
        radiograph = self._view.radiograph
        if radiograph is None:
            return
        self._show_names()
        if reason := why_none(radiograph.header):
            self.pane.view.set_radiograph(None, reason)
            return
        self.pane.view.set_radiograph(None, tr("Looking for earlier images…"))
        rows = self._window.worklist_model.rows
        known = [
            (row.item, row.header if row.header.is_dicom else None)
            for row in rows
            if row.item.path != radiograph.path and not row.gone
        ]
        self.finder.find(radiograph.header, known)

    def _show_progress(self, done: int, total: int) -> None:
        words = tr("Looking for earlier images… {done} of {total}", done=done, total=total)
        self.pane.view.set_radiograph(None, words)

    def _show_priors(self, priors: list[Prior]) -> None:
        radiograph = self._view.radiograph
        if not self.is_open or radiograph is None:
            return
        self.priors = priors
        chosen = first_choice(radiograph.header, priors)
        if chosen is None:
            words = tr("There is no earlier image of this patient in the list.")
            self.pane.view.set_radiograph(None, words)
            return
        self._read(chosen)

    def _read(self, prior: Prior) -> None:
        self.shown = prior
        self._show_names()
        self.pane.view.set_radiograph(None, tr("Reading the prior…"))
        self.finder.read(prior.item.path)

    def _show_image(self, radiograph: Radiograph) -> None:
        if self.shown is None or radiograph.path != self.shown.item.path:
            return
        if not is_same_image(self.shown.header, radiograph.header):
            self.shown = None
            self.finder.forget()
            self._show_names()
            words = tr("The file of this prior has changed. Close the prior and open it again.")
            self.pane.view.set_radiograph(None, words)
            return
        self.pane.view.set_radiograph(radiograph)
        self.link.set_on(self.link.is_on)

    def _show_failure(self, error: ReviewError) -> None:
        self.pane.view.set_radiograph(None, str(error))

    def _set_linked(self, linked: bool) -> None:
        self._window.settings.set_flag(_LINK_KEY, linked)
        self.link.set_on(linked)

    def _show_names(self) -> None:
        """Say on both images which they are."""
        radiograph = self._view.radiograph
        header = radiograph.header if radiograph is not None else None
        if not self.is_open or header is None:
            self._tag.show("")
        else:
            self._tag.show(f"{tr('Current')}  {_day_words(header)}".rstrip(), _facts(header))
        if self.shown is None or header is None:
            self._prior_tag.show("")
        else:
            prior = self.shown.header
            self._prior_tag.show(
                f"{tr('PRIOR')}  {_day_words(prior)}".rstrip(),
                (_earlier(header, prior), *_facts(prior)),
                doubts(header, prior),
            )
            titles = [_title(number, each) for number, each in enumerate(self.priors, 1)]
            self.pane.offer(titles, self.priors.index(self.shown))
        self._view.update()
        self.pane.view.update()


def _day_words(header: Header) -> str:
    day = day_of(header)
    return privacy.shown(day.isoformat()) if day else ""


def _facts(header: Header) -> tuple[str, ...]:
    facts = " · ".join(part for part in (header.view, header.body_part, header.modality) if part)
    return (facts,) if facts else ()


def _title(number: int, prior: Prior) -> str:
    parts = (f"{number}.", _day_words(prior.header), *_facts(prior.header))
    return " ".join(part for part in parts if part)


def _earlier(current: Header, prior: Header) -> str:
    """How long before the current image a prior was taken."""
    now, then = day_of(current), day_of(prior)
    assert isinstance(now, date)
    assert isinstance(then, date)
    days = (now - then).days
    if days == 0:
        return tr("earlier the same day")
    if days == 1:
        return tr("1 day earlier")
    if days < 2 * _DAYS_A_MONTH:
        return tr("{count} days earlier", count=days)
    if days < 2 * _DAYS_A_YEAR:
        return tr("{count} months earlier", count=round(days / _DAYS_A_MONTH))
    return tr("{count} years earlier", count=round(days / _DAYS_A_YEAR))
