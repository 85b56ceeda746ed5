"""May the network judge this image? Told from header and picture, with its reasons.

The network saw frontal chest radiographs of children. What is certainly none of that is refused;
what may be outside its experience is scored with a caution. An image without a header passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.base.ages import age_phrase, doubt_reason
from app.core.base.reasons import Reason, caution, refusal
from app.core.base.translation import mark
from app.core.gate import clipped
from app.core.gate.burned_text import text_over_lungs
from app.core.gate.header_words import is_chest, is_wider, says_no_part
from app.core.gate.view import judge_view
from app.core.image.display import rendered_sample
from app.core.image.radiograph import Header, Radiograph

MODALITIES = {
    "CR": mark("computed radiography"),
    "DX": mark("digital radiography"),
    "RG": mark("radiographic imaging (film)"),
    "RF": "radiofluoroscopy",
}
"""XA (angiography), PX (dental), MG, CT and all others are refused; so is OT, which is what
screenshots and scanned papers carry."""

MIN_SIDE = 64
"""Pixels. The smallest training image is 127 pixels high."""

MIN_SPREAD = 4
"""Grey levels of 255 between the 0.5th and the 99.5th percentile of the default display."""

MIN_LEVELS = 16
"""Fewer different greys are a fax, a mask or the noise of an empty exposure: the network would
give them a score all the same."""

FEW_LEVELS = 64
"""Fewer are scored with a caution. Of 1,500 real radiographs none had fewer than 149, and a picture
reduced to 16 greys was seen to change its score by 0.2."""

_TAIL = 0.005

_TOO_SMALL = refusal(
    "too-few-pixels",
    "The image has only {columns} × {rows} pixels; at least {min_side} a side are needed",
    "The image has too few pixels",
)
_FRAMES = refusal(
    "several-frames",
    "The file holds {frames} frames, not a single radiograph",
    "The file holds several frames, not a single radiograph",
)
_COLOUR = refusal("colour", "The image is in colour, which a radiograph is not")
_BLANK = refusal("blank", "The image is blank: nearly all of it has the same grey value")
_TOO_FEW_GREYS = refusal(
    "too-few-greys",
    "The image has only {levels} different greys, too few for a radiograph",
    "The image has too few different greys for a radiograph",
)
_FEW_GREYS = caution(
    "few-greys",
    "The image has only {levels} different greys, fewer than usual",
    "The image has fewer different greys than usual",
)
_NOTHING_LEFT = refusal(
    "greys-cut-off",
    "The greys are cut off: next to nothing of the body is left (its middle is {black:.0%} pure "
    "black, {white:.0%} pure white)",
    "The greys are cut off: next to nothing of the body is left",
)
_BRIGHT_CUT_OFF = caution(
    "bright-greys-cut-off",
    "The bright greys are cut off inside the body ({white:.0%} of its middle is pure white): "
    "wrongly exposed or wrongly windowed",
    "The bright greys are cut off inside the body: wrongly exposed or wrongly windowed",
)
_DARK_CUT_OFF = caution(
    "dark-greys-cut-off",
    "The dark greys are cut off inside the body ({black:.0%} of its middle is pure black): "
    "wrongly exposed or wrongly windowed",
    "The dark greys are cut off inside the body: wrongly exposed or wrongly windowed",
)
_TEXT = caution("text-over-lungs", "There is text over the lungs, burned into the picture")
_NO_MODALITY = refusal(
    "no-modality", "The header does not say that this is a radiograph (no Modality)"
)
_MODALITY = refusal(
    "modality-no-radiograph",
    "Modality {modality} is not a radiograph ({modalities})",
    "Modality {modality} is not a radiograph",
)
_OTHER_PART = refusal(
    "body-part-not-chest",
    "The body part is {said}, not the chest",
    "The body part is not the chest",
)
_WIDER = caution(
    "more-than-chest",
    "The image shows more than the chest ({said})",
    "The image shows more than the chest",
)
_NO_PART = caution("body-part-not-named", "The header does not name the body part")
_PART_SAYS_NOTHING = caution(
    "body-part-says-nothing",
    "The header does not name the body part ({said})",
    "The header does not name the body part",
)
_OTHER_DESCRIBED = refusal(
    "descriptions-not-chest",
    "The header's descriptions name {other}, not the chest",
    "The header's descriptions name another part of the body, not the chest",
)
_OTHER_BESIDE = caution(
    "descriptions-name-more",
    "The header's descriptions name {other} beside the chest",
    "The header's descriptions name another part of the body beside the chest",
)
UNLIKE_UNKNOWN = refusal(
    "unlikeness-not-finite",
    "How unlike the training images the image is cannot be told: the network's features of it are "
    "no finite numbers, so its score cannot be trusted",
)
UNLIKE_TOO_FAR = refusal(
    "unlike-training-refused",
    "The image is unlike the chest X-rays that the network learnt from ({times:.1f} times the "
    "usual limit): it may be no chest X-ray",
    "The image is unlike the chest X-rays that the network learnt from: it may be no chest X-ray",
)
UNLIKE = caution(
    "unlike-training",
    "The image is unlike the training images ({times:.2f} times the usual limit)",
    "The image is unlike the training images",
)
AGE_OUTSIDE = caution(
    "age-outside-training",
    "The patient is {age} old; the network was trained on patients of {youngest:g} to {oldest:g} "
    "years",
    "The patient's age is not that of the patients whom the network was trained on",
)


@dataclass(frozen=True)
class GateResult:
    """The outcome of the gate; an image with a refusal gets no score.

    Parameters
    ----------
    refusals
        Why the image may not be judged; empty when it may.
    cautions
        What to keep in mind with the score.
    """

    refusals: tuple[Reason, ...] = ()
    cautions: tuple[Reason, ...] = ()


def judge(radiograph: Radiograph, age_years: tuple[float, float] | None) -> GateResult:
    """Judge by header, colour, size, the spread of the greys and whether they are cut off.

    Parameters
    ----------
    radiograph
        The image; of a large one a sample of the pixels is looked at.
    age_years
        Youngest and oldest age in the model's training data, in completed years, both inclusive:
        (1, 5) reaches to the day before the sixth birthday. None when the model names none.

    Returns
    -------
    GateResult
        All the reasons, not only the first.
    """
    header = radiograph.header
    refusals: list[Reason] = []
    cautions = list(radiograph.cautions)
    rows, columns = radiograph.pixels.shape
    if min(rows, columns) < MIN_SIDE:
        refusals.append(_TOO_SMALL(columns=columns, rows=rows, min_side=MIN_SIDE))
    if header.frames > 1:
        refusals.append(_FRAMES(frames=header.frames))
    if radiograph.colour:
        refusals.append(_COLOUR())
    if header.is_dicom:
        _judge_modality(header, refusals)
        _judge_body_part(header, refusals, cautions)
        judge_view(header, refusals, cautions)
    # Last: what the header says of another body part is the better reason for odd greys.
    _judge_greys(rendered_sample(radiograph), refusals, cautions)
    if age_years is not None:
        _judge_age(header, age_years, cautions)
    return GateResult(tuple(refusals), tuple(cautions))


def judge_shown(shown: NDArray[np.uint8]) -> GateResult:
    """Judge by what only the whole picture shows: text burned in over the lungs.

    Parameters
    ----------
    shown
        Shape (rows, columns), uint8: the default display.

    Returns
    -------
    GateResult
        A caution or nothing: text hides little, but the network has not learnt to look past it.
    """
    if not text_over_lungs(shown):
        return GateResult()
    return GateResult(cautions=(_TEXT(),))


def _judge_greys(sample: NDArray[np.uint8], refusals: list[Reason], cautions: list[Reason]) -> None:
    counts = np.bincount(sample.ravel(), minlength=256)
    reached = np.cumsum(counts) / counts.sum()
    darkest, brightest = np.searchsorted(reached, (_TAIL, 1 - _TAIL))
    levels = int(np.count_nonzero(counts))
    if brightest - darkest < MIN_SPREAD:
        refusals.append(_BLANK())
    elif levels < MIN_LEVELS:
        refusals.append(_TOO_FEW_GREYS(levels=levels))
    else:
        if levels < FEW_LEVELS:
            cautions.append(_FEW_GREYS(levels=levels))
        _judge_ends(clipped.cut_off(sample), refusals, cautions)


def _judge_ends(ends: clipped.CutOff, refusals: list[Reason], cautions: list[Reason]) -> None:
    if ends.black + ends.white > clipped.REFUSE:
        refusals.append(_NOTHING_LEFT(black=float(ends.black), white=float(ends.white)))
        return
    if ends.white > clipped.CAUTION:
        cautions.append(_BRIGHT_CUT_OFF(white=float(ends.white)))
    if ends.black > clipped.CAUTION:
        cautions.append(_DARK_CUT_OFF(black=float(ends.black)))


def _judge_modality(header: Header, refusals: list[Reason]) -> None:
    if not header.modality:
        refusals.append(_NO_MODALITY())
    elif header.modality not in MODALITIES:
        refusals.append(_MODALITY(modality=header.modality, modalities=", ".join(MODALITIES)))


def _judge_body_part(header: Header, refusals: list[Reason], cautions: list[Reason]) -> None:
    said = header.body_part
    if says_no_part(said):
        _judge_descriptions(header, refusals, cautions)
    elif not is_chest(said):
        refusals.append(_OTHER_PART(said=said))
    elif is_wider(said):
        cautions.append(_WIDER(said=said))


def _judge_descriptions(header: Header, refusals: list[Reason], cautions: list[Reason]) -> None:
    """Judge by what the descriptions of study and series name, for want of a body part."""
    named = header.parts_described
    wider = ", ".join(part for part in named if is_chest(part) and is_wider(part))
    other = ", ".join(part for part in named if not is_chest(part))
    if not named:
        said = header.body_part
        cautions.append(_PART_SAYS_NOTHING(said=said) if said else _NO_PART())
    elif not any(is_chest(part) for part in named):
        refusals.append(_OTHER_DESCRIBED(other=other))
    elif other:
        cautions.append(_OTHER_BESIDE(other=other))
    elif wider:
        cautions.append(_WIDER(said=wider))


def _judge_age(header: Header, age_years: tuple[float, float], cautions: list[Reason]) -> None:
    age = header.age_years
    if age is None:
        if header.age_doubt:
            cautions.append(doubt_reason(header.age_doubt))
        return
    youngest, oldest = age_years
    if outside_ages(age, age_years):
        cautions.append(AGE_OUTSIDE(age=age_phrase(age), youngest=youngest, oldest=oldest))
        if header.age_doubt == "no unit":
            cautions.append(doubt_reason(header.age_doubt))


def outside_ages(age: float, age_years: tuple[float, float]) -> bool:
    """Whether an age, in years, lies outside the youngest and oldest completed years."""
    youngest, oldest = age_years
    # 365 days or 52 weeks are said of a child of one year.
    return age < youngest - 0.005 or age >= oldest + 1
