"""Modality and VOI look-up tables (PS3.3 C.11.1.1, C.11.2.1.1) in all the forms that are met."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from app.core.dicom_header import numbers


def lut_of(
    item: Dataset, big_endian: bool, signed: bool
) -> tuple[NDArray[np.uint16], int, int] | None:
    """An item of a Modality or VOI LUT Sequence.

    Parameters
    ----------
    item
        The item.
    big_endian
        Whether the file is, so that words that pydicom left as bytes are.
    signed
        Whether the values that go into the table may be negative.

    Returns
    -------
    tuple
        The table, the first value that it maps and the highest entry that it may hold; None when
        it cannot be used.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3 or "LUTData" not in item:
        return None
    count, first, bits = (int(part) for part in descriptor)
    count = count or 65536
    if first > 32767 and signed:
        first -= 65536
    data = item.LUTData
    if not isinstance(data, bytes):
        data, big_endian = np.asarray(data, "<u2").tobytes(), False
    if bits == 8 and len(data) in (count, count + count % 2):
        table = np.frombuffer(data, np.uint8, count).astype(np.uint16)
    elif 8 <= bits <= 16 and len(data) >= 2 * count:
        table = np.frombuffer(data, ">u2" if big_endian else "<u2", count).astype(np.uint16)
    else:
        return None
    return table, first, 2**bits - 1
