"""What a person is told to do with a score: three calls, never "normal". Plain functions, no Qt."""

from __future__ import annotations

from enum import StrEnum

from app.core.base.reasons import Reason, caution
from app.core.model.results import Call, Prediction

SPLIT_RANGE = caution(
    "range-crosses-threshold",
    "Look yourself: the likely range ({low:.3f} to {high:.3f}) lies on both sides of the "
    "threshold ({threshold:.3f}).",
    "Look yourself: the likely range lies on both sides of the threshold.",
)


class Triage(StrEnum):
    """What the window calls a scored image; the call of tables stays that of the threshold."""

    SUSPICIOUS = "suspicious"
    UNSURE = "unsure"
    BELOW = "below threshold"


def triage(prediction: Prediction | None) -> Triage | None:
    """How a score is to be taken; None where there is none.

    A score that carries a caution, or whose range lies on both sides of the threshold, is no
    answer: the image is for a person to judge, whatever the call.
    """
    if prediction is None or prediction.call is None:
        return None
    if prediction.reasons or is_split(prediction):
        return Triage.UNSURE
    return Triage.SUSPICIOUS if prediction.call is Call.PNEUMONIA else Triage.BELOW


def is_split(prediction: Prediction) -> bool:
    """Whether the two ends of the range would be called differently."""
    sure, threshold = prediction.range, prediction.threshold
    return sure is not None and threshold is not None and sure.low < threshold <= sure.high


def doubts(prediction: Prediction) -> tuple[Reason, ...]:
    """Why there is no score, or what speaks against it: cautions, a split range."""
    sure = prediction.range
    if sure is None or prediction.threshold is None or not is_split(prediction):
        return prediction.reasons
    ends = {"low": sure.low, "high": sure.high, "threshold": prediction.threshold}
    # It says what that of a wide range would say, and more.
    return (*prediction.reasons_of_image, SPLIT_RANGE(**ends))
