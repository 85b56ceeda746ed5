"""What a site report says, as numbers: worked out once, told in words and pages elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app import __version__
from app.core.base.file_names import as_text
from app.core.base.reasons import Reason
from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard
from app.core.model.operating_points import operating_points
from app.core.model.results import Status
from app.review.audit import Audit, Curves, Figures
from app.review.audit.slices import AUC, SENSITIVITY, SPECIFICITY, Slice, Slicer
from app.review.comparison.evaluation import groups_to_resample
from app.review.holdout import locks
from app.review.holdout.overlap import Seen
from app.review.report.advice import Advice, advise
from app.review.report.identity import Names
from app.review.statistics.figures import Estimate

FORMAT = 1
MOST_MISSES = 12
COMPARED = ("auc", "sensitivity", "specificity")
"""Figures that a model's card has too."""

HELD_OUT = mark("the model's own held-out patients")


@dataclass(frozen=True)
class SliceRow:
    """One slice with all of its figures; ``adjusted`` is Holm's p of each, None where untested."""

    column: str
    value: str
    ill: int
    healthy: int
    estimates: Mapping[str, Estimate]
    adjusted: Mapping[str, float | None]
    notes: tuple[str, ...]
    small: bool

    @property
    def images(self) -> int:
        """How many it holds."""
        return self.ill + self.healthy


@dataclass(frozen=True)
class Findings:
    """Everything that the report states.

    Parameters
    ----------
    audit
        What was measured.
    threshold
        At which calls are made.
    figures, curves
        Of the scored images, at the threshold.
    slices
        Worst sensitivity first; small ones after the others.
    advice
        Thresholds for this site.
    reference
        The same figures on the model's held-out patients, as its card has them; may be empty.
    seen
        Counts: ``exact`` and ``near`` copies of training images, how many of them have a score
        ``out_of_fold``, and images that set the model's thresholds (``calibration``).
    reasons
        Why files were refused or unreadable, by groups, with how many; a file may have several.
    looks
        What the leak guard says of locked sets among the images.
    misses
        Positions in ``audit.scored`` of the worst misses, the worst first.
    names
        What may be named.
    """

    audit: Audit
    threshold: float
    figures: Figures
    curves: Curves = field(repr=False)
    slices: tuple[SliceRow, ...]
    advice: Advice
    reference: Mapping[str, Estimate]
    seen: Mapping[str, int]
    reasons: Mapping[Status, Mapping[Reason, int]]
    looks: tuple[str, ...]
    misses: tuple[int, ...]
    names: Names

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON: English, and without a name unless names were asked for."""
        audit = self.audit
        card = audit.card
        counts = self.figures.matrix.counts
        return {
            "format": FORMAT,
            "kind": "site report",
            "opacity": __version__,
            "model": card.title,
            "weights_sha256": card.weights_sha256,
            "preprocessing": card.preprocessing,
            "folder": self.names.folder(audit),
            "data_sha256": audit.data_sha256,
            "labels_from": self.names.sentence(audit, audit.label_source),
            "problems": [self.names.sentence(audit, each) for each in audit.problems],
            "files": len(audit.rows),
            "scored": len(audit.scored),
            "refused": self.files(Status.REFUSED),
            "unreadable": self.files(Status.UNREADABLE),
            "reasons": {
                str(status): {as_text(reason.what()): count for reason, count in found.items()}
                for status, found in self.reasons.items()
            },
            "cautions": {"images": len(audit.with_caution), "codes": _by_code(audit.cautions)},
            "reason_codes": {
                str(status): _by_code(found) for status, found in self.reasons.items()
            },
            "classes": {
                "PNEUMONIA": counts["tp"] + counts["fn"],
                "NORMAL": counts["tn"] + counts["fp"],
            },
            "overlap_with_training": dict(self.seen),
            "leak_guard": list(self.looks),
            **self.figures.as_dict(),
            "reference": {
                "what": HELD_OUT,
                **{name: each.as_dict() for name, each in self.reference.items()},
            },
            "slices": [_slice_dict(each) for each in self.slices],
            "threshold_advice": self.advice.as_dict(),
            "curves": _curve_dict(self.curves),
            "worst_misses": [self._miss(place) for place in self.misses],
            "names_included": self.names.shown,
        }

    def files(self, status: Status) -> int:
        """How many files came out so."""
        return sum(row.status is status for row in self.audit.rows)

    def _miss(self, place: int) -> dict[str, Any]:
        row = self.audit.scored[place]
        return {
            "content_hash": row.content_hash,
            "p": row.p,
            "out_of_fold": row.out_of_fold,
            **({"name": self.names.picture(row)} if self.names.shown else {}),
        }


def _by_code(found: Mapping[Reason, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for reason, count in found.items():
        counts[reason.code] += count
    return dict(counts)


def find(audit: Audit, threshold: float | None = None, *, names: bool = False) -> Findings:
    """Work out a report. Counts a look at each locked set among the images.

    Parameters
    ----------
    audit
        What was measured; it may hold no scored image, or one class only.
    threshold
        On the probability; None for the model's default.
    names
        Whether names of patients, files, folder and CSV may be told.

    Raises
    ------
    LockStoreError
        When the look could not be counted: figures of a locked set must not be shown then.
    """
    threshold = audit.threshold if threshold is None else threshold
    looks = locks.look(
        (row.content_hash for row in audit.rows if row.content_hash),
        locks.REPORT,
        audit.card.title,
    )
    allowed = Names(names)
    figures = audit.figures(threshold)
    groups, _ = groups_to_resample([row.patient for row in audit.scored], audit.labels)
    return Findings(
        audit=audit,
        threshold=threshold,
        figures=figures,
        curves=audit.curves(),
        slices=_slices(audit, threshold, allowed),
        advice=advise(audit.p, audit.labels, groups),
        reference=reference(audit.card, threshold),
        seen=_seen(audit),
        reasons={
            status: Counter(
                reason
                for row in audit.rows
                if row.status is status
                for reason in allowed.reasons(row)
            )
            for status in (Status.REFUSED, Status.UNREADABLE)
        },
        looks=tuple(locks.in_words(each, allowed.test_set(each)) for each in looks),
        misses=tuple(int(place) for place in figures.matrix.fn[:MOST_MISSES]),
        names=allowed,
    )


def reference(card: ModelCard, threshold: float) -> dict[str, Estimate]:
    """What the card says of its held-out patients: the AUC, and the rates at that threshold.

    The rates are there only for a threshold that is one of the card's operating points.
    """
    found: dict[str, Estimate] = {}
    held_out = card.metrics.get("held_out")
    raw = held_out.get("auc") if isinstance(held_out, dict) else None
    if isinstance(raw, dict) and isinstance(raw.get("value"), int | float):
        found["auc"] = Estimate(raw["value"], raw.get("low"), raw.get("high"))
    for point in operating_points(card):
        if point.threshold == threshold and point.sensitivity and point.specificity:
            for name, rate in (
                ("sensitivity", point.sensitivity),
                ("specificity", point.specificity),
            ):
                found[name] = Estimate(rate.value, rate.low, rate.high)
    return found


def _slices(audit: Audit, threshold: float, names: Names) -> tuple[SliceRow, ...]:
    if not len(audit.p):
        return ()
    slicer = Slicer.of(audit)
    tables = {name: slicer.table(threshold, name) for name in (SENSITIVITY, SPECIFICITY, AUC)}
    others = {
        name: {(each.column, each.value): each for each in table.slices}
        for name, table in tables.items()
    }
    rows = []
    for first in tables[SENSITIVITY].slices:
        if not names.column(first.column):
            continue
        of = {name: found[first.column, first.value] for name, found in others.items()}
        value = names.value(first.column, first.value, _patients(audit, first))
        rows.append(
            SliceRow(
                first.column,
                value,
                first.ill,
                first.healthy,
                {name: each.estimate for name, each in of.items()},
                {name: each.adjusted for name, each in of.items()},
                tuple(dict.fromkeys(each.note for each in of.values() if each.note)),
                all(of[name].small for name in (SENSITIVITY, SPECIFICITY)),
            )
        )
    return tuple(rows)


def _patients(audit: Audit, each: Slice) -> int:
    return len({audit.groups[int(at)] for at in each.positions})


def _seen(audit: Audit) -> dict[str, int]:
    calibration = Seen.of(audit.card).calibration
    return {
        "exact": sum(row.seen == "exact" for row in audit.rows),
        "near": sum(row.seen == "near" for row in audit.rows),
        "out_of_fold": sum(row.out_of_fold for row in audit.scored),
        "calibration": sum(
            bool(calibration.match(row.content_hash, row.perceptual_hash))
            for row in audit.scored
            if not row.out_of_fold
        ),
    }


def _slice_dict(each: SliceRow) -> dict[str, Any]:
    return {
        "column": each.column,
        "value": each.value,
        "PNEUMONIA": each.ill,
        "NORMAL": each.healthy,
        **{
            name: {**estimate.as_dict(), "p_holm": each.adjusted[name]}
            for name, estimate in each.estimates.items()
        },
        "small": each.small,
        "notes": list(each.notes),
    }


def _curve_dict(curves: Curves) -> dict[str, Any]:
    """The curves that a reader may want to draw anew; ROC and PR at up to 200 points."""
    every = max(1, len(curves.sensitivity) // 200)

    def some(values: Iterable[float]) -> list[float]:
        return [round(float(value), 6) for value in list(values)[::every]]

    return {
        "roc": {"fpr": some(curves.false_positive_rate), "tpr": some(curves.sensitivity)},
        "precision_recall": {"recall": some(curves.recall), "precision": some(curves.precision)},
        "reliability": [
            {"said": each.said, "found": each.found.as_dict(), "images": each.images}
            for each in curves.reliability
        ],
        "histogram": {
            "edges": [round(float(edge), 4) for edge in curves.edges],
            "NORMAL": curves.normal.tolist(),
            "PNEUMONIA": curves.pneumonia.tolist(),
        },
        "net_benefit": {
            "threshold": curves.decision_thresholds.tolist(),
            "model": [round(float(value), 5) for value in curves.net_benefit],
            "treat_all": [round(float(value), 5) for value in curves.treat_all],
        },
    }


def seen_in_words(seen: Mapping[str, int]) -> list[str]:
    """What of the images the model has met before, in sentences."""
    known = seen["exact"] + seen["near"]
    if not known and not seen["calibration"]:
        return [tr("None of the images was used to train the model, as far as its card can tell.")]
    words = []
    if known:
        words.append(
            tr(
                "Images that were used to train the model: {known:,} (with the same pixels "
                "{exact:,}, resized or re-compressed {near:,}).",
                known=known,
                exact=seen["exact"],
                near=seen["near"],
            )
        )
        flattering = known - seen["out_of_fold"]
        if seen["out_of_fold"]:
            words.append(
                tr(
                    "Judged by an out-of-fold score in place of the model's own, each from a "
                    "network of the same recipe that never saw the patient: {count:,}.",
                    count=seen["out_of_fold"],
                )
            )
        if flattering > 0:
            words.append(
                tr(
                    "Judged by the network that was trained on them, so that the figures flatter: "
                    "{count:,}.",
                    count=flattering,
                )
            )
    if seen["calibration"]:
        words.append(
            tr(
                "Images on which the model's thresholds were set, so that sensitivity and "
                "specificity flatter a little: {count:,}.",
                count=seen["calibration"],
            )
        )
    return words
