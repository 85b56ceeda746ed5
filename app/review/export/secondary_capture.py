"""DICOM Secondary Capture (PS3.3 A.8.1): image and heatmap, in colour, in the same study."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from app.core.base.reasons import texts
from app.core.dicom.text import numbers, text
from app.core.model.triage import doubts
from app.review.export.picture import draw
from app.review.export.reviewed import MAKER, ReviewedImage, score_words, statement
from app.review.export.source import new_uid, reference, take_over, take_over_body_part

SERIES_NUMBER = 7101
_COPIED = (
    "BurnedInAnnotation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)
_DESCRIPTION = "AI heatmap, not for primary diagnosis"
_MOST_WORDS = 1024


def secondary_capture(image: ReviewedImage, ds: Dataset) -> Dataset:
    """Draw the image with its heatmap and its margin into a Secondary Capture.

    The picture has another size than its source, hence no frame of reference and no spacing: a
    distance measured in the margin would be none. BurnedInAnnotation stays what the source says
    of itself, since the margin tells neither patient nor date (C.7.6.1.1.7).

    Parameters
    ----------
    image
        With its pixels, and its heatmap where there is one.
    ds
        Its source.

    Returns
    -------
    Dataset
        Ready to be written; a series of its own.

    Raises
    ------
    OutputError
        When the image has no pixels or its source no usable UIDs.
    """
    from highdicom.sc import SCImage
    from highdicom.sr import CodedConcept

    drawn = draw(image)
    source = reference(ds)
    made = SCImage.from_ref_dataset(
        source,
        pixel_array=drawn.pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        series_instance_uid=new_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer=MAKER,
        # Required by highdicom; the standard lets it be empty, which it is where it is not known.
        patient_orientation=("L", "F"),
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description=_DESCRIPTION,
        manufacturer_model_name=MAKER,
        software_versions=_software(image),
    )
    orientation = text(ds, "PatientOrientation")
    known = orientation.count("\\") == 1
    made["PatientOrientation"].value = orientation.split("\\") if known else None
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.ConversionType = "WSD"
    for keyword in _COPIED:
        if keyword in ds:
            made[keyword] = ds[keyword]
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    if numbers(ds, "NumberOfFrames") and numbers(ds, "NumberOfFrames")[0] > 1:
        item.ReferencedFrameNumber = 1
    item.PurposeOfReferenceCodeSequence = [
        CodedConcept("121322", "DCM", "Source image for image processing operation")
    ]
    made.SourceImageSequence = [item]
    made.DerivationDescription = _derivation(image, drawn.scale)
    take_over_body_part(ds, made)
    take_over(ds, made)
    return made


def _software(image: ReviewedImage) -> str:
    name, version = image.model
    return f"{name} {version}".strip()[:64] or MAKER


def _derivation(image: ReviewedImage, scale: float) -> str:
    if image.heatmap is None:
        what = "Image with a margin"
    else:
        what = f"{image.heatmap.method} heatmap laid over the image, with a margin"
    reduced = "" if scale == 1.0 else f"; reduced to {scale:.3f} of its size"
    cautions = "; ".join(texts(doubts(image.prediction))) if image.prediction else ""
    words = f"{what}{reduced}; {score_words(image)}; {statement(image)}"
    return f"{words}; cautions: {cautions}"[:_MOST_WORDS] if cautions else words
