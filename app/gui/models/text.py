"""A model's card as plain text for the Models window. A card may come from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.base import counts
from app.core.base.translation import mark, tr
from app.core.model.card import ModelCard, missing_parts
from app.inference.registry.models import ModelEntry
from app.review.comparison.compare import FLIPS, in_words

_FIGURES = ("auc", "accuracy", "sensitivity", "specificity")
_SIDES = {
    "train": mark("trained on"),
    "validation": mark("watched in training"),
    "calibration": mark("held out"),
}
_FLIP_WORDS = {
    "newly_caught": mark("newly caught"),
    "newly_missed": mark("newly missed"),
    "newly_cleared": mark("newly cleared"),
    "newly_false_alarm": mark("newly false alarm"),
}
_MOST_FLIPS = 200


def area_words(card: ModelCard) -> str:
    """AUC on held-out patients with its interval, or that nobody has measured it."""
    held_out = card.metrics.get("held_out")
    return _estimate(held_out.get("auc")) if isinstance(held_out, Mapping) else tr("not measured")


def threshold_words(card: ModelCard) -> str:
    """The operating point."""
    threshold = card.operating_points.get("default")
    return tr("none") if threshold is None else f"{threshold:.3f}"


def calibration_words(card: ModelCard) -> str:
    """The expected calibration error of the probabilities, or that there is no calibration."""
    if not card.calibration:
        return tr("not calibrated")
    measured = card.metrics.get("calibration")
    return _estimate(measured.get("ece") if isinstance(measured, Mapping) else None)


def card_words(entry: ModelEntry) -> str:
    """Everything a person should know before trusting a model."""
    card = entry.card
    if card is None:
        return tr("{name} cannot be used.\n\n{error}", name=entry.name, error=entry.error)
    lines = [
        card.title,
        tr(
            "Network {arch}, input {input_size} × {input_size} grey; {origin}; made {day}",
            arch=card.arch,
            input_size=card.input_size,
            origin=entry.origin,
            day=card.created[:16].replace("T", " "),
        ),
        tr("Classes: {classes}", classes=", ".join(card.classes)),
        "",
        tr("INTENDED USE AND LIMITS"),
        *(f"- {tr(text)}" for text in card.limits or (mark("The card names none."),)),
        "",
        tr("DATA"),
        *_data_words(card),
        "",
        tr("FIGURES"),
        *_figure_words(card),
    ]
    if against := card.metrics.get("against_active"):
        lines += ["", tr("AGAINST THE MODEL THAT WAS ACTIVE THEN"), *_comparison_lines(against)]
    if missing := missing_parts(card):
        lines += ["", tr("MISSING"), *(f"- {part}" for part in missing)]
    return "\n".join([*lines, "", tr("LICENCE"), card.licence or tr("The card names none.")])


def comparison_words(figures: Mapping[str, Any]) -> str:
    """A comparison with each image that flips."""
    files = figures["files"]
    lines = [
        *in_words(figures),
        "",
        tr(
            "{files}: {scored} scored, {refused} refused, {unreadable} unreadable.",
            files=counts.files(files["total"]),
            scored=files["scored"],
            refused=files["refused"],
            unreadable=files["unreadable"],
        ),
    ]
    for kind, words in FLIPS.items():
        flipped = figures["flipped"][kind]
        if flipped:
            heading = tr(
                "{replace} ({count}): {words}",
                replace=tr(_FLIP_WORDS[kind]),
                count=len(flipped),
                words=tr(words),
            )
            lines += ["", heading[:1].upper() + heading[1:]]
            lines += [
                tr(
                    "  {image:.3f} → {image2:.3f}  {image3}",
                    image=image["first"],
                    image2=image["second"],
                    image3=image["path"],
                )
                for image in flipped[:_MOST_FLIPS]
            ]
            if len(flipped) > _MOST_FLIPS:
                lines.append(tr("  and {number} more", number=len(flipped) - _MOST_FLIPS))
    return "\n".join(lines)


def _data_words(card: ModelCard) -> list[str]:
    lines = []
    images = card.data.get("images")
    for side, words in _SIDES.items():
        counts = images.get(side) if isinstance(images, Mapping) else None
        if isinstance(counts, Mapping):
            lines.append(f"{tr(words)}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    if card.age_years:
        low, high = card.age_years
        lines.append(tr("ages of the patients: {low:g} to {high:g} years", low=low, high=high))
    if split := card.data.get("split"):
        lines.append(tr("split: {split}", split=tr(str(split))))
    return lines or [tr("The card says nothing of it.")]


def _figure_words(card: ModelCard) -> list[str]:
    lines = [
        tr("operating point: {card}", card=threshold_words(card)),
        tr("calibration error: {error}", error=calibration_words(card)),
        *_gate_words(card),
    ]
    for name, heading in (
        ("held_out", tr("held-out patients")),
        ("cross_validation", tr("the recipe")),
    ):
        figures = card.metrics.get(name)
        if not isinstance(figures, Mapping):
            continue
        count = (
            tr(" ({figures} images)", figures=figures["n"])
            if isinstance(figures.get("n"), int)
            else ""
        )
        lines.append(f"{heading}{count}:")
        lines += [
            tr("  {key} {figures}", key=key, figures=_estimate(figures[key]))
            for key in _FIGURES
            if key in figures
        ]
        if isinstance(figures.get("what"), str):
            lines.append(f"  ({tr(figures['what'])})")
    return lines


def _gate_words(card: ModelCard) -> list[str]:
    """From where on the fitness gate objects; a card without one says so under what is missing."""
    if not card.fitness:
        return []
    return [
        tr(
            "fitness gate: a caution above {caution:g}, no score above {refuse:.2f} times the "
            "unlikeness that is usual among held-out patients",
            caution=card.fitness["caution"],
            refuse=card.fitness["refuse"],
        )
    ]


def _comparison_lines(figures: Any) -> list[str]:
    try:
        return in_words(figures)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [tr("The card's comparison cannot be read.")]


def _estimate(estimate: Any) -> str:
    if not isinstance(estimate, Mapping) or not isinstance(estimate.get("value"), int | float):
        return tr("not measured")
    low, high = estimate.get("low"), estimate.get("high")
    if isinstance(low, int | float) and isinstance(high, int | float):
        return tr(
            "{estimate:.3f} ({low:.3f}-{high:.3f})", estimate=estimate["value"], low=low, high=high
        )
    return f"{estimate['value']:.3f}"
