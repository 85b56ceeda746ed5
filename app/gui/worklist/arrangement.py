"""The order of the worklist: who stands where, and what a filter may hide. No Qt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from app.core.base.reasons import Reason
from app.core.image.radiograph import Header
from app.core.model.results import Prediction, Status
from app.core.model.triage import Triage, doubts, triage
from app.core.reading.verdicts import UNKNOWN, Agreement, ImageIdentity
from app.core.worklist.scan import Item
from app.gui.verdict.reading_protocols import RowReading
from app.gui.verdict.text import readers_words, row_words

NO_SCORE, SEALED, UNSURE, SUSPICIOUS, BELOW, READ, QUEUE, AS_OPENED = range(-1, -9, -1)
"""Entries of an arrangement are row numbers, or one of these section headings.

The list has them in this order. Sealed are the images of a blinded reader, whose groups would tell
the calls; the last stands alone.
"""
_OF_TRIAGE = {Triage.UNSURE: UNSURE, Triage.SUSPICIOUS: SUSPICIOUS, Triage.BELOW: BELOW}


class State(StrEnum):
    """What became of a row, in one word."""

    WAITING = "waiting"
    SCORED = "scored"
    CAUTION = "caution"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class WorklistColumn(IntEnum):
    """The columns of the table, in order."""

    SCORE = 0
    CALL = 1
    NAME = 2
    PATIENT_ID = 3
    VIEW = 4
    AGE = 5
    STATE = 6
    VERDICT = 7
    READER = 8
    PATIENT = 9
    STUDY_DATE = 10


class VerdictState(StrEnum):
    """What the filter knows of the verdicts on a row."""

    UNREAD = "unread"
    READ = "read"
    AGREE = Agreement.AGREE.value
    DISAGREE = Agreement.DISAGREE.value
    UNSURE = Agreement.UNSURE.value
    KEY_IMAGE = "key image"
    OTHERS = "read by others"
    OTHER_PIXELS = "other pixels"


_CALLS = (Triage.BELOW, Triage.UNSURE, Triage.SUSPICIOUS)
_URGENCY = {State.REFUSED: 0, State.UNREADABLE: 1}
_NUMBERS = re.compile(r"(\d+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which image 9 comes before image 10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in _NUMBERS.split(text.casefold())
        if part
    )


@dataclass(slots=True)
class Row:
    """One image of the worklist."""

    item: Item
    name: str = ""
    prediction: Prediction | None = None
    header: Header = field(default_factory=Header)
    search_text: str = ""
    gone: bool = False
    """Whether the file is no longer there."""
    image: ImageIdentity = UNKNOWN
    reading: RowReading = field(default_factory=RowReading)

    def __post_init__(self) -> None:
        self.name = self.item.path.name
        self._refresh_text()

    def take(self, prediction: Prediction | None, header: Header | None) -> None:
        """Keep what is now known of the image; None for a prediction puts it back in the queue."""
        away = prediction is not None and prediction.is_away
        if away and self.prediction is not None and not self.prediction.is_away:
            return  # what was found while the file was there stays
        self.prediction = prediction
        if header is not None:
            self.header = header
        self._refresh_text()

    def _refresh_text(self) -> None:
        header = self.header
        parts = (self.item.shown, header.patient_id, header.patient_name, header.view)
        self.search_text = " ".join(parts).casefold()

    @property
    def state(self) -> State:
        """The word in the state column."""
        if self.prediction is None:
            return State.WAITING
        if self.prediction.status is Status.REFUSED:
            return State.REFUSED
        if self.prediction.status is Status.UNREADABLE or self.prediction.p_pneumonia is None:
            return State.UNREADABLE
        return State.CAUTION if self.reasons else State.SCORED

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why there is no score, or what to read it with; while sealed, nothing that tells it."""
        if self.prediction is None:
            return ()
        return self.prediction.reasons_of_image if self.sealed else doubts(self.prediction)

    @property
    def needs_eyes(self) -> bool:
        """Whether there is no score: nobody but a person has an opinion on the image."""
        return self.prediction is None or self.prediction.p_pneumonia is None

    @property
    def sealed(self) -> bool:
        """Whether there is a score that the reader must not see yet."""
        return self.reading.sealed and not self.needs_eyes

    @property
    def triage(self) -> Triage | None:
        """What the score is called, None where there is no score or it must not be seen."""
        return None if self.sealed else triage(self.prediction)

    @property
    def section(self) -> int:
        """The heading under which the row stands."""
        if self.is_read:
            return READ
        if self.prediction is None:
            return QUEUE
        if self.needs_eyes:
            return NO_SCORE
        return SEALED if self.triage is None else _OF_TRIAGE[self.triage]

    @property
    def is_read(self) -> bool:
        """Whether this reader has judged the image."""
        return self.reading.verdict is not None and self.reading.verdict.is_read

    def is_in(self, state: VerdictState) -> bool:
        """Whether the verdicts on the image are so."""
        verdict = self.reading.verdict
        match state:
            case VerdictState.UNREAD:
                return not self.is_read
            case VerdictState.READ:
                return self.is_read
            case VerdictState.KEY_IMAGE:
                return verdict is not None and verdict.key_image
            case VerdictState.OTHERS:
                return any(other.is_read for other in self.reading.others)
            case VerdictState.OTHER_PIXELS:
                return self.reading.other_pixels
        return verdict is not None and verdict.agreement == state.value


@dataclass(frozen=True)
class Filter:
    """What the person wants to see; empty strings let everything through."""

    text: str = ""
    call: str = ""
    state: str = ""
    verdict: str = ""

    def shows(self, row: Row) -> bool:
        """Whether a row is to be seen.

        The call never hides a row that has no call: such a row is not normal, only unjudged.
        """
        if self.text and self.text not in row.search_text:
            return False
        if self.state and row.state != self.state:
            return False
        if self.verdict and not row.is_in(VerdictState(self.verdict)):
            return False
        # A filter that hid a sealed row would tell its call.
        return not (self.call and row.triage is not None and row.triage != self.call)


@dataclass(frozen=True)
class Arrangement:
    """Which rows are seen, in which order.

    Parameters
    ----------
    entries
        Row numbers and section headings, top to bottom.
    totals
        How many rows each section has, whatever the filter.
    seen
        How many of them the filter lets through.
    place_in_study
        ``first``, ``middle`` or ``last`` for rows of a study with more than one row in its
        section.
    states
        How many of the rows that cannot have a score are of each state, whatever the filter.
    read
        How many rows this reader has judged, where the order was given.
    """

    entries: list[int]
    totals: dict[int, int]
    seen: dict[int, int]
    place_in_study: dict[int, str]
    states: Counter[State] = field(default_factory=Counter)
    read: int = 0
    title: str = ""
    """Of the one section there is where the order was given."""


def _value_of(column: WorklistColumn) -> Callable[[Row], object]:
    def score(row: Row) -> object:
        return row.prediction.p_pneumonia if row.prediction else None

    return {
        WorklistColumn.SCORE: score,
        WorklistColumn.CALL: lambda row: row.triage and _CALLS.index(row.triage),
        WorklistColumn.NAME: lambda row: natural_key(row.name),
        WorklistColumn.PATIENT_ID: lambda row: natural_key(row.header.patient_id) or None,
        WorklistColumn.VIEW: lambda row: row.header.view or None,
        WorklistColumn.AGE: lambda row: row.header.age_years,
        WorklistColumn.STATE: lambda row: row.state,
        WorklistColumn.VERDICT: lambda row: row_words(row.reading) or None,
        WorklistColumn.READER: lambda row: readers_words(row.reading).casefold() or None,
        WorklistColumn.PATIENT: lambda row: natural_key(row.header.patient_name) or None,
        WorklistColumn.STUDY_DATE: lambda row: row.header.study_date or None,
    }[column]


def _ordered(
    rows: list[Row], numbers: Iterable[int], column: WorklistColumn, descending: bool
) -> list[int]:
    """Sorted by a column, what has no value last; equal rows keep the order of the folder."""
    value_of = _value_of(column)
    known, unknown = [], []
    for number in numbers:
        value = value_of(rows[number])
        if value is None:
            unknown.append(number)
        else:
            known.append((value, number))
    known.sort(key=lambda pair: pair[0], reverse=descending)  # type: ignore[arg-type,return-value]
    return [number for _, number in known] + unknown


def _studies_together(
    rows: list[Row], order: list[int], place_in_study: dict[int, str]
) -> list[int]:
    """Bring each study's rows together where its first, hence worst, row stands."""
    members: dict[str, list[int]] = {}
    for number in order:
        if study := rows[number].header.study_instance_uid:
            members.setdefault(study, []).append(number)
    together: list[int] = []
    for number in order:
        study = rows[number].header.study_instance_uid
        if not study:
            together.append(number)
            continue
        group = members.pop(study, None)
        if group is None:
            continue
        together.extend(group)
        if len(group) > 1:
            place_in_study.update((number, "middle") for number in group)
            place_in_study[group[0]], place_in_study[group[-1]] = "first", "last"
    return together


def arrange(
    rows: list[Row],
    shown: Filter,
    column: WorklistColumn = WorklistColumn.SCORE,
    descending: bool = True,
    folded: frozenset[int] = frozenset(),
    blinded: bool = False,
    kept_order: str = "",
) -> Arrangement:
    """Put each image under its heading, those of a group ranked, and the queue last.

    Parameters
    ----------
    rows
        All rows, in the order of the scan.
    shown
        The filter.
    column, descending
        What to rank by; the sections stay apart whatever it is.
    folded
        Sections of which only the heading is wanted.
    blinded
        Whether the order must tell nothing of the scores: it is then that of the scan.
    kept_order
        The images were opened in an order of their own, which stays whatever becomes of them: what
        they are, as the heading of their one section; empty for the usual order.
    """
    if kept_order:
        return _as_opened(rows, shown, AS_OPENED in folded, kept_order)
    members: dict[int, list[int]] = {section: [] for section in range(NO_SCORE, AS_OPENED, -1)}
    totals: Counter[int] = Counter()
    states: Counter[State] = Counter()
    for number, row in enumerate(rows):
        section = row.section
        totals[section] += 1
        if section == NO_SCORE:
            states[row.state] += 1
        if shown.shows(row):
            members[section].append(number)
    entries: list[int] = []
    place_in_study: dict[int, str] = {}
    for section, numbers in members.items():
        if not totals[section]:
            continue
        entries.append(section)
        if section in folded:
            continue
        order = numbers
        if column != WorklistColumn.SCORE or section not in (NO_SCORE, QUEUE):
            # In the order of the scan, a blinded reader is told nothing.
            if not (blinded and column in (WorklistColumn.SCORE, WorklistColumn.CALL)):
                order = _ordered(rows, numbers, column, descending)
        elif section == NO_SCORE:
            # Among what has no score there is nothing to rank by: urgency stays the order.
            order = sorted(numbers, key=lambda number: _URGENCY[rows[number].state])
        entries.extend(_studies_together(rows, order, place_in_study))
    seen = {section: len(numbers) for section, numbers in members.items()}
    return Arrangement(entries, totals, seen, place_in_study, states)


def _as_opened(rows: list[Row], shown: Filter, folded: bool, title: str) -> Arrangement:
    """One section in the order of the scan."""
    seen = [number for number, row in enumerate(rows) if shown.shows(row)]
    return Arrangement(
        [AS_OPENED, *(() if folded else seen)] if rows else [],
        {AS_OPENED: len(rows)},
        {AS_OPENED: len(seen)},
        {},
        read=sum(row.is_read for row in rows),
        title=title,
    )
