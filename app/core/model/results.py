"""What the network says of one image. Frozen dataclasses, nothing computed here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.core.base.reasons import Reason, caution, phrase, unreadable
from app.core.base.translation import mark
from app.core.dicom.orientation import Turn
from app.core.model.balance import Balance


class Status(StrEnum):
    """What became of an image."""

    OK = "ok"
    REFUSED = "refused"
    """Readable, but not something the network may judge: no score exists."""
    UNREADABLE = "unreadable"


class Call(StrEnum):
    """The side of the operating point on which a probability falls."""

    PNEUMONIA = "PNEUMONIA"
    NORMAL = "NORMAL"


class PneumoniaKind(StrEnum):
    """Which pneumonia it is, where there is one."""

    BACTERIAL = "bacterial"
    VIRAL = "viral"


WIDE_RANGE = caution(
    "wide-range",
    "Look yourself: networks trained alike would differ (between {low:.2f} and {high:.2f}).",
    "Look yourself: networks trained alike would differ.",
)
DECODER_FAILED = unreadable(
    "decoder-failed",
    "The decoder failed ({name}).",
    "The decoder failed ({name}).",
    "",
    "Convert the file and try again.",
)
NOT_READ = phrase("file-not-read", "The file could not be read")
NO_REASON = phrase("no-reason", "no reason was given")


@dataclass(frozen=True)
class ProbabilityRange:
    """Between which probabilities several networks would lie.

    Parameters
    ----------
    low, high
        Probabilities, ``low <= high``.
    is_wide
        Whether they lie so far apart that a person should look before trusting the score.
    """

    low: float
    high: float
    is_wide: bool


_AWAY = ("file-gone", "file-not-opened")
"""Codes of ``app.core.image.reader``: the file is not there, or its drive or share is not."""


@dataclass(frozen=True)
class Prediction:
    """The outcome for one image.

    Parameters
    ----------
    status
        ``ok`` only when there is a probability.
    reasons
        Why an image was refused or unreadable; for ``ok``, the cautions to read with the score,
        that of a wide range among them.
    p_pneumonia
        Probability in [0, 1], unrounded; None unless ``ok``.
    threshold
        The operating point the call was made at; None unless ``ok``.
    model, device
        Name and version of the model, and the hardware that ran it, as shown to a person.
    steps
        The preprocessing that was applied, in order.
    range
        How sure the network is of the probability; None where it does not say.
    p_bacterial
        Probability that a pneumonia, if it is one, is bacterial and not viral; None where the
        network does not tell the kinds apart.
    kind_threshold
        From this ``p_bacterial`` on, bacterial is said.
    own
        What the model itself says, where ``p_pneumonia`` is an audited score in its place: that of
        a network that never saw the patient. None everywhere else.
    """

    status: Status
    reasons: tuple[Reason, ...] = ()
    p_pneumonia: float | None = None
    threshold: float | None = None
    model: str = ""
    device: str = ""
    steps: tuple[Reason, ...] = ()
    range: ProbabilityRange | None = None
    p_bacterial: float | None = None
    kind_threshold: float | None = None
    own: Prediction | None = None

    @property
    def call(self) -> Call | None:
        """``p >= threshold`` on the unrounded value; None where there is no score."""
        if self.p_pneumonia is None or self.threshold is None:
            return None
        return Call.PNEUMONIA if self.p_pneumonia >= self.threshold else Call.NORMAL

    @property
    def is_away(self) -> bool:
        """Whether nothing is wrong with the image but that its file cannot be reached."""
        unreadable = self.status is Status.UNREADABLE
        return unreadable and any(reason.code in _AWAY for reason in self.reasons)

    @property
    def kind(self) -> PneumoniaKind | None:
        """Bacterial or viral, where pneumonia is called and the network tells them apart."""
        p, threshold = self.p_bacterial, self.kind_threshold
        if self.call is not Call.PNEUMONIA or p is None or threshold is None:
            return None
        return PneumoniaKind.BACTERIAL if p >= threshold else PneumoniaKind.VIRAL

    @property
    def reasons_of_image(self) -> tuple[Reason, ...]:
        """The reasons without that of a wide range, which tells a blinded reader the score."""
        return tuple(reason for reason in self.reasons if reason.code != WIDE_RANGE.code)

    def audited(self, p: float) -> Prediction:
        """An out-of-fold score in the place of the model's own, whose range says nothing of it."""
        if self.p_pneumonia is None or self.own is not None:
            return self
        reasons = self.reasons_of_image
        return replace(self, p_pneumonia=p, reasons=reasons, range=None, p_bacterial=None, own=self)

    def at(self, threshold: float) -> Prediction:
        """The same score, called at another threshold; without a score as it is."""
        return self if self.p_pneumonia is None else replace(self, threshold=threshold)


GRAD_CAM, INPUT_GRADIENT = "Grad-CAM", mark("Input gradient")
"""How a heatmap is computed: the second where a network has no convolution for the first."""


@dataclass(frozen=True)
class Heatmap:
    """Where the evidence for pneumonia lies, or that toward normal.

    Parameters
    ----------
    evidence
        Shape (rows, columns) of the grid, float32, >= 0, in units of the logit per grid cell. The
        grid spans the whole image, whatever its aspect ratio.
    full_scale
        The evidence shown in the strongest colour. It belongs to the model, not to the image,
        so that weak evidence looks weak.
    method
        ``GRAD_CAM`` or ``INPUT_GRADIENT``, as shown to a person.
    toward
        Which call the evidence speaks for.
    other
        The evidence for the other call: as ``evidence``, and on the same scale; None if unknown.
    balance
        How much of the logit the map accounts for; None if unknown.
    """

    evidence: NDArray[np.float32] = field(repr=False)
    full_scale: float
    method: str
    toward: Call = Call.PNEUMONIA
    other: NDArray[np.float32] | None = field(default=None, repr=False)
    balance: Balance | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the image speaks for that call (under 1 % of full scale)."""
        return not bool((self.evidence >= 0.01 * self.full_scale).any())

    def set_back(self, turn: Turn) -> Heatmap:
        """The map of a picture that was turned for the score, over the picture as it is stored."""
        other = None if self.other is None else turn.undone(self.other)
        return replace(self, evidence=turn.undone(self.evidence), other=other)

    def turned(self) -> Heatmap | None:
        """The map of the evidence for the other call; None where it is unknown."""
        if self.other is None:
            return None
        other = Call.NORMAL if self.toward is Call.PNEUMONIA else Call.PNEUMONIA
        return replace(self, evidence=self.other, other=self.evidence, toward=other)
