"""Connects exporting to the window: which images, how they are seen, and what then goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.base import counts
from app.core.base.errors import ReviewError
from app.core.base.home import home
from app.core.base.translation import tr
from app.core.model.operating_points import TITLES
from app.core.reading.verdicts import UNKNOWN
from app.gui.export.export_dialog import ExportChoice, ExportDialog
from app.gui.export.text import Scope
from app.gui.settings.pages.export import BOM_KEY
from app.gui.viewer.view_picture import view_png
from app.gui.worklist.arrangement import Row
from app.jobs.exporter import Exporter
from app.review.export.plan import ExportOutcome, Plan
from app.review.export.reviewed import ExportedView, ReviewedImage, statement
from app.review.export.stand_ins import Deidentification, own_salt

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow


class ExportDesk(QObject):
    """What Ctrl+E and Ctrl+Shift+E do.

    Parameters
    ----------
    window
        Its list, its image, its settings, the reader's verdicts.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.exporter = Exporter(window.service.explain, self)
        self.dialog: ExportDialog | None = None
        """Made when it is first asked for."""
        self._choice: ExportChoice | None = None
        self._plan: Plan | None = None
        self._views: dict[bool, bytes] = {}
        """What was on the screen when the dialog was asked for, with and without identity."""
        self.exporter.progress.connect(self._show_progress)
        self.exporter.finished.connect(self._finished)
        self.exporter.failed.connect(self._failed)

    # From the window ------------------------------------------------------------------------

    def export_image(self) -> None:
        """File > Export image."""
        self._present(0)

    def export_list(self) -> None:
        """File > Export list."""
        self._present(1)

    def close(self) -> None:
        """The window closes: what is written by now is whole."""
        self.exporter.close()

    # Which images ---------------------------------------------------------------------------

    def _present(self, chosen: int) -> None:
        window = self._window
        window.reading.bar.flush()
        window.reading.controller.keep_draft()
        window.worklist_model.settle()
        scopes = self._scopes()
        self._views = self._screen(scopes[0])
        if self.dialog is None:
            self.dialog = ExportDialog(window.settings, window)
            self.dialog.export_wanted.connect(self._export)
            self.dialog.cancel_wanted.connect(self.exporter.cancel)
            self.dialog.send_wanted.connect(self._send)
            self.dialog.question.answered.connect(self._start)
        if not scopes[0].images and len(scopes) > 1:
            chosen = 1
        self.dialog.present(scopes, min(chosen, len(scopes) - 1), has_view=bool(self._views))

    def _scopes(self) -> list[Scope]:
        window = self._window
        model = window.worklist_model
        current = window.controller.current
        row = model.row_of(current) if current is not None else None
        title = tr("The image in view")
        scopes = [self._scope(title, [row] if row else [], self._in_view)]
        rows = model.rows
        scopes.append(self._scope(tr("All {count} of the list", count=len(rows)), rows))
        seen = [
            found
            for place in range(model.rowCount())
            if (item := model.item_at(model.index(place, 0))) is not None
            and (found := model.row_of(item)) is not None
        ]
        if len(seen) != len(rows):
            words = tr("The {count} that the filter shows", count=len(seen))
            scopes.append(self._scope(words, seen))
        read = [each for each in rows if each.reading.verdict or each.reading.others]
        if read and len(read) != len(rows):
            words = tr("The {count} with a verdict", count=len(read))
            scopes.append(self._scope(words, read))
        return scopes

    def _scope(
        self,
        title: str,
        rows: list[Row],
        image_of: Callable[[Row], ReviewedImage] | None = None,
    ) -> Scope:
        """The images of some rows; what the reader must not see yet is not exported either."""
        open_rows = [row for row in rows if not row.reading.sealed]
        images = tuple(map(image_of or self._image, open_rows))
        return Scope(title, images, len(rows) - len(open_rows))

    def _image(self, row: Row) -> ReviewedImage:
        view = self._window.image_view
        verdict = row.reading.verdict or next(iter(row.reading.others), None)
        return ReviewedImage(
            row.item,
            row.header,
            row.image if row.image != UNKNOWN else None,
            # A file says what the model says, whatever an audit has in its place.
            (row.prediction.own or row.prediction) if row.prediction else None,
            verdict,
            look=ExportedView(heatmap_opacity=view.overlay_opacity, palette=view.palette_name),
            operating_point=self._operating_point(row),
        )

    def _in_view(self, row: Row) -> ReviewedImage:
        """The image as it is seen: its window, its inversion, and its header, scored or not."""
        view = self._window.image_view
        image = self._image(row)
        if view.radiograph is None or view.radiograph.path != row.item.path:
            return image
        look = replace(image.look, voi=view.window_in_use, inverted=view.inverted)
        return replace(image, look=look, header=view.radiograph.header)

    def _operating_point(self, row: Row) -> str:
        card = self._window.controller.card
        prediction = row.prediction
        if card is None or prediction is None or prediction.model != card.title:
            return ""
        return next(
            (
                tr(TITLES.get(name, name))
                for name, threshold in card.operating_points.items()
                if threshold == prediction.threshold
            ),
            "",
        )

    def _screen(self, scope: Scope) -> dict[bool, bytes]:
        """What is on the screen now, before the dialog covers it: plain, and anonymous."""
        view = self._window.image_view
        if not scope.images or view.radiograph is None or not view.isVisible():
            return {}
        if view.radiograph.path != scope.images[0].item.path:
            return {}  # the next image was chosen, and the one before is still to be seen
        words = statement(scope.images[0])
        return {hidden: view_png(view, words, anonymous=hidden) for hidden in (False, True)}

    # What goes on ---------------------------------------------------------------------------

    def _export(self, choice: ExportChoice) -> None:
        settings = self._window.settings
        try:
            salt = own_salt(home()) if choice.deidentified else b""
        except ReviewError as error:
            self._failed(error)
            return
        how = Deidentification(salt, choice.shift_dates) if choice.deidentified else None
        self._choice = choice
        self._plan = Plan(
            choice.formats,
            choice.folder,
            self._window.opened,
            how,
            with_heatmap=choice.with_heatmap,
            view=self._views.get(choice.deidentified, b""),
            bom=settings.flag(BOM_KEY, True),
        )
        from app.review.export.run import existing  # pydicom and more: not before it is needed

        there = existing(choice.scope.images, self._plan)
        assert self.dialog is not None
        if there:
            self.dialog.question.ask(len(there))
        else:
            self._start(False)

    def _start(self, replace_files: bool) -> None:
        if self._choice is None or self._plan is None or self.dialog is None:
            return
        self._plan = replace(self._plan, replace=replace_files)
        window = self._window
        self.dialog.show_running(True)
        self.exporter.start(
            self._choice.scope.images,
            self._plan,
            verdicts=window.reading.service.in_use or window.reading.place,
            reader=window.reading.controller.reader,
            input_gradient=window.prediction_panel.gradient.isChecked(),
        )

    def _show_progress(self, done: int, total: int) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(done, total)

    def _finished(self, outcome: ExportOutcome) -> None:
        if self.dialog is None or self._choice is None:
            return
        self.dialog.show_outcome(outcome, self._choice.folder)
        if not self.dialog.isVisible():
            words = tr("The export is done: {files}.", files=counts.files(len(outcome.written)))
            self._window.notifications.notice(words)

    def _failed(self, error: ReviewError) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.show_error(error)
        else:
            self._window.notifications.error(error)

    def _send(self, files: tuple[Path, ...]) -> None:
        """Offer to send what was written: nothing leaves before the person says where to."""
        identified = self._choice is not None and not self._choice.deidentified
        about = tr("The files carry the patients' names and IDs.") if identified else ""
        self._window.arrivals.send(files, about)
