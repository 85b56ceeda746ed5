"""The codes of the structured report: standard ones where there are, else our own scheme."""

from __future__ import annotations

from app.core.model.results import Call
from app.core.reading.verdicts import Agreement

SCHEME = "99OPACITY"
"""Private: its designator begins with 99, as PS3.16 8.2 asks."""
SCHEME_UID = "2.25.219746183640958306237391246823905283467"
SCHEME_NAME = "Opacity findings and verdicts"

Triple = tuple[str, str, str]
"""Code value, scheme, meaning."""

# Codes of SNOMED CT from the subset that DICOM may use freely (PS3.16 8.1.1).
CHEST_RADIOGRAPHY: Triple = ("399208008", "SCT", "Plain chest X-ray")
PNEUMONIA: Triple = ("233604007", "SCT", "Pneumonia")
NORMAL: Triple = ("17621005", "SCT", "Normal")
NO_UNITS: Triple = ("1", "UCUM", "no units")
COMMENT: Triple = ("121106", "DCM", "Comment")
FINDING: Triple = ("121071", "DCM", "Finding")

PROBABILITY: Triple = ("PNEUMONIA_PROBABILITY", SCHEME, "Probability of pneumonia by the model")
RANGE_LOW: Triple = ("LIKELY_RANGE_LOW", SCHEME, "Lower end of the probability's likely range")
RANGE_HIGH: Triple = ("LIKELY_RANGE_HIGH", SCHEME, "Upper end of the probability's likely range")
OPERATING_POINT: Triple = (
    "OPERATING_POINT",
    SCHEME,
    "Operating point (threshold on the probability)",
)
CALL: Triple = ("CALL", SCHEME, "Call at the operating point")
CALLS: dict[Call, Triple] = {
    Call.PNEUMONIA: ("CALL_PNEUMONIA", SCHEME, "PNEUMONIA: at or above the threshold"),
    Call.NORMAL: ("CALL_NORMAL", SCHEME, "NORMAL: below the threshold"),
}
NO_SCORE: Triple = ("NO_SCORE", SCHEME, "No score: not judged by the model")

VERDICT: Triple = ("VERDICT", SCHEME, "Reader's verdict on the call")
VERDICTS: dict[Agreement, Triple] = {
    Agreement.AGREE: ("AGREE", SCHEME, "Agrees with the call"),
    Agreement.DISAGREE: ("DISAGREE", SCHEME, "Disagrees with the call"),
    Agreement.UNSURE: ("UNSURE", SCHEME, "Unsure"),
}
OWN_LABEL: Triple = ("OWN_LABEL", SCHEME, "Reader's own label")
SCORE_IN_SIGHT: Triple = ("SCORE_IN_SIGHT", SCHEME, "Score was in sight at the verdict")
HEATMAP_IN_SIGHT: Triple = ("HEATMAP_IN_SIGHT", SCHEME, "Heatmap was in sight at the verdict")
KEY_IMAGE: Triple = ("KEY_IMAGE", SCHEME, "Marked as key image")
YES: Triple = ("373066001", "SCT", "Yes")
NO: Triple = ("373067005", "SCT", "No")
LABELS: dict[str, Triple] = {"PNEUMONIA": PNEUMONIA, "NORMAL": NORMAL}
