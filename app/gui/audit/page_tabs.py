"""The pages of the bench as tabs: each is made when it is first looked at, and told only then."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from app.core.base.translation import tr
from app.gui.audit.page import AuditPage
from app.gui.settings.remembered import Settings
from app.review.audit import Audit


class PageTabs(QTabWidget):
    """Keeps the latest audit and threshold for pages that come into view.

    Signals
    -------
    gallery_asked(object, str), open_asked(object, int), threshold_moved(float)
    training_asked(object), failed(object), noticed(str)
        As those of ``AuditPage``.
    page_changed(AuditPage)
        Another page is in view.
    images_shown(Audit, tuple)
        A page that shows single images is in view: the audit that it is told of, None for none,
        and paths of images that need not be of it. Told anew whenever the page comes into view:
        somebody else may be looking.

    Parameters
    ----------
    pages
        Their classes, in order.
    settings
        Handed to each.
    """

    gallery_asked = Signal(object, str)
    open_asked = Signal(object, int)
    threshold_moved = Signal(float)
    training_asked = Signal(object)
    failed = Signal(object)
    noticed = Signal(str)
    page_changed = Signal(object)
    images_shown = Signal(object, object)

    def __init__(self, pages: tuple[type[AuditPage], ...], settings: Settings) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self._settings = settings
        self._classes = pages
        self._made: dict[int, AuditPage] = {}
        self._places: list[QVBoxLayout] = []
        self._audit: Audit | None = None
        self._told: dict[int, Audit | None] = {}
        self._bands: Audit | None = None
        self._threshold = 0.5
        for page in pages:
            place = QWidget()
            self._places.append(QVBoxLayout(place))
            self._places[-1].setContentsMargins(0, 0, 0, 0)
            self.addTab(place, tr(page.title))
        self.currentChanged.connect(self._come_into_view)

    @property
    def page(self) -> AuditPage:
        """The page in view."""
        at = self.currentIndex()
        if at not in self._made:
            made = self._made[at] = self._classes[at](self._settings)
            for name in ("gallery_asked", "open_asked", "threshold_moved", "training_asked",
                         "failed", "noticed"):  # fmt: skip
                getattr(made, name).connect(getattr(self, name))
            made.images_changed.connect(self.tell_images)
            self._places[at].addWidget(made)
        return self._made[at]

    def choose(self, kind: type[AuditPage]) -> AuditPage:
        """Bring the page of a class into view."""
        self.setCurrentIndex(self._classes.index(kind))
        return self.page

    def show_audit(self, audit: Audit | None, threshold: float) -> None:
        """Show another audit; pages out of view learn of it when they come into view."""
        self._audit, self._threshold, self._bands = audit, threshold, None
        self._told.clear()
        self._tell()

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold."""
        self._threshold = threshold
        self.page.show_threshold(threshold)

    def show_bands(self, audit: Audit) -> None:
        """The slow part of the audit is worked out."""
        if audit is self._audit:
            self._bands = audit
            self.page.show_bands(audit)

    def tell_images(self) -> None:
        """Tell which images are in sight with what is said of them."""
        if self.isVisible() and self.page.shows_images:
            self.images_shown.emit(self._audit, tuple(self.page.paths_shown))

    def shutdown(self) -> None:
        """End what pages have begun."""
        for page in self._made.values():
            page.shutdown()

    def _come_into_view(self) -> None:
        self._tell()
        self.page_changed.emit(self.page)

    def _tell(self) -> None:
        at, page = self.currentIndex(), self.page
        if at not in self._told:
            self._told[at] = self._audit
            page.show_audit(self._audit)
            if self._bands is not None:
                page.show_bands(self._bands)
        page.show_threshold(self._threshold)
        self.tell_images()

    # -- Qt --------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """The page in view is to be seen again."""
        super().showEvent(event)
        self.tell_images()
