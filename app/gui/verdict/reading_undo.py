"""What a reader said in this session, so that it can be taken back in order. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.base.translation import tr
from app.core.reading.verdicts import Act, VerdictEntry
from app.core.worklist.scan import Item
from app.gui.verdict.reading_writer import Writer
from app.gui.verdict.text import verdict_words


@dataclass(frozen=True)
class Done:
    """A verdict that was written, and the image it was given on."""

    item: Item
    entry: VerdictEntry


class UndoStack:
    """Verdicts that can be taken back, and those taken back that can be given again.

    ``undo`` and ``redo`` only ask; the stack changes when the answer, which ``answered`` takes,
    says that it is on disk.
    """

    def __init__(self) -> None:
        self._done: list[Done] = []
        self._undone: list[Done] = []

    def clear(self) -> None:
        """Forget all: another reader, or another database."""
        self._done.clear()
        self._undone.clear()

    def done(self, item: Item, entry: VerdictEntry) -> None:
        """A verdict was written; what was undone before can no longer be redone."""
        self._done.append(Done(item, entry))
        self._undone.clear()

    def undo(self, writer: Writer, reader: str) -> str:
        """Ask for the last verdict to be taken back; gives the reason where there is none."""
        if not self._done:
            return tr("Nothing to undo: earlier verdicts are changed by giving another.")
        last = self._done[-1]
        writer.undo(reader, last.entry.number, last.item)
        return ""

    def redo(self, writer: Writer, reader: str) -> str:
        """Ask for what was undone last to be given again; see ``undo``."""
        if not self._undone:
            return tr("Nothing to redo.")
        last = self._undone[-1]
        writer.redo(reader, last.entry.number, last.item)
        return ""

    def answered(self, entry: VerdictEntry) -> str:
        """A verdict was taken back or given again: says so."""
        words = verdict_words(entry.verdict)
        if entry.act is Act.UNDONE:
            if self._done:
                self._undone.append(self._done.pop())
            return tr("Undone: {verdict}", verdict=words)
        if self._undone:
            self._done.append(self._undone.pop())
        return tr("Given again: {verdict}", verdict=words)
