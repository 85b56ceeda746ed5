"""What the history of verdicts comes to: the verdict in force for each image and reader.

Kept in memory and brought up to date row by row, so that ten thousand images are looked up at
once. Rows come from ``app.review.verdicts.store``.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.reading.verdicts import Act, ImageIdentity, Verdict, VerdictEntry


class VerdictHistory:
    """All rows, found by image.

    An image is found by its content hash. Where that is not known yet, it is found by
    SOPInstanceUID, provided that all verdicts under the UID were given on the same pixels.
    A verdict that was given on other pixels under the same UID never counts: see
    ``other_pixels``.
    """

    def __init__(self) -> None:
        self._entries: dict[int, VerdictEntry] = {}
        self._by_hash: dict[str, list[int]] = {}
        self._by_uid: dict[str, list[int]] = {}
        self._undone: set[int] = set()
        self.unreadable: dict[int, str] = {}
        """Column of the first cell that makes no sense, by the number of a row left out for it."""
        # Words in the order of their last use, kept up to date row by row.
        self._readers: dict[str, None] = {}
        self._labels: dict[str, None] = {}
        self._reasons: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def newest(self) -> int:
        """Number of the newest row, 0 where there is none."""
        return next(reversed(self._entries), 0)

    def take(self, entries: Iterable[VerdictEntry]) -> list[VerdictEntry]:
        """Add rows, in the order of their numbers; gives back those that were new."""
        new = [entry for entry in entries if entry.number not in self._entries]
        for entry in new:
            self._entries[entry.number] = entry
            image = entry.verdict.image
            self._by_hash.setdefault(image.content_hash, []).append(entry.number)
            if image.sop_instance_uid:
                self._by_uid.setdefault(image.sop_instance_uid, []).append(entry.number)
            verdict = entry.verdict
            for used, word in (
                (self._readers, verdict.reader),
                (self._labels, verdict.label),
                (self._reasons, verdict.reason),
            ):
                if word:
                    used.pop(word, None)
                    used[word] = None
            if entry.act is Act.UNDONE and entry.of is not None:
                self._undone.add(entry.of)
            elif entry.act is Act.REDONE and entry.of is not None:
                self._undone.discard(entry.of)
        return new

    def entry(self, number: int) -> VerdictEntry | None:
        """One row."""
        return self._entries.get(number)

    def entries(self) -> tuple[VerdictEntry, ...]:
        """All rows, oldest first."""
        return tuple(self._entries.values())

    def entries_after(self, number: int) -> tuple[VerdictEntry, ...]:
        """The rows newer than one, oldest first."""
        newer: list[VerdictEntry] = []
        for entry in reversed(self._entries.values()):
            if entry.number <= number:
                break
            newer.append(entry)
        return tuple(reversed(newer))

    def in_force(self, entry: VerdictEntry) -> bool:
        """Whether a verdict was given and not taken back."""
        return entry.act is Act.GIVEN and entry.number not in self._undone

    def history(self, image: ImageIdentity) -> tuple[VerdictEntry, ...]:
        """Everything that happened to an image's verdicts, oldest first."""
        return tuple(self._entries[number] for number in self._numbers(image))

    def latest_entry(self, image: ImageIdentity, reader: str | None = None) -> VerdictEntry | None:
        """The row of ``latest``."""
        for number in reversed(self._numbers(image)):
            entry = self._entries[number]
            if self.in_force(entry) and reader in (None, entry.verdict.reader):
                return entry
        return None

    def latest(self, image: ImageIdentity, reader: str | None = None) -> Verdict | None:
        """The verdict in force: the newest that was not taken back, by this reader or by any."""
        entry = self.latest_entry(image, reader)
        return entry.verdict if entry else None

    def readers_of(self, image: ImageIdentity) -> dict[str, Verdict]:
        """The verdict in force of each reader of an image, in the order of their first rows."""
        readers = dict.fromkeys(entry.verdict.reader for entry in self.history(image))
        found = {reader: self.latest(image, reader) for reader in readers}
        return {reader: verdict for reader, verdict in found.items() if verdict is not None}

    def last_number(self, image: ImageIdentity, reader: str) -> int:
        """Number of the reader's newest row on an image, of whatever act; 0 for none."""
        for number in reversed(self._numbers(image)):
            if self._entries[number].verdict.reader == reader:
                return number
        return 0

    def other_pixels(self, image: ImageIdentity) -> tuple[Verdict, ...]:
        """Verdicts in force under the same SOPInstanceUID, but given on other pixels."""
        if not image.content_hash or not image.sop_instance_uid:
            return ()
        rows = (self._entries[n] for n in self._by_uid.get(image.sop_instance_uid, ()))
        return tuple(
            row.verdict
            for row in rows
            if self.in_force(row) and row.verdict.image.content_hash != image.content_hash
        )

    def all(self) -> tuple[Verdict, ...]:
        """The verdicts in force, one for each image and reader, oldest first."""
        newest: dict[tuple[str, str], VerdictEntry] = {}
        for entry in self._entries.values():
            if self.in_force(entry):
                newest[entry.verdict.image.content_hash, entry.verdict.reader] = entry
        rows = sorted(newest.values(), key=lambda entry: entry.number)
        return tuple(entry.verdict for entry in rows)

    def readers(self) -> tuple[str, ...]:
        """Everybody who ever gave a verdict, who did last first."""
        return tuple(reversed(self._readers))

    def labels(self) -> tuple[str, ...]:
        """Every label that was ever given, the last first."""
        return tuple(reversed(self._labels))

    def reasons(self) -> tuple[str, ...]:
        """Every reason that was ever given, the last first."""
        return tuple(reversed(self._reasons))

    def _numbers(self, image: ImageIdentity) -> list[int]:
        if image.content_hash:
            return self._by_hash.get(image.content_hash, [])
        numbers = self._by_uid.get(image.sop_instance_uid, [])
        hashes = {self._entries[number].verdict.image.content_hash for number in numbers}
        return numbers if len(hashes) == 1 else []
