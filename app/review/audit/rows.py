"""One audited image: what its file, its label and the network say of it. Nothing computed here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.base.reasons import Reason
from app.core.model.results import Status
from app.core.reading.verdicts import UNKNOWN, ImageIdentity


@dataclass(frozen=True)
class AuditRow:
    """One labelled image and what the model says of it.

    Parameters
    ----------
    name
        Its path below the audited folder, with forward slashes.
    path
        Where it is.
    label
        0 for NORMAL, 1 for PNEUMONIA.
    patient
        Key by which images of one person are held together, from the CSV, the DICOM header or the
        file's name, made as training makes it (``app.core.worklist.patients.Naming.key``); None
        where nobody
        knows.
    content_hash
        SHA-256 in hex of the default display (``app.core.image.preprocess.content_hash``), as
        cards and
        out-of-fold scores have it; empty for an unreadable file.
    columns
        What slices are made of: ``source folder``, ``view``, ``sex``, ``age group``,
        ``pneumonia kind``, ``image size`` where they are known, and every column of the CSV, by
        lower-case name. What is not known is not there.
    status
        ``ok`` only when there is a score.
    reasons
        Why it was refused or cannot be read; for ``ok`` the cautions.
    p
        Calibrated probability of pneumonia; None unless ``ok``.
    out_of_fold
        Whether ``p`` comes from a network that never saw this patient, because the audited one
        was trained on the image.
    seen
        ``exact`` where the audited model was trained on this picture, ``near`` on a resized or
        re-compressed copy, else empty.
    perceptual_hash
        32 bytes (``app.core.image.preprocess.perceptual_hash``); empty for an unreadable file.
    identity
        By what its verdicts are found.
    """

    name: str
    path: Path
    label: int
    patient: str | None = None
    content_hash: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    status: Status = Status.OK
    reasons: tuple[Reason, ...] = ()
    p: float | None = None
    out_of_fold: bool = False
    seen: str = ""
    perceptual_hash: bytes = b""
    identity: ImageIdentity = UNKNOWN

    @property
    def scored(self) -> bool:
        """Whether it has a score that is a number."""
        return self.status is Status.OK and self.p is not None and math.isfinite(self.p)
