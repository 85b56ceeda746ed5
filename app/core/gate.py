"""May the network judge this image? Told from the header alone, with the reason in words.

The network saw frontal chest radiographs of children. What is certainly none of that is refused;
what may be outside its experience is scored with a caution. An image without a header passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.images import Header, Radiograph

MODALITIES = {
    "CR": "computed radiography",
    "DX": "digital radiography",
    "RG": "radiographic imaging (film)",
    "RF": "radiofluoroscopy",
}
"""XA (angiography), PX (dental), MG, CT and all others are refused; so is OT, which is what
screenshots and scanned papers carry."""

MIN_SIDE = 64
"""Pixels. The smallest training image is 127 pixels high."""

_CHEST = re.compile(r"CHEST|THORA|TORA[XC]|LUNG|PULMO|POUMON|BRUSTKORB|^BRUST$|^CXR|^CHST|胸")
_NOT_CHEST = re.compile(r"SPINE|LUMB|WIRBEL|VERTEB|COLUMN|COLONNE|STERN|BREAST|MAMM|ESOPH|OUTLET")
_WIDER = re.compile(r"ABD|PELV|NECK|WHOLE")
_UNKNOWN = frozenset({"", "UNKNOWN", "OTHER", "NONE", "DEFAULT", "UNDEFINED", "NA", "ANY"})

_LATERAL_CODES = frozenset({"LL", "RL", "LLAT", "RLAT", "LAT", "LATL", "LATR", "SAGITTAL"})
_DECUBITUS_CODES = frozenset({"LLD", "RLD"})
_OBLIQUE_CODES = frozenset({"LLO", "RLO", "LAO", "RAO", "LPO", "RPO", "OBL"})


@dataclass(frozen=True)
class Judgement:
    """The outcome of the gate; an image with a refusal gets no score.

    Parameters
    ----------
    refusals
        Why the image may not be judged; empty when it may.
    cautions
        What to keep in mind with the score.
    """

    refusals: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


def judge(radiograph: Radiograph, age_years: tuple[float, float] | None) -> Judgement:
    """Judge by header, colour and size.

    Parameters
    ----------
    radiograph
        The image; its grey values are not looked at.
    age_years
        Youngest and oldest age in the model's training data, in completed years, both inclusive:
        (1, 5) reaches to the day before the sixth birthday. None when the model names none.

    Returns
    -------
    Judgement
        All the reasons, not only the first.
    """
    header = radiograph.header
    refusals: list[str] = []
    cautions: list[str] = []
    rows, columns = radiograph.pixels.shape
    if min(rows, columns) < MIN_SIDE:
        refusals.append(
            f"The image has only {columns} × {rows} pixels; at least {MIN_SIDE} a side are needed"
        )
    if header.frames > 1:
        refusals.append(f"The file holds {header.frames} frames, not a single radiograph")
    if radiograph.colour:
        refusals.append("The image is in colour, which a radiograph is not")
    if header.is_dicom:
        _judge_modality(header, refusals)
        _judge_body_part(header, refusals, cautions)
        _judge_view(header, refusals)
    if age_years is not None:
        _judge_age(header, age_years, cautions)
    return Judgement(tuple(refusals), tuple(cautions))


def _judge_modality(header: Header, refusals: list[str]) -> None:
    if not header.modality:
        refusals.append("The header does not say that this is a radiograph (no Modality)")
    elif header.modality not in MODALITIES:
        refusals.append(f"Modality {header.modality} is not a radiograph ({', '.join(MODALITIES)})")


def _judge_body_part(header: Header, refusals: list[str], cautions: list[str]) -> None:
    said = header.body_part.upper()
    words = re.sub(r"[\W\d_]+", " ", said).strip()
    if words.replace(" ", "") in _UNKNOWN:
        if said:
            cautions.append(f"The header does not tell the body part ({header.body_part})")
        return
    if not _CHEST.search(words) or _NOT_CHEST.search(words):
        refusals.append(f"The body part is {header.body_part}, not the chest")
    elif _WIDER.search(words):
        cautions.append(f"The image shows more than the chest ({header.body_part})")


def _judge_view(header: Header, refusals: list[str]) -> None:
    words = re.sub(r"[^A-Z]+", " ", header.view.upper()).split()
    joined = " ".join(words)
    frontal = {"AP", "PA"} & set(words) or "ANTERO POSTERIOR" in joined or "FRONTAL" in joined
    if "DECUB" in joined or _DECUBITUS_CODES & set(words):
        refusals.append(f"The view is a decubitus ({header.view}), not a frontal view")
    elif "OBLIQ" in joined or _OBLIQUE_CODES & set(words):
        refusals.append(f"The view is oblique ({header.view}), not a frontal view")
    elif "LATERAL" in words or (_LATERAL_CODES & set(words) and not frontal):
        refusals.append(f"The view is lateral ({header.view}), not a frontal view")


def _judge_age(header: Header, age_years: tuple[float, float], cautions: list[str]) -> None:
    age = header.age_years
    if age is None:
        return
    youngest, oldest = age_years
    # 365 days or 52 weeks are said of a child of one year.
    if age < youngest - 0.005 or age >= oldest + 1:
        cautions.append(
            f"The patient is {_in_words(age)} old; the network was trained on patients of "
            f"{youngest:g} to {oldest:g} years"
        )


def _in_words(age: float) -> str:
    if age >= 2:
        return f"{int(age)} years"
    months = int(age * 12 + 1e-6)
    if months >= 2:
        return f"{months} months"
    days = round(age * 365.25)
    return f"{days} day{'' if days == 1 else 's'}"
