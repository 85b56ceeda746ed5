"""Verdicts on their way to the disk: one at a time, the others wait in line. No Qt."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.core.reading.verdicts import ImageIdentity, Verdict
from app.core.worklist.scan import Item
from app.gui.verdict.reading_protocols import ReadingService


@dataclass(frozen=True)
class SentVerdict:
    """What an answer is about: the image, what was said, and whether it was more than a note."""

    item: Item
    verdict: Verdict | None = None
    judged: bool = False


class Writer:
    """Asks the service, and knows what has not been answered yet.

    Parameters
    ----------
    service
        By protocol.
    last_number
        Number of the newest row that this program knows of a reader on an image.
    """

    def __init__(
        self, service: ReadingService, last_number: Callable[[ImageIdentity, str], int]
    ) -> None:
        self._service = service
        self._last_number = last_number
        self._sent: dict[int, SentVerdict] = {}
        self._line: deque[tuple[Callable[[], int], SentVerdict]] = deque()
        self._failed: dict[tuple[str, str], SentVerdict] = {}

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return bool(self._sent)

    def judging(self, image: ImageIdentity, reader: str) -> Verdict | None:
        """The judgement on an image that is on its way, the last if there are several."""
        return self._on_its_way(image, reader, judged=True)

    def newest(self, image: ImageIdentity, reader: str) -> Verdict | None:
        """What a reader said of an image that is not on disk, or not yet."""
        return self._on_its_way(image, reader) or self.kept(image, reader)

    def _on_its_way(
        self, image: ImageIdentity, reader: str, judged: bool = False
    ) -> Verdict | None:
        for sent in reversed([*self._sent.values(), *(sent for _, sent in self._line)]):
            if sent.verdict is None or (judged and not sent.judged):
                continue
            if _key(sent.verdict) == (image.content_hash, reader):
                return sent.verdict
        return None

    @property
    def failed(self) -> int:
        """How many verdicts could not be written and wait for better times."""
        return len(self._failed)

    def keep(self, sent: SentVerdict) -> None:
        """It could not be written: it is tried again after the next that can."""
        if sent.verdict is not None:
            self._failed[_key(sent.verdict)] = sent

    def retry(self, written: Verdict | None = None) -> None:
        """The disk works again: write what could not be written, except what is void now."""
        if written is not None:
            self._failed.pop(_key(written), None)
        for sent in list(self._failed.values()):
            assert sent.verdict is not None
            self.add(sent.verdict, sent.item, judged=False)
        self._failed.clear()

    def kept(self, image: ImageIdentity, reader: str) -> Verdict | None:
        """What a reader said of an image that is not on disk."""
        sent = self._failed.get((image.content_hash, reader))
        return sent.verdict if sent else None

    def add(self, verdict: Verdict, item: Item, judged: bool) -> None:
        """Write a verdict."""

        def ask() -> int:
            # Looked up when its turn comes: the one before may be a verdict on the same image.
            return self._service.add(verdict, self._last_number(verdict.image, verdict.reader))

        self._ask(ask, SentVerdict(item, verdict, judged))

    def undo(self, reader: str, number: int, item: Item) -> None:
        """Take a verdict back."""
        self._ask(lambda: self._service.undo(reader, number), SentVerdict(item))

    def redo(self, reader: str, number: int, item: Item) -> None:
        """Put a verdict in force again."""
        self._ask(lambda: self._service.redo(reader, number), SentVerdict(item))

    def answered(self, request: int) -> SentVerdict | None:
        """Which request an answer belongs to; None where it is not ours."""
        return self._sent.pop(request, None)

    def go_on(self) -> None:
        """Once an answer was dealt with: the next in line."""
        if self._line and not self._sent:
            ask, sent = self._line.popleft()
            self._sent[ask()] = sent

    def _ask(self, ask: Callable[[], int], sent: SentVerdict) -> None:
        self._line.append((ask, sent))
        self.go_on()


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.image.content_hash, verdict.reader
