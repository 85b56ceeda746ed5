"""Which slices the columns of an audit make: values, quarters of numbers, parts of lists."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark, tr
from app.review.audit.csv_table import NO_LABEL

MOST_NUMBERS = 8
"""A column with more different numbers is cut into quarters of the images."""
MOST_VALUES = 25
"""Of a column with more different words, the most frequent ones make a slice each."""
LISTED = "|"
"""Stands between the findings of one image in public data sets, such as ChestX-ray14."""
NOT_STATED = mark("not stated")
OTHERS = mark("all other values")
SAME_FOR_ALL = mark("the same for all images")
DIFFERENT_FOR_EACH = mark("different for nearly every image")
WHY_NOT = (SAME_FOR_ALL, DIFFERENT_FOR_EACH)
"""Why a column makes no slices: in English, translated where shown."""

_COVERED_BY = {"age": "age group"}
"""A column of numbers whose bands are there as a column of their own."""


@dataclass(frozen=True)
class Group:
    """The images that share a value of a column.

    Parameters
    ----------
    column, value
        In words; the value is translated where it is one of ours.
    member
        Shape (n,), whether each image is in it.
    """

    column: str
    value: str
    member: NDArray[np.bool_] = field(repr=False)


def groups(rows: Sequence[Mapping[str, str]]) -> tuple[tuple[Group, ...], dict[str, str]]:
    """Cut the images by each of their columns.

    Parameters
    ----------
    rows
        The columns of each image; what is not known may be missing or empty.

    Returns
    -------
    groups, left_out : tuple of Group, dict
        Column by column in the order in which they appear; and why a column makes no slices, one
        of ``WHY_NOT``.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    made: list[Group] = []
    left_out: dict[str, str] = {}
    for name in names:
        if _COVERED_BY.get(name) in names:
            continue
        said = (row.get(name, "").strip() for row in rows)
        values = ["" if value.lower() in NO_LABEL else value for value in said]
        cut = _cut(values)
        if isinstance(cut, str):
            left_out[name] = cut
            continue
        for value, member in cut.items():
            made.append(Group(name, value, member))
    return tuple(made), left_out


def _cut(values: Sequence[str]) -> dict[str, NDArray[np.bool_]] | str:
    """Members by value; or why not."""
    different = Counter(values)
    if len(different) < 2:
        return SAME_FOR_ALL
    stated = sorted(set(different) - {""})
    if len(stated) > MOST_NUMBERS and all(_number(value) is not None for value in stated):
        return _quarters([_number(value) for value in values])
    if any(LISTED in value for value in stated):
        return _kept(values, [part for value in values for part in _parts(value)])
    if len(stated) > MOST_VALUES and len(stated) > len(values) / 2:
        return DIFFERENT_FOR_EACH
    return _kept(values, values)


def _kept(values: Sequence[str], parts: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """A slice for each frequent value, one for the others, one where none is stated."""
    order = [part for part, _ in Counter(part for part in parts if part).most_common()]
    frequent = order[:MOST_VALUES]
    sets = [_parts(value) if LISTED in value else {value} for value in values]
    cut = {part: np.array([part in each for each in sets], bool) for part in frequent}
    if len(order) > len(frequent):
        rare = set(order[len(frequent) :])
        cut[tr(OTHERS)] = np.array([bool(each & rare) for each in sets], bool)
    unknown = np.array([not value for value in values], bool)
    if unknown.any():
        cut[tr(NOT_STATED)] = unknown
    return cut


def _parts(value: str) -> set[str]:
    return {part.strip() for part in value.split(LISTED) if part.strip()}


def _quarters(numbers: Sequence[float | None]) -> dict[str, NDArray[np.bool_]]:
    """Quarters of the images with a number: a number is never in two of them."""
    values = np.array([math.nan if number is None else number for number in numbers])
    stated = values[~np.isnan(values)]
    edges = np.unique(np.percentile(stated, (25, 50, 75), method="lower"))
    place = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    cut = {}
    for at in range(len(edges) + 1):
        member = place == at
        if member.any():
            cut[_band(float(values[member].min()), float(values[member].max()))] = member
    if (place < 0).any():
        cut[tr(NOT_STATED)] = place < 0
    return cut


def _number(value: str) -> float | None:
    try:
        number = float(value.replace(",", ".")) if value else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _band(low: float, high: float) -> str:
    return f"{low:g}" if low == high else tr("{low:g} to {high:g}", low=low, high=high)
