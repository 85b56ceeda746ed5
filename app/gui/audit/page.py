"""What a page of the audit bench is, and what it may ask of the window around it.

A page is a subclass of ``AuditPage`` with a line in ``pages.py``. Images are told by their position
in ``Audit.scored``, everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.gui.settings.remembered import Settings

if TYPE_CHECKING:
    from app.review.audit import Audit


class AuditPage(QWidget):
    """One page of the bench.

    Only the page in view is told of an audit or a threshold; another gets the latest of both when
    it comes into view. So a page may take its time, as long as it is not that in which the
    threshold is dragged: ``show_threshold`` has 10 ms there.

    Parameters
    ----------
    settings
        Where it may keep what a person would not like to choose twice.
    parent
        Qt parent.
    """

    title: ClassVar[str]
    """On its tab; English, marked for translation."""

    wants_height: ClassVar[bool] = False
    """Whether the gallery below gives way to it, until it asks for the gallery."""

    shows_images: ClassVar[bool] = False
    """Whether single images stand here beside what the model or a label says of them."""

    images_changed = Signal()
    """Other images stand here, without another audit."""
    gallery_asked = Signal(object, str)
    """Show these in the gallery: positions in ``Audit.scored``, and in words what they are."""
    open_asked = Signal(object, int)
    """Walk these images in the reading window: positions in order, and the place to begin at."""
    threshold_moved = Signal(float)
    """The person chose another threshold here; it comes back by ``show_threshold``."""
    training_asked = Signal(object)
    """Bring this ``app.training.data.layout.DataSource`` to the training panel."""
    failed = Signal(object)
    """A ``ReviewError`` to show above the pages."""
    noticed = Signal(str)
    """Something worth knowing, to show below the pages."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings

    @property
    def paths_shown(self) -> Sequence[Path]:
        """The images that stand here whether or not the audit has them."""
        return ()

    def show_audit(self, audit: Audit | None) -> None:
        """Show another audit, or that there is none; the threshold follows at once."""
        raise NotImplementedError

    def show_threshold(self, threshold: float) -> None:
        """Follow the threshold, which lies in [0, 1]."""

    def show_bands(self, audit: Audit) -> None:
        """What takes seconds is worked out: ``audit.curves()`` has its bands from now on."""

    def shutdown(self) -> None:
        """End threads and processes, before the program ends."""
