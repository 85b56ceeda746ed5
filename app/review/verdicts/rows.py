"""How a verdict lies in its database.

The schema by version, and a row to and from an ``VerdictEntry``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.core.base.json_text import parse_json
from app.core.model.results import Call
from app.core.reading.verdicts import (
    Act,
    Agreement,
    ImageIdentity,
    Region,
    RegionKind,
    Verdict,
    VerdictEntry,
)

APPLICATION_ID = 0x4F504356
""""OPCV", in the header of the file: a database of another program is never touched."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE history (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            act TEXT NOT NULL,
            of INTEGER REFERENCES history (number),
            content_hash TEXT NOT NULL CHECK (content_hash != ''),
            sop_instance_uid TEXT NOT NULL,
            reader TEXT NOT NULL CHECK (reader != ''),
            given_at TEXT NOT NULL,
            agreement TEXT,
            label TEXT NOT NULL,
            reason TEXT NOT NULL,
            note TEXT NOT NULL,
            key_image INTEGER NOT NULL,
            regions TEXT NOT NULL,
            score_visible INTEGER NOT NULL,
            heatmap_visible INTEGER NOT NULL,
            p_pneumonia REAL,
            threshold REAL,
            call TEXT,
            model TEXT NOT NULL
        )""",
        "CREATE INDEX history_by_reader ON history (content_hash, reader)",
        """CREATE TRIGGER history_keeps_rows BEFORE DELETE ON history
            BEGIN SELECT RAISE(ABORT, 'verdicts are never deleted'); END""",
        """CREATE TRIGGER history_keeps_words BEFORE UPDATE ON history
            BEGIN SELECT RAISE(ABORT, 'verdicts are never changed'); END""",
    ),
)
"""The statements that lead from version n - 1 to version n of the schema."""

COLUMNS = (
    *("act", "of", "content_hash", "sop_instance_uid", "reader", "given_at", "agreement"),
    *("label", "reason", "note", "key_image", "regions", "score_visible", "heatmap_visible"),
    *("p_pneumonia", "threshold", "call", "model"),
)


def to_row(act: Act, verdict: Verdict, of: int | None) -> tuple[object, ...]:
    """The values of ``COLUMNS``."""
    return (
        act.value,
        of,
        verdict.image.content_hash,
        verdict.image.sop_instance_uid,
        verdict.reader,
        verdict.given_at.astimezone(UTC).isoformat(timespec="microseconds"),
        verdict.agreement.value if verdict.agreement else None,
        verdict.label,
        verdict.reason,
        verdict.note,
        int(verdict.key_image),
        regions_to_json(verdict.regions),
        int(verdict.score_visible),
        int(verdict.heatmap_visible),
        verdict.p_pneumonia,
        verdict.threshold,
        verdict.call.value if verdict.call else None,
        verdict.model,
    )


class BadCell(ValueError):
    """A value that no version writes; ``row`` and ``column`` say where it stands."""

    def __init__(self, row: int, column: str) -> None:
        super().__init__(f"row {row}, column {column}")
        self.row = row
        self.column = column


def to_entry(row: tuple[Any, ...]) -> VerdictEntry:
    """Read ``number`` and ``COLUMNS`` back.

    Raises
    ------
    BadCell
        When a value is none that this version knows.
    """
    number, values = row[0], dict(zip(COLUMNS, row[1:], strict=True))
    for column, value in values.items():
        try:
            values[column] = _READERS[column](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadCell(number, column) from error
    act, of = values.pop("act"), values.pop("of")
    image = ImageIdentity(values.pop("content_hash"), values.pop("sop_instance_uid"))
    if not image.content_hash:
        raise BadCell(number, "content_hash")
    if not values["reader"]:
        raise BadCell(number, "reader")
    return VerdictEntry(number, act, Verdict(image=image, **values), of)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # what is no Unicode cannot be shown or exported
    return value


def _whole(value: object) -> int | None:
    if not isinstance(value, int | None):
        raise TypeError
    return value


def _yes_or_no(value: object) -> bool:
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def _share(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("content_hash", "sop_instance_uid", "reader"), _text),
    **dict.fromkeys(("label", "reason", "note", "model"), _text),
    **dict.fromkeys(("key_image", "score_visible", "heatmap_visible"), _yes_or_no),
    **dict.fromkeys(("p_pneumonia", "threshold"), _share),
    "act": Act,
    "of": _whole,
    "given_at": _moment,
    "agreement": lambda value: None if value in (None, "") else Agreement(value),
    "call": lambda value: None if value in (None, "") else Call(value),
    "regions": lambda value: regions_from_json(_text(value)),
}


def regions_to_json(regions: tuple[Region, ...]) -> str:
    """A list of objects with kind, points (column, row), label and frame."""
    return json.dumps(
        [
            {"kind": r.kind.value, "points": r.points, "label": r.label, "frame": r.frame}
            for r in regions
        ]
    )


def regions_from_json(text: str) -> tuple[Region, ...]:
    """The inverse of ``regions_to_json``."""
    try:
        regions = tuple(
            Region(
                RegionKind(made["kind"]),
                tuple((float(x), float(y)) for x, y in made["points"]),
                _text(made["label"]),
                int(made["frame"]),
            )
            for made in parse_json(text)
        )
        if not all(math.isfinite(each) for r in regions for point in r.points for each in point):
            raise ValueError("a point of a region lies nowhere")
        return regions
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("the regions of a verdict cannot be read") from error
