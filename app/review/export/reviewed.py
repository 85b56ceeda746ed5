"""What an export is made from: one image with all that was said of it; frozen dataclasses.

Also the words that every export carries: model, version, threshold and what the file is not for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from app import __version__
from app.core.base.reasons import Reason
from app.core.gate.rules import AGE_OUTSIDE
from app.core.image.heatmap_paint import DEFAULT_PALETTE
from app.core.image.radiograph import Header, Radiograph, Voi
from app.core.model.results import NOT_READ, Heatmap, Prediction
from app.core.reading.verdicts import UNKNOWN, ImageIdentity, Verdict
from app.core.worklist.scan import Item

NOT_FOR_DIAGNOSIS = "Not for primary diagnosis"
MAKER = "Opacity"


class Format(StrEnum):
    """What can be written; the first six are one file an image, the others one for a list."""

    SECONDARY_CAPTURE = "sc"
    STRUCTURED_REPORT = "sr"
    PRESENTATION_STATE = "gsps"
    DICOM = "dicom"
    """The image itself, de-identified."""
    PNG = "png"
    VIEW = "view"
    """What is on the screen; only for the image in view."""
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


DICOM_FORMATS = frozenset(
    {Format.SECONDARY_CAPTURE, Format.STRUCTURED_REPORT, Format.PRESENTATION_STATE, Format.DICOM}
)
PIXEL_FORMATS = DICOM_FORMATS - {Format.STRUCTURED_REPORT, Format.DICOM} | {Format.PNG, Format.PDF}
"""Those for which the image is decoded again."""
HEATMAP_FORMATS = frozenset({Format.SECONDARY_CAPTURE, Format.PNG, Format.PDF})


@dataclass(frozen=True)
class ExportedView:
    """How the image was seen when it was exported.

    Parameters
    ----------
    voi
        Window or VOI LUT; None for the image's own default.
    inverted
        Shown as a negative, on top of what MONOCHROME1 asks for.
    heatmap_opacity
        Of full-scale evidence, 0 to 1.
    palette
        Of the heatmap; a key of ``app.core.image.heatmap_paint.PALETTES``.
    """

    voi: Voi | None = None
    inverted: bool = False
    heatmap_opacity: float = 0.6
    palette: str = DEFAULT_PALETTE


@dataclass(frozen=True)
class ReviewedImage:
    """One image and what network and reader said of it.

    Parameters
    ----------
    item
        Its file.
    header
        What the file's header says; empty for PNG, JPEG and TIFF.
    identity
        By what its verdicts are known; None while it was not read.
    prediction
        None while it was not scored.
    verdict
        The reader's, None where there is none.
    heatmap, radiograph
        There for the formats that show pixels.
    look
        As on the screen.
    operating_point
        Name of the threshold, in words; may be empty.
    """

    item: Item
    header: Header = field(default_factory=Header)
    identity: ImageIdentity | None = None
    prediction: Prediction | None = None
    verdict: Verdict | None = None
    heatmap: Heatmap | None = field(default=None, repr=False)
    radiograph: Radiograph | None = field(default=None, repr=False)
    look: ExportedView = ExportedView()
    operating_point: str = ""

    @property
    def model(self) -> tuple[str, str]:
        """Name and version of the model that judged it; empty where none did."""
        name, _, version = (self.prediction.model if self.prediction else "").rpartition(" ")
        return name, version


def score_words(image: ReviewedImage) -> str:
    """The outcome in one line: the unrounded score decides, so the call is always said."""
    prediction = image.prediction
    if prediction is None:
        return "Not scored"
    if prediction.p_pneumonia is None or prediction.threshold is None:
        return f"No score ({prediction.status})"
    sure = prediction.range
    likely = "" if sure is None else f" (likely {sure.low:.3f} to {sure.high:.3f})"
    return f"Score {prediction.p_pneumonia:.3f}{likely}, call {prediction.call}"


def statement(image: ReviewedImage) -> str:
    """Model, version, threshold and what the file is not for, in one line of ASCII."""
    name, version = image.model
    parts = [f"Model {name} {version}" if name else "No model"]
    if image.prediction is not None and image.prediction.threshold is not None:
        point = f" ({image.operating_point})" if image.operating_point else ""
        parts.append(f"threshold {image.prediction.threshold:.6g}{point}")
    return "; ".join((*parts, NOT_FOR_DIAGNOSIS.lower(), f"{MAKER} {__version__}"))


def person_words(name: str) -> str:
    """A PN value for a person: its parts by spaces, its scripts by strokes (PS3.5 6.2.1.1)."""
    scripts = (" ".join(script.replace("^", " ").split()) for script in name.split("="))
    return " / ".join(each for each in scripts if each)


def without_identity(image: ReviewedImage, name: str, patient: str) -> ReviewedImage:
    """The image under another name, without whatever could tell whose it is or who read it.

    The reader's own words (note, reason, a label that is not one of the two classes, labels of
    regions) may name the patient, so they are left out; so is a reason that tells a path or the
    age.

    Parameters
    ----------
    image
        With its identity.
    name
        What it is called from now on.
    patient
        The pseudonym in the patient ID's place; empty where the file named no patient.
    """
    prediction, verdict = image.prediction, image.verdict
    if prediction is not None:
        reasons = tuple(_without_traces(each, image) for each in prediction.reasons)
        prediction = replace(prediction, reasons=reasons)
    if verdict is not None:
        regions = tuple(
            replace(region, label=f"Region {number}")
            for number, region in enumerate(verdict.regions, 1)
        )
        verdict = replace(
            verdict,
            image=UNKNOWN,
            reader="",
            label=verdict.label if verdict.label.upper() in ("NORMAL", "PNEUMONIA") else "",
            reason="",
            note="",
            regions=regions,
        )
    header = Header(
        is_dicom=image.header.is_dicom,
        patient_id=patient,
        modality=image.header.modality,
        view=image.header.view,
        frames=image.header.frames,
    )
    return replace(
        image,
        item=replace(image.item, shown=name),
        header=header,
        identity=None,
        prediction=prediction,
        verdict=verdict,
    )


def _without_traces(reason: Reason, image: ReviewedImage) -> Reason:
    words = reason.text()
    if any(path and path in words for path in (str(image.item.path), image.item.shown)):
        return NOT_READ()
    return reason.group if reason.code == AGE_OUTSIDE.code else reason
