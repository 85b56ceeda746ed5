"""What a reader said in this session, so that it can be taken back in order. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.verdicts import Entry
from app.core.worklist import Item


@dataclass(frozen=True)
class Done:
    """A verdict that was written, and the image it was given on."""

    item: Item
    entry: Entry


class UndoStack:
    """Verdicts that can be taken back, and those taken back that can be given again."""

    def __init__(self) -> None:
        self._done: list[Done] = []
        self._undone: list[Done] = []

    def clear(self) -> None:
        """Forget all: another reader, or another database."""
        self._done.clear()
        self._undone.clear()

    def done(self, item: Item, entry: Entry) -> None:
        """A verdict was written; what was undone before can no longer be redone."""
        self._done.append(Done(item, entry))
        self._undone.clear()

    def last_done(self) -> Done | None:
        """What an undo takes back."""
        return self._done[-1] if self._done else None

    def last_undone(self) -> Done | None:
        """What a redo gives again."""
        return self._undone[-1] if self._undone else None

    def undone(self) -> None:
        """The last was taken back."""
        if self._done:
            self._undone.append(self._done.pop())

    def redone(self) -> None:
        """The last that was taken back is given again."""
        if self._undone:
            self._done.append(self._undone.pop())
