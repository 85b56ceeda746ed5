"""How figures are written for a person, the same everywhere in the window. No Qt."""

from __future__ import annotations

from app.core.base.ages import age_parts
from app.core.base.translation import mark, tr
from app.core.model.results import PneumoniaKind, Prediction

RANGE_HELP = mark(
    "Where several networks, each trained without part of the patients, would mostly lie: two "
    "standard deviations of their answers to either side. One network learnt to tell it. It says "
    "nothing of what all of them get wrong alike."
)
KIND_HELP = mark(
    "Learnt from children whose pneumonia was called bacterial or viral in one hospital. It is no "
    "microbiology, knows no mixed infection and no other cause, and holds at the share of "
    "bacterial pneumonias in that collection. No treatment should rest on it."
)
"""What the range and the kind are, and are not: English here, translated where shown."""


def probability_words(value: float) -> str:
    """A probability with three decimals; never 0 or 1, which no network can claim."""
    if value < 0.0005:
        return "< 0.001"
    return "> 0.999" if value >= 0.9995 else f"{value:.3f}"


def score_words(prediction: Prediction | None) -> str:
    """The score, a dash where there is none."""
    if prediction is None or prediction.p_pneumonia is None:
        return "–"
    return probability_words(prediction.p_pneumonia)


def range_words(prediction: Prediction | None) -> str:
    """How sure the network is; empty where it does not say."""
    if prediction is None or prediction.range is None:
        return ""
    return tr(
        "likely between {low} and {high}",
        low=probability_words(prediction.range.low),
        high=probability_words(prediction.range.high),
    )


def own_words(prediction: Prediction | None) -> str:
    """What the model itself says beside an audited score; empty where that is its own."""
    if prediction is None or prediction.own is None:
        return ""
    return tr(
        "Out of fold. The model itself, trained on this image: {score}",
        score=score_words(prediction.own),
    )


def kind_words(prediction: Prediction | None) -> str:
    """Bacterial or viral with its probability, and a warning; empty unless pneumonia is called."""
    if prediction is None or prediction.kind is None or prediction.p_bacterial is None:
        return ""
    bacterial = prediction.kind is PneumoniaKind.BACTERIAL
    if (prediction.p_bacterial > 0.5) != bacterial:
        # Between one half and the network's own threshold the figure contradicts the word.
        said = tr(
            "If pneumonia, bacterial or viral cannot be told: {p:.2f} for bacterial",
            p=prediction.p_bacterial,
        )
    elif bacterial:
        said = tr("If pneumonia, rather bacterial than viral: {p:.2f}", p=prediction.p_bacterial)
    else:
        said = tr(
            "If pneumonia, rather viral than bacterial: {p:.2f}", p=1 - prediction.p_bacterial
        )
    return f"{said}\n{tr('No microbiology: no treatment should rest on it.')}"


def age_words(years: float | None) -> str:
    """An age in years, or in months or days for the very young."""
    if years is None:
        return ""
    number, unit = age_parts(years)
    if unit == "years":
        return tr("{years} y", years=number)
    return tr("{months} mo", months=number) if unit == "months" else tr("{days} d", days=number)


def date_words(date: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else as it is."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdecimal() else date


def shortened(name: str, letters: int) -> str:
    """A name of at most so many letters: its middle goes, for its ends tell it from others."""
    if len(name) <= letters:
        return name
    first = letters // 2
    return f"{name[:first]}…{name[len(name) - (letters - first - 1) :]}"
