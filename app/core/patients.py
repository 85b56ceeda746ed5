"""Who is on an image, as far as its file name says, and into which fold that person falls.

Every split of data goes through here, so that every training splits alike and no patient is
ever on both sides.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath

FOLDS = 5
_BUCKETS = 10

_PERSON = re.compile(r"^(person\d+)_(bacteria|virus)_\d+(?:_\d+)*$", re.IGNORECASE)
_STUDY = re.compile(r"^((?:NORMAL2-)?IM-\d+)(?:-\d+)+$", re.IGNORECASE)
_NIH = re.compile(r"^(\d{8})_\d{3}$")


def patient_of(name: str) -> str | None:
    """The patient whom a file name of a known collection carries, or None.

    ``person12_virus_3.jpeg`` gives ``person12`` whatever the pneumonia's kind: the kinds may be
    numbered apart, but treating both as one person can only make a split safer.
    """
    stem = PurePath(name).stem
    for pattern in (_PERSON, _STUDY, _NIH):
        if match := pattern.match(stem):
            return match.group(1).lower()
    return None


def pneumonia_kind(name: str) -> str | None:
    """``bacteria`` or ``virus`` where the file name says it, else None."""
    match = _PERSON.match(PurePath(name).stem)
    return match.group(2).lower() if match else None


def group_of(name: str, content_hash: str, patient_id: str = "") -> str:
    """The key by which an image is kept together with others: its patient, else its content.

    Parameters
    ----------
    name
        File name.
    patient_id
        Issuer and PatientID of a DICOM header, where there is one: it goes before the name.
    content_hash
        Hash of the decoded pixels: copies of one image under two names stay on one side.
    """
    return patient_id or patient_of(name) or content_hash


def bucket_of(group: str) -> int:
    """A fixed number from 0 to 9 for a group, the same on every machine and in every year."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") % _BUCKETS


def side_of(group: str, fold: int) -> str:
    """Where a group stands when ``fold`` is held out.

    Returns
    -------
    str
        ``calibration`` (a fifth: never trained on, sets the operating point), ``validation``
        (a tenth: decides when to stop) or ``train``.
    """
    bucket = bucket_of(group)
    if bucket // 2 == fold % FOLDS:
        return "calibration"
    # The inner validation is one half of the next fold.
    return "validation" if bucket == (2 * (fold + 1)) % _BUCKETS else "train"
