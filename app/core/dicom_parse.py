"""The elements of a DICOM file up to its pixels, whatever state its header is in."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pydicom
from pydicom import Dataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from app.core.dicom_frames import KEYWORDS
from app.core.dicom_header import numbers, text
from app.core.dicom_repair import VALUE_REPRESENTATIONS, with_known_vrs
from app.core.reasons import Reason, step

_UNKNOWN_VR = step("unknown-vr", "Elements of an unknown kind (VR) passed over")

_MAX_ELEMENTS = 20_000
_LOOKED_AT_BYTES = 256 << 20

Element = tuple[int, str | None, int, int]
"""Tag, VR, place of the value in the file, length."""


def parse(file: BinaryIO, *, before_pixels: bool) -> tuple[Dataset, Element | None, bool]:
    """Like ``dcmread(force=True)``, but a file that goes on in zeros does not take minutes.

    Eight zero bytes are an empty element to pydicom, and a half-copied file has millions. Also
    tells whether an element's VR is none among others that are.
    """
    elements = 0
    known = unknown = False
    pixels: Element | None = None

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal elements, pixels, known, unknown
        elements += 1
        is_known = vr is not None and vr.encode() in VALUE_REPRESENTATIONS
        known, unknown = known or is_known, unknown or not is_known
        if elements > _MAX_ELEMENTS:
            raise ValueError("more elements than a header has")
        if before_pixels and tag in KEYWORDS:
            pixels = int(tag), vr, file.tell(), length
            return True
        return False

    ds = read_partial(file, stop_when=stop, force=True)
    meta = getattr(ds, "file_meta", None) or pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = transfer_syntax_of(ds)
    ds.file_meta = meta
    return ds, pixels, known and unknown


def parse_mended(file: BinaryIO, notes: list[Reason]) -> tuple[Dataset, Element | None]:
    """Like ``parse`` up to the pixels; once more with its unknown VRs mended, if it has any."""
    failure: Exception | None = None
    ds, found = Dataset(), None
    try:
        ds, found, is_odd = parse(file, before_pixels=True)
        if found is not None and numbers(ds, "Rows") and not is_odd:
            return ds, found
    except MemoryError:
        raise
    except Exception as error:
        failure = error
    file.seek(0)
    mended = with_known_vrs(file.read(_LOOKED_AT_BYTES))
    if mended is not None:
        ds, found, _ = parse(BytesIO(mended), before_pixels=True)
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
