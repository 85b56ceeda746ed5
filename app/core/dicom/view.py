"""What each element of a DICOM header says of the view: codes, words, orientation, posture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydicom import Dataset

from app.core.dicom.text import items, text
from app.core.gate.view_words import FRONTAL, ViewKind, view_coded, view_named
from app.core.image.radiograph import ViewSaid

_CODED = ("ViewCodeSequence", "ViewModifierCodeSequence", "ProjectionEponymousNameCodeSequence")
_POSTURES = ("PatientOrientationCodeSequence", "PatientOrientationModifierCodeSequence")
_MODIFIERS = ("ViewModifierCodeSequence", "PatientOrientationModifierCodeSequence")
_OF_SERIES = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
_OF_MORE = (
    *("StudyDescription", "PerformedProcedureStepDescription", "RequestedProcedureDescription"),
    "ImageComments",
)
_CODED_OF_MORE = ("ProcedureCodeSequence", "PerformedProtocolCodeSequence")
_ON_THE_SIDE = re.compile(r"[HFAP]FD[RL]")
"""PatientPosition (PS3.3 C.7.3.1.1.2)."""
_AXIS = {"L": "across", "R": "across", "A": "through", "P": "through", "H": "along", "F": "along"}


def views_of(ds: Dataset, orientation: tuple[str, ...]) -> tuple[ViewSaid, ...]:
    """Everything that a header says of the view, the surest first.

    Parameters
    ----------
    ds
        The data set.
    orientation
        Where rows and columns run to, as ``app.core.dicom.orientation.checked`` gives it.
    """
    return tuple(dict.fromkeys((*_elements(ds), *_descriptions(ds, orientation))))


def view_shown(ds: Dataset, views: tuple[ViewSaid, ...]) -> str:
    """The view in the words of the header: ViewPosition, else whatever else names it."""
    if said := text(ds, "ViewPosition"):
        return said
    for keyword in _CODED:
        if said := next((name for _, name in _codes(ds, keyword) if name), ""):
            return said
    for view in views:
        if view.by == "element" and view.kind in FRONTAL:
            return view.kind.upper()
        if view.by == "element" or (view.by == "text" and view.kind not in {*FRONTAL, "other"}):
            return f"{view.kind.upper()} ({view.keyword})"
    return ""


def _elements(ds: Dataset) -> Iterator[ViewSaid]:
    said = text(ds, "ViewPosition")
    if kind := view_named(said):
        yield ViewSaid("ViewPosition", kind, said)
    for keyword in (*_CODED, *_POSTURES):
        for code, meaning in _codes(ds, keyword):
            for named in (view_coded(code), view_named(meaning)):
                if named and (keyword in _CODED or named == "decubitus"):
                    yield ViewSaid(keyword, named, meaning)
    position = text(ds, "PatientPosition").upper()
    if _ON_THE_SIDE.fullmatch(position):
        yield ViewSaid("PatientPosition", "decubitus", position)


def _descriptions(ds: Dataset, orientation: tuple[str, ...]) -> Iterator[ViewSaid]:
    for keyword in _OF_SERIES:
        if kind := view_named(text(ds, keyword), codes=False):
            yield ViewSaid(keyword, kind, by="text")
    if kind := _by_orientation(ds, orientation):
        yield ViewSaid("PatientOrientation", kind, text(ds, "PatientOrientation"), by="text")
    for keyword in _OF_MORE:
        if kind := view_named(text(ds, keyword), codes=False):
            yield ViewSaid(keyword, kind, by="study")
    for keyword in _CODED_OF_MORE:
        for _, meaning in _codes(ds, keyword):
            if kind := view_named(meaning, codes=False):
                yield ViewSaid(keyword, kind, by="study")


def _codes(ds: Dataset, keyword: str) -> Iterator[tuple[str, str]]:
    """Code and meaning of each item of a sequence, and of those that modify it."""
    for item in items(ds, keyword):
        long = text(item, "LongCodeValue") or text(item, "URNCodeValue")
        yield text(item, "CodeValue") or long, text(item, "CodeMeaning")
        for modifier in _MODIFIERS:
            yield from _codes(item, modifier)


def _by_orientation(ds: Dataset, orientation: tuple[str, ...]) -> ViewKind | None:
    """A view by where rows and columns run to: through the patient there is none from the front.

    Of letters that contradict each other those of the rows count: they run to the side of every
    frontal view, and to front or back of every lateral one.
    """
    said = orientation or tuple(text(ds, "PatientOrientation").upper().split("\\")[:1])
    axes = {_AXIS[letters[0]] for letters in said if letters[:1] in _AXIS}
    if "through" not in axes:
        return None
    return "other" if "across" in axes else "lateral"
