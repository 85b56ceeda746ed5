"""Tenths of patients, so that what is fitted on nine of them is measured on the tenth.

A threshold or a calibration looks better on the patients it was set on than on others. Each tenth
is judged by what the other nine gave, and nobody is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PARTS = 10


def parts_of(groups: Sequence[str], purpose: str) -> NDArray[np.int64]:
    """The tenth of each image's patient: fixed, and not the tenths by which training splits.

    Parameters
    ----------
    groups
        Patient of each image.
    purpose
        Other tenths for each purpose.
    """
    return np.array([_part_of(group, purpose) for group in groups], dtype=np.int64)


def _part_of(group: str, purpose: str) -> int:
    digest = hashlib.sha256(f"{purpose}\n{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS
