"""A model's card as plain text for the Models window. A card may come from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.model_card import ModelCard, missing_parts
from app.inference.registry import ModelEntry
from app.review.comparison import FLIPS, in_words

_FIGURES = ("auc", "accuracy", "sensitivity", "specificity")
_SIDES = {"train": "trained on", "validation": "watched in training", "calibration": "held out"}
_MOST_FLIPS = 200


def area_words(card: ModelCard) -> str:
    """AUC on held-out patients with its interval, or that nobody has measured it."""
    held_out = card.metrics.get("held_out")
    return _estimate(held_out.get("auc")) if isinstance(held_out, Mapping) else "not measured"


def threshold_words(card: ModelCard) -> str:
    """The operating point."""
    threshold = card.operating_points.get("default")
    return "none" if threshold is None else f"{threshold:.3f}"


def card_words(entry: ModelEntry) -> str:
    """Everything a person should know before trusting a model."""
    card = entry.card
    if card is None:
        return f"{entry.name} cannot be used.\n\n{entry.error}"
    lines = [
        card.title,
        f"Network {card.arch}, input {card.input_size} × {card.input_size} grey; "
        f"{entry.origin}; made {card.created[:16].replace('T', ' ')}",
        f"Classes: {', '.join(card.classes)}",
        "",
        "INTENDED USE AND LIMITS",
        *(f"- {text}" for text in card.limits or ("The card names none.",)),
        "",
        "DATA",
        *_data_words(card),
        "",
        "FIGURES",
        *_figure_words(card),
    ]
    if against := card.metrics.get("against_active"):
        lines += ["", "AGAINST THE MODEL THAT WAS ACTIVE THEN", *_comparison_lines(against)]
    if missing := missing_parts(card):
        lines += ["", "MISSING", *(f"- {part}" for part in missing)]
    return "\n".join([*lines, "", "LICENCE", card.licence or "The card names none."])


def comparison_words(figures: Mapping[str, Any]) -> str:
    """A comparison with each image that flips."""
    files = figures["files"]
    lines = [
        *in_words(figures),
        "",
        f"{files['total']} files: {files['scored']} scored, {files['refused']} refused, "
        f"{files['unreadable']} unreadable.",
    ]
    for kind, words in FLIPS.items():
        flipped = figures["flipped"][kind]
        if flipped:
            heading = f"{kind.replace('_', ' ')} ({len(flipped)}): {words}"
            lines += ["", heading[:1].upper() + heading[1:]]
            lines += [
                f"  {image['first']:.3f} → {image['second']:.3f}  {image['path']}"
                for image in flipped[:_MOST_FLIPS]
            ]
            if len(flipped) > _MOST_FLIPS:
                lines.append(f"  and {len(flipped) - _MOST_FLIPS} more")
    return "\n".join(lines)


def _data_words(card: ModelCard) -> list[str]:
    lines = []
    images = card.data.get("images")
    for side, words in _SIDES.items():
        counts = images.get(side) if isinstance(images, Mapping) else None
        if isinstance(counts, Mapping):
            lines.append(f"{words}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    if card.age_years:
        low, high = card.age_years
        lines.append(f"ages of the patients: {low:g} to {high:g} years")
    if split := card.data.get("split"):
        lines.append(f"split: {split}")
    return lines or ["The card says nothing of it."]


def _figure_words(card: ModelCard) -> list[str]:
    lines = [f"operating point: {threshold_words(card)}"]
    for name, heading in (("held_out", "held-out patients"), ("cross_validation", "the recipe")):
        figures = card.metrics.get(name)
        if not isinstance(figures, Mapping):
            continue
        count = f" ({figures['n']} images)" if isinstance(figures.get("n"), int) else ""
        lines.append(f"{heading}{count}:")
        lines += [f"  {key} {_estimate(figures[key])}" for key in _FIGURES if key in figures]
        if isinstance(figures.get("what"), str):
            lines.append(f"  ({figures['what']})")
    return lines


def _comparison_lines(figures: Any) -> list[str]:
    try:
        return in_words(figures)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ["The card's comparison cannot be read."]


def _estimate(estimate: Any) -> str:
    if not isinstance(estimate, Mapping) or not isinstance(estimate.get("value"), int | float):
        return "not measured"
    low, high = estimate.get("low"), estimate.get("high")
    if isinstance(low, int | float) and isinstance(high, int | float):
        return f"{estimate['value']:.3f} ({low:.3f}-{high:.3f})"
    return f"{estimate['value']:.3f}"
