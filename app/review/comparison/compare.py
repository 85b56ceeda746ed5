"""Two models on the same images: which is better, by how much, and on which images they differ.

The first is the one in use or the older one, the second the one that may take its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.base.counts import images as image_count
from app.core.base.translation import again, mark, tr
from app.core.model.card import ModelCard
from app.review.comparison.evaluation import NOBODY_KNOWN, TOO_FEW_KNOWN, groups_to_resample
from app.review.holdout.overlap import Unseen
from app.review.statistics import figures as statistics
from app.review.statistics.figures import Estimate
from app.review.statistics.paired import (
    METHODS,
    McNemar,
    bootstrap_difference,
    delong_difference,
    mcnemar,
)

FLIPS = {
    "newly_caught": mark("pneumonias that only the second calls"),
    "newly_missed": mark("pneumonias that only the first calls"),
    "newly_cleared": mark("normals that only the first calls pneumonia"),
    "newly_false_alarm": mark("normals that only the second calls pneumonia"),
}
"""The four ways in which a call may flip from the first model to the second."""
OTHER_CLASSES = mark("the new model does not tell NORMAL from PNEUMONIA.")
ALL_SEEN = mark(
    "all {images} held-out images are of patients on whom {model} or the new model was trained."
)
BROKEN = mark("it failed with {kind}.")
"""Why a run's model was not compared: in English on its card, translated where shown."""


@dataclass(frozen=True)
class Side:
    """One of the two models on the compared images, called at its own threshold."""

    model: str
    threshold: float
    figures: Mapping[str, Estimate]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "model": self.model,
            "threshold": self.threshold,
            **{name: estimate.as_dict() for name, estimate in self.figures.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images.

    Parameters
    ----------
    first, second
        AUC, accuracy, sensitivity and specificity of each, with intervals.
    counts
        Compared images by class.
    auc_difference
        The second's AUC less the first's.
    flips
        Positions, among the compared images, of each kind of flip (``FLIPS``).
    mcnemar
        Over all images, over the pneumonias (is one more sensitive?) and over the normals (is
        one more specific?).
    intervals
        How the intervals were made, and how many patients are known.
    """

    first: Side
    second: Side
    counts: Mapping[str, int]
    auc_difference: Estimate
    flips: Mapping[str, tuple[int, ...]] = field(repr=False)
    mcnemar: Mapping[str, McNemar]
    intervals: Mapping[str, Any]

    def as_dict(self, overlap: Unseen | None = None) -> dict[str, Any]:
        """Plain JSON without a name or a path of any image.

        Parameters
        ----------
        overlap
            What was left out before the comparison, to be told with it.
        """
        figures: dict[str, Any] = {
            "first": self.first.as_dict(),
            "second": self.second.as_dict(),
            "n": sum(self.counts.values()),
            "counts": dict(self.counts),
            "auc_difference": self.auc_difference.as_dict(),
            "flips": {name: len(positions) for name, positions in self.flips.items()},
            "mcnemar": {name: test.as_dict() for name, test in self.mcnemar.items()},
            "intervals": dict(self.intervals),
        }
        if overlap is not None:
            figures["excluded"] = overlap.excluded
            figures["threshold_set_on"] = dict(
                zip(("first", "second"), overlap.calibrated, strict=True)
            )
        return figures


def compare(
    first: tuple[ModelCard, NDArray[np.float64]],
    second: tuple[ModelCard, NDArray[np.float64]],
    labels: NDArray[np.int64],
    patients: Sequence[str | None],
) -> Comparison:
    """Compare two models' probabilities on the same images.

    Parameters
    ----------
    first, second
        Card and probabilities, shape (n,).
    labels
        Shape (n,), 1 for pneumonia. With one class only, the AUCs are undefined.
    patients
        Patient of each image, None where unknown. They are resampled where there are enough
        (``app.review.comparison.evaluation.groups_to_resample``); else DeLong's and Wilson's
        intervals.

    Raises
    ------
    ModelError
        When one of the two has no operating point.
    """
    cards, p = (first[0], second[0]), (first[1], second[1])
    calls = [scores >= card.threshold for card, scores in zip(cards, p, strict=True)]
    positive = labels == 1
    groups, intervals = groups_to_resample(patients, labels)
    sides = [
        Side(card.title, card.threshold, statistics.summary(scores, call, labels, groups))
        for card, scores, call in zip(cards, p, calls, strict=True)
    ]
    if groups is None:
        difference = delong_difference(p[0], p[1], labels)
    else:
        difference = bootstrap_difference(p[0], p[1], labels, groups)
    only_first, only_second = calls[0] & ~calls[1], calls[1] & ~calls[0]
    flips = {
        "newly_caught": only_second & positive,
        "newly_missed": only_first & positive,
        "newly_cleared": only_first & ~positive,
        "newly_false_alarm": only_second & ~positive,
    }
    # Unlike the bootstrap, McNemar's test takes few patients as well as many.
    clusters = [patient or f"\n{i}" for i, patient in enumerate(patients)]
    among = {"all": np.ones(len(labels), bool), "pneumonia": positive, "normal": ~positive}
    right = [call == positive for call in calls]
    return Comparison(
        sides[0],
        sides[1],
        {"NORMAL": int((~positive).sum()), "PNEUMONIA": int(positive.sum())},
        difference,
        {name: tuple(np.flatnonzero(mask).tolist()) for name, mask in flips.items()},
        {
            name: mcnemar(
                right[0][mask], right[1][mask], [clusters[i] for i in np.flatnonzero(mask)]
            )
            for name, mask in among.items()
        },
        intervals,
    )


def in_words(figures: Mapping[str, Any]) -> list[str]:
    """A comparison's dictionary as sentences, the main ones first.

    Parameters
    ----------
    figures
        From ``Comparison.as_dict``; or ``{"why_not": reason}`` where nothing was compared.
    """
    if why := figures.get("why_not"):
        return [tr("Not compared: {why}", why=again(str(why), OTHER_CLASSES, ALL_SEEN, BROKEN))]
    first, second = figures["first"], figures["second"]
    counts = figures["counts"]
    before = figures.get("original_labels")
    lines = [
        tr(
            "{second} against {first} on the same images: {images} ({normal} NORMAL, {pneumonia} "
            "PNEUMONIA; known patients: {patients}).",
            second=second["model"],
            first=first["model"],
            images=figures["n"],
            normal=counts["NORMAL"],
            pneumonia=counts["PNEUMONIA"],
            patients=figures["intervals"]["patients"],
        ),
        *([tr("By the corrected labels:")] if before else []),
        *_figures_words(figures),
    ]
    if before:
        lines.append(
            tr(
                "By the labels before their correction (another one for {images} of these images):",
                images=before["relabelled"],
            )
        )
        lines += _figures_words(before)
    test = figures["mcnemar"]["all"]
    lines.append(
        tr(
            "Right against wrong over all images: {p} ({method}).",
            p=_p(test["p"]),
            method=again(str(test["method"]), *METHODS),
        )
    )
    return [*lines, *cautions(figures)]


def cautions(figures: Mapping[str, Any]) -> list[str]:
    """What makes the comparison weaker than it looks, as sentences."""
    lines = []
    if (excluded := figures.get("excluded", {})).get("total"):
        lines.append(
            tr(
                "Left out, since one of the two was trained on them: {images} (the same: {same}, "
                "near duplicates: {near}, of the same patients: {patients}).",
                images=image_count(excluded["total"]),
                same=excluded["same_pixels"],
                near=excluded["near_duplicates"],
                patients=excluded["same_patient"],
            )
        )
    for side, number in figures.get("threshold_set_on", {}).items():
        if number:
            lines.append(
                tr(
                    "The threshold of {model} was set on {number} of these images, so its "
                    "sensitivity and specificity flatter; its AUC does not.",
                    model=figures[side]["model"],
                    number=number,
                )
            )
    if why := figures["intervals"].get("why"):
        lines.append(again(str(why), NOBODY_KNOWN, TOO_FEW_KNOWN))
    return [*lines, *figures.get("leak_guard", ())]


def _figures_words(figures: Mapping[str, Any]) -> list[str]:
    """AUC, sensitivity, specificity and flips by one set of labels."""
    first, second, flips = figures["first"], figures["second"], figures["flips"]
    lines = [_auc_words(figures)]
    for name, word in (("sensitivity", tr("Sensitivity")), ("specificity", tr("Specificity"))):
        lines.append(f"{word} {_interval(first[name])} → {_interval(second[name])}.")
    lines.append(
        tr(
            "Pneumonias: {caught} newly caught, {missed} newly missed ({p_pneumonia}). Normals: "
            "{cleared} newly cleared, {alarms} newly false alarms ({p_normal}).",
            caught=flips["newly_caught"],
            missed=flips["newly_missed"],
            p_pneumonia=_p(figures["mcnemar"]["pneumonia"]["p"]),
            cleared=flips["newly_cleared"],
            alarms=flips["newly_false_alarm"],
            p_normal=_p(figures["mcnemar"]["normal"]["p"]),
        )
    )
    return lines


def _auc_words(figures: Mapping[str, Any]) -> str:
    first, second = figures["first"]["auc"], figures["second"]["auc"]
    difference = figures["auc_difference"]
    if difference["value"] is None:
        return tr("AUC: undefined, since the images are all of one class.")
    words = tr(
        "AUC {first:.3f} → {second:.3f}, difference {difference:+.3f}",
        first=first["value"],
        second=second["value"],
        difference=difference["value"],
    )
    if difference["low"] is None:
        return tr("{words}; the images are too few or too easy for an interval.", words=words)
    low, high = difference["low"], difference["high"]
    if low == high:
        return tr("{words}: both rank the images alike.", words=words)
    verdict = (
        tr("the second is better")
        if low > 0
        else tr("the first is better")
        if high < 0
        else tr("no difference shown")
    )
    return tr(
        "{words} (95 % interval {low:+.3f} to {high:+.3f}): {verdict}.",
        words=words,
        low=low,
        high=high,
        verdict=verdict,
    )


def _interval(estimate: Mapping[str, float | None]) -> str:
    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    if value is None:
        return tr("undefined")
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.3f}-{high:.3f})"


def _p(value: float | None) -> str:
    if value is None:
        return tr("p undefined")
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
