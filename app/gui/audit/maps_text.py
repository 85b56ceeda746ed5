"""What the page of heatmaps says in words. No Qt."""

from __future__ import annotations

import math

from app.core.base.translation import tr
from app.review.audit.maps import CellMaps, MeanShare


def images_words(cell: CellMaps, count: int) -> str:
    """How many of a cell's images were looked at, and how many have no evidence."""
    looked = len(cell.positions)
    text = (
        tr("n = {count:,}, all of them", count=count)
        if looked == count
        else tr("n = {looked} of {count:,}, drawn at random", looked=looked, count=count)
    )
    return text + (tr(", {empty} maps empty", empty=cell.empty) if cell.empty else "")


def share_words(share: MeanShare) -> str:
    """A share of the maps' mass, with its interval and of how many images."""
    if not share.images:
        return tr("not known")
    text = f"{share.value:.0%}"
    if math.isfinite(share.low):
        text += f" ({share.low:.0%}\N{EN DASH}{share.high:.0%})"
    words = tr("{share}, n = {images}", share=text, images=share.images)
    # In a narrow card the number stays on the line of what it counts.
    return words.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


def areas_words(cell: CellMaps) -> tuple[str, str]:
    """Deletion and insertion, each beside that of a random order."""
    areas = cell.areas
    if areas is None:
        return tr("not known"), tr("not known")
    return (
        tr(
            "{value:.2f} (random {random:.2f})",
            value=areas.deletion,
            random=areas.random_deletion,
        ),
        tr(
            "{value:.2f} (random {random:.2f})",
            value=areas.insertion,
            random=areas.random_insertion,
        ),
    )


def sanity_words(flagged: bool, value: float, low: float, high: float, images: int) -> str:
    """What random weights do to the maps."""
    figures = {"value": value, "low": low, "high": high, "images": images}
    if flagged:
        return tr(
            "\N{BLACK UP-POINTING TRIANGLE} Do not trust these maps: with random weights in place "
            "of the trained ones they hardly change (rank correlation {value:.2f}, {low:.2f} to "
            "{high:.2f}, {images} images). They show the image, not what the network learnt.",
            **figures,
        )
    return tr(
        "With random weights in place of the trained ones the maps change, as they must: rank "
        "correlation {value:.2f} ({low:.2f} to {high:.2f}, {images} images; flagged from 0.5 on).",
        **figures,
    )
