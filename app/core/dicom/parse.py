"""The elements of a DICOM file up to its pixels, whatever state its header is in."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pydicom
from pydicom import Dataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from app.core.base.limits import TooMuch
from app.core.base.reasons import Reason, step
from app.core.dicom.file import Endless, Place, read_dataset
from app.core.dicom.repair import VALUE_REPRESENTATIONS, with_known_vrs
from app.core.dicom.text import numbers, text

_UNKNOWN_VR = step("unknown-vr", "Elements of an unknown kind (VR) passed over")

_LOOKED_AT_BYTES = 32 << 20


def parse(file: BinaryIO) -> tuple[Dataset, Place | None, bool]:
    """The elements before the pixels, and where these lie.

    Also tells whether an element's VR is none among others that are.
    """
    known = unknown = False

    def look(vr: str | None) -> None:
        nonlocal known, unknown
        is_known = vr is not None and vr.encode() in VALUE_REPRESENTATIONS
        known, unknown = known or is_known, unknown or not is_known

    ds, place = read_dataset(file, look=look)
    meta = getattr(ds, "file_meta", None) or pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = transfer_syntax_of(ds)
    ds.file_meta = meta
    return ds, place, known and unknown


def parse_mended(file: BinaryIO, notes: list[Reason]) -> tuple[Dataset, Place | None]:
    """Like ``parse`` up to the pixels; once more with its unknown VRs mended, if it has any."""
    failure: Exception | None = None
    ds: Dataset = Dataset()
    found: Place | None = None
    try:
        ds, found, is_odd = parse(file)
        if found is not None and numbers(ds, "Rows") and not is_odd:
            return ds, found
    except (MemoryError, TooMuch, Endless):
        raise
    except Exception as error:
        failure = error
    file.seek(0)
    mended = with_known_vrs(file.read(_LOOKED_AT_BYTES))
    if mended is not None:
        ds, found, _ = parse(BytesIO(mended))
        notes.append(_UNKNOWN_VR())
    elif failure is not None:
        raise failure
    return ds, found


def transfer_syntax_of(ds: Dataset) -> UID:
    """The transfer syntax, from the encoding that pydicom found where no meta information is."""
    meta = getattr(ds, "file_meta", None)
    if meta is not None and text(meta, "TransferSyntaxUID"):
        return UID(text(meta, "TransferSyntaxUID"))
    implicit, little = ds.original_encoding
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
