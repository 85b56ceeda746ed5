"""What the Models window does, without Qt: it takes a view, and a process for the long work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.core.base.errors import ModelError, OutputError, ReviewError
from app.core.base.translation import tr
from app.core.model.card import missing_parts
from app.gui.models.text import card_words, comparison_words
from app.inference.registry.models import (
    ModelEntry,
    active,
    active_name,
    check_name,
    list_models,
    previous_name,
    promote,
    roll_back,
)

_COMPARING = "Comparing"


@dataclass(frozen=True)
class Can:
    """What can be done now; ``back_to`` names the model that rolling back makes active."""

    promote: bool
    compare: bool
    export: bool
    import_: bool
    back_to: str
    why: str
    """Why the chosen model can be neither promoted nor compared; empty when it can."""


class ModelsView(Protocol):
    """What the window shows for the controller."""

    def show_models(self, models: Sequence[ModelEntry], active: str, chosen: str) -> None:
        """Fill the table."""

    def show_card(self, text: str) -> None:
        """Show what is known of the chosen model, as plain text."""

    def show_comparison(self, text: str) -> None:
        """Show a comparison, as plain text."""

    def show_can(self, can: Can) -> None:
        """Enable what can be done."""

    def show_progress(self, text: str, done: int, total: int) -> None:
        """Show what goes on; an empty text ends it, a total of 0 is unknown."""

    def show_error(self, error: ReviewError | None) -> None:
        """Say in place what happened, or nothing any more."""

    def show_notice(self, text: str) -> None:
        """Say in place what was done."""

    def ask(self, text: str, yes: str, name: str | None, answer: Callable[[str], None]) -> None:
        """Ask in place; with a name to change when it is not None. No answer is a no."""

    def announce_active(self, name: str) -> None:
        """Tell the window that another model is active now."""

    def announce_models(self) -> None:
        """Tell the window that the list of models has changed."""


class ModelsProcess(Protocol):
    """What does the long work; ``ModelProcess`` gives it."""

    @property
    def running(self) -> bool:
        """Whether a task is under way."""

    def compare(self, first: str, second: str, folder: str) -> None:
        """Compare two models."""

    def export(self, model: str, file: str) -> None:
        """Write a model's file."""

    def import_file(self, file: str, name: str = "") -> None:
        """Read a model's file."""

    def cancel(self) -> None:
        """Give up."""


class ModelsController:
    """Lists, promotes, rolls back, compares, exports and imports.

    Parameters
    ----------
    view, process
        By protocol.
    opened
        Folders and files that are open for review: nothing is written among them.
    """

    def __init__(
        self,
        view: ModelsView,
        process: ModelsProcess,
        opened: Callable[[], Sequence[str]] = lambda: (),
    ) -> None:
        self.view = view
        self.process = process
        self._opened = opened
        self._models: dict[str, ModelEntry] = {}
        self._active = ""
        self._chosen = ""
        self._doing = ""
        self._import = ""

    @property
    def chosen(self) -> str:
        """Name of the model that is looked at."""
        return self._chosen

    # From the person ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again which models there are, and which is active."""
        self._models = {entry.name: entry for entry in reversed(list_models())}
        self._active = active_name()
        if self._chosen not in self._models:
            self._chosen = self._active
        listed = list(reversed(self._models.values()))
        self.view.show_models(listed, self._active, self._chosen)
        self.choose(self._chosen)
        try:
            self.view.show_notice(active().notice)
        except ModelError as error:
            self.view.show_error(error)

    def choose(self, name: str) -> None:
        """Look at a model."""
        self._chosen = name
        entry = self._models.get(name)
        self.view.show_card(card_words(entry) if entry else "")
        self._show_can()

    def promote(self, name: str = "", despite_missing: bool = False) -> None:
        """Make a model the active one; the chosen one when none is named."""
        name = name or self._chosen
        entry = next((entry for entry in list_models() if entry.name == name), None)
        missing = missing_parts(entry.card) if entry and entry.card else ()
        can_judge = entry is not None and not _why_not(entry)
        if missing and can_judge and not despite_missing:
            self.view.ask(
                tr(
                    "The model {name} lacks: {missing}. Make it the active model all the same?",
                    name=name,
                    missing="; ".join(missing),
                ),
                tr("Promote all the same"),
                None,
                lambda _: self.promote(name, True),
            )
            return
        self._change(lambda: promote(name, despite_missing), tr("{} is the active model now."))

    def roll_back(self) -> None:
        """Make the model before the active one active again."""
        self._change(roll_back, tr("{} is the active model again."))

    def compare(self, folder: str) -> None:
        """Compare the chosen model with the active one on a labelled folder."""
        self._start(
            tr(
                "{comparing} {chosen} with {active}",
                comparing=_COMPARING,
                chosen=self._chosen,
                active=self._active,
            ),
            lambda: self.process.compare(self._active, self._chosen, folder),
        )

    def export(self, file: str) -> None:
        """Write the chosen model's file."""
        target = Path(file).resolve()
        for path in self._opened():
            place = Path(path).resolve()
            if place == target or place in target.parents:
                self.view.show_error(
                    OutputError(
                        tr(
                            "{file} lies in {path}, which is open for review.", file=file, path=path
                        ),
                        tr("Nothing is ever written into a folder of images."),
                        tr("Choose another place for the file."),
                    )
                )
                return
        name = self._chosen
        self._start(tr("Exporting {name}", name=name), lambda: self.process.export(name, file))

    def import_file(self, file: str, name: str = "") -> None:
        """Take a model's file in among the person's models."""
        self._import = file
        try:
            if name:
                check_name(name)
        except ModelError as error:
            self.view.show_error(error)
            self._ask_name(name)
            return
        self._start("Importing", lambda: self.process.import_file(file, name))

    def cancel(self) -> None:
        """Give up what goes on."""
        self.process.cancel()

    def leave(self) -> None:
        """Nobody looks any more: a comparison is given up, a file is written or read to its end."""
        if self._doing.startswith(_COMPARING):
            self.process.cancel()

    # From the process -----------------------------------------------------------------------

    def progress(self, done: int, total: int) -> None:
        """How far it is."""
        self.view.show_progress(
            tr("{doing}: {done:,} of {total:,} scores", doing=self._doing, done=done, total=total),
            done,
            total,
        )

    def notice(self, text: str) -> None:
        """Something worth knowing."""
        self.view.show_notice(text)

    def done(self, result: dict[str, Any]) -> None:
        """The task is done."""
        self._end()
        if "flips" in result:
            self.view.show_comparison(comparison_words(result))
        elif "taken" in result:
            self._ask_name(str(result["taken"]))
        elif "file" in result:
            self.view.show_notice(
                tr(
                    "{result} was written to {result2}.",
                    result=result["model"],
                    result2=result["file"],
                )
            )
        else:
            self._chosen = str(result["name"])
            self.refresh()
            self.view.announce_models()
            self.view.show_notice(
                tr(
                    "{chosen} was imported. It is not active; read its card before you promote it.",
                    chosen=self._chosen,
                )
            )

    def failed(self, error: ReviewError) -> None:
        """The task failed."""
        self._end()
        self.view.show_error(error)

    def cancelled(self) -> None:
        """The task was given up."""
        self._end()
        self.view.show_notice(tr("Cancelled; nothing has changed."))

    # Inside ---------------------------------------------------------------------------------

    def _change(self, change: Callable[[], object], words: str) -> None:
        try:
            change()
        except ReviewError as error:
            self.view.show_error(error)
            return
        self._chosen = active_name()
        self.view.show_error(None)
        self.refresh()
        self.view.show_notice(words.format(self._active))
        self.view.announce_active(self._active)

    def _start(self, doing: str, start: Callable[[], None]) -> None:
        if self.process.running:
            return
        self._doing = doing
        self.view.show_error(None)
        self.view.show_notice("")
        self.view.show_progress(tr("{doing}…", doing=doing), 0, 0)
        start()
        self._show_can()

    def _end(self) -> None:
        self._doing = ""
        self.view.show_progress("", 0, 0)
        self._show_can()

    def _ask_name(self, taken: str) -> None:
        number = 2
        while f"{taken}-{number}" in self._models:
            number += 1
        self.view.ask(
            tr("A model named {taken} is already there. Import it as:", taken=taken)
            if taken in self._models
            else tr("Import it as:"),
            "Import",
            f"{taken}-{number}" if taken in self._models else taken,
            lambda name: self.import_file(self._import, name),
        )

    def _show_can(self) -> None:
        entry = self._models.get(self._chosen)
        free = not self.process.running
        why = _why_not(entry) if entry else tr("No model is chosen.")
        if entry and entry.name == self._active:
            why = tr("It is the active model.")
        self.view.show_can(
            Can(
                promote=free and not why,
                compare=free and not why,
                export=free and entry is not None and entry.card is not None,
                import_=free,
                back_to=previous_name() if free else "",
                why=why if free else tr("Wait until the task has ended."),
            )
        )


def _why_not(entry: ModelEntry) -> str:
    """Why a model can never be the active one; empty when it can."""
    if entry.card is None:
        return entry.error
    if not entry.card.judges_pneumonia:
        return tr("It does not tell NORMAL from PNEUMONIA.")
    if "default" not in entry.card.operating_points:
        return tr("It has no operating point.")
    return ""
