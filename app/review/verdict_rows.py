"""How a verdict lies in its database: the schema by version, and a row to and from an ``Entry``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from app.core.results import Call
from app.core.verdicts import (
    Act,
    Agreement,
    Entry,
    ImageIdentity,
    Region,
    RegionKind,
    Verdict,
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


def to_entry(row: tuple[Any, ...]) -> Entry:
    """Read ``number`` and ``COLUMNS`` back.

    Raises
    ------
    ValueError
        When a value is none that this version knows.
    """
    number, values = row[0], dict(zip(COLUMNS, row[1:], strict=True))
    verdict = Verdict(
        image=ImageIdentity(values["content_hash"], values["sop_instance_uid"]),
        reader=values["reader"],
        agreement=Agreement(values["agreement"]) if values["agreement"] else None,
        given_at=datetime.fromisoformat(values["given_at"]),
        label=values["label"],
        reason=values["reason"],
        note=values["note"],
        key_image=bool(values["key_image"]),
        regions=regions_from_json(values["regions"]),
        score_visible=bool(values["score_visible"]),
        heatmap_visible=bool(values["heatmap_visible"]),
        p_pneumonia=values["p_pneumonia"],
        threshold=values["threshold"],
        call=Call(values["call"]) if values["call"] else None,
        model=values["model"],
    )
    return Entry(number, Act(values["act"]), verdict, values["of"])


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
        return tuple(
            Region(
                RegionKind(made["kind"]),
                tuple((float(x), float(y)) for x, y in made["points"]),
                str(made["label"]),
                int(made["frame"]),
            )
            for made in json.loads(text)
        )
    except (KeyError, TypeError) as error:
        raise ValueError("the regions of a verdict cannot be read") from error
