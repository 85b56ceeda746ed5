"""Figures out of cards and records, which anybody may have written: no figure reads as absent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.base.translation import tr
from app.review.report.charts import number
from app.review.statistics.figures import Estimate


def at(raw: Any, *path: str) -> Any:
    """What lies at the end of a path of keys; None where there is none."""
    for key in path:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def estimate(raw: Any) -> Estimate:
    """From ``{"value": ..., "low": ..., "high": ...}`` or a number; undefined for anything else."""
    if _is_number(raw):
        return Estimate(float(raw))
    if not isinstance(raw, Mapping) or not _is_number(raw.get("value")):
        return Estimate(None)
    ends = [raw.get("low"), raw.get("high")]
    if isinstance(raw.get("interval"), list) and len(raw["interval"]) == 2:
        ends = raw["interval"]
    low, high = (float(end) if end is not None and _is_number(end) else None for end in ends)
    return Estimate(float(raw["value"]), low, high)


def plain(raw: Any, otherwise: float = 0.0) -> float:
    """A number, or another where there is none."""
    return float(raw) if _is_number(raw) else otherwise


def figure(raw: Any, digits: int = 3) -> str:
    """A figure with its interval, or a dash."""
    found = estimate(raw)
    return "–" if found.value is None else number(found, digits)


def brief(raw: Any) -> str:
    """A figure with its interval, as short as a narrow column needs it."""
    found = estimate(raw)
    if found.value is None or found.low is None or found.high is None:
        return figure(raw)
    return f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"


def count(raw: Any) -> str:
    """A count, or a dash."""
    return f"{raw:,}" if isinstance(raw, int) and not isinstance(raw, bool) else "–"


def estimates(raw: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every figure with an interval below a record, with the path to it."""
    if isinstance(raw, Mapping):
        if "value" in raw and ("low" in raw or "interval" in raw):
            yield path, raw
            return
        for key, value in raw.items():
            yield from estimates(value, (*path, str(key)))
    elif isinstance(raw, list):
        for place, value in enumerate(raw, 1):
            yield from estimates(value, (*path, str(place)))


def words(raw: Any) -> str:
    """A kept English text in the person's language, or nothing."""
    return tr(raw) if isinstance(raw, str) and raw else ""


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)
