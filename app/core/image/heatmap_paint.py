"""Turns a heatmap into colours on the model's absolute scale. Used by the window and by files."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.base.translation import mark, tr
from app.core.model.results import Call, Heatmap

DEFAULT_PALETTE = "inferno"
PALETTES = {
    "inferno": (cv2.COLORMAP_INFERNO, 64, 225),
    "viridis": (cv2.COLORMAP_VIRIDIS, 40, 245),
    "cividis": (cv2.COLORMAP_CIVIDIS, 30, 250),
    "magma": (cv2.COLORMAP_MAGMA, 64, 225),
}
"""Palettes by name, with the first and last of their 256 shades that are used.

All rise steadily in lightness, so that they also read without colour vision. Of the dark ones the
darkest quarter is left out: there it would darken the image instead of marking it. So is the
palest end, which would look like bone. None of them changes with the theme.
"""

_TOWARD_NORMAL = ((8, 62, 84), (64, 224, 240))
"""Darkest and lightest shade of evidence toward normal: cold, and far from every palette's end."""

EMPTY_WORDS = mark("The heatmap is empty. That does not exclude pneumonia.")
EMPTY_NORMAL_WORDS = mark("The heatmap toward normal is empty. That does not prove pneumonia.")
FAINT_WORDS = mark(
    "The heatmap stays below 20 % of the model's full scale: nothing is drawn. That does not "
    "exclude pneumonia."
)
VISIBLE = 0.2
"""Share of full scale from which evidence is drawn: below it, it would only veil the anatomy."""
_CONTOURS = (0.2, 0.4, 0.6, 0.8)
_LINE = 2
SCALE_WORDS = mark("Evidence for pneumonia, share of the model's full scale")
SCALE_NORMAL_WORDS = mark("Evidence toward normal, share of the model's full scale")


def palette(name: str = DEFAULT_PALETTE) -> NDArray[np.uint8]:
    """The colours from no evidence to full scale.

    Parameters
    ----------
    name
        A key of ``PALETTES``; the default one for a name that is none.

    Returns
    -------
    ndarray
        Shape (256, 4), uint8, red, green, blue, alpha (straight, not premultiplied); below
        ``VISIBLE`` they are fully transparent, from there on alpha rises with the evidence.
    """
    colormap, first, last = PALETTES.get(name, PALETTES[DEFAULT_PALETTE])
    shades = np.linspace(first, last, 256).round().astype(np.uint8)
    bgr = cv2.applyColorMap(shades.reshape(-1, 1), colormap).reshape(256, 3)
    return _with_alpha(np.asarray(bgr[:, ::-1], np.uint8))


def palette_of(heatmap: Heatmap, name: str = DEFAULT_PALETTE) -> NDArray[np.uint8]:
    """The colours that a map is drawn in: evidence toward normal has its own, whatever is chosen.

    Returns
    -------
    ndarray
        As ``palette`` returns.
    """
    if heatmap.toward is Call.PNEUMONIA:
        return palette(name)
    first, last = np.array(_TOWARD_NORMAL, float)
    return _with_alpha(np.round(np.linspace(first, last, 256)).astype(np.uint8))


def empty_words(heatmap: Heatmap) -> str:
    """What is said of a map of which nothing is drawn, in the person's language."""
    if not heatmap.is_empty:
        return tr(FAINT_WORDS)
    return tr(EMPTY_WORDS if heatmap.toward is Call.PNEUMONIA else EMPTY_NORMAL_WORDS)


def draws_nothing(heatmap: Heatmap) -> bool:
    """Whether all of the evidence is too weak to be drawn."""
    return not bool((heatmap.evidence >= VISIBLE * heatmap.full_scale).any())


def scale_words(heatmap: Heatmap) -> str:
    """What a map's colours mean, in the person's language."""
    return tr(SCALE_WORDS if heatmap.toward is Call.PNEUMONIA else SCALE_NORMAL_WORDS)


def _with_alpha(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.empty((256, 4), np.uint8)
    colours[:, :3] = rgb
    shown = np.clip((np.linspace(0.0, 1.0, 256) - VISIBLE) / (1.0 - VISIBLE), 0.0, 1.0)
    colours[:, 3] = np.round(255 * shown**0.7)
    return colours


def levels(heatmap: Heatmap, rows: int, columns: int) -> NDArray[np.float32]:
    """Evidence as a share of full scale, drawn smoothly over the whole image.

    Parameters
    ----------
    heatmap
        Its grid spans the image edge to edge, so each axis is stretched by itself.
    rows, columns
        Size of the result, pixels.

    Returns
    -------
    ndarray
        Shape (rows, columns), float32, 0 to 1; all 0 for an empty map.
    """
    if heatmap.is_empty or heatmap.full_scale <= 0:
        return np.zeros((rows, columns), np.float32)
    share = (heatmap.evidence / heatmap.full_scale).astype(np.float32)
    smooth = cv2.resize(share, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth, 0.0, 1.0).astype(np.float32)


def paint(
    heatmap: Heatmap, rows: int, columns: int, name: str = DEFAULT_PALETTE
) -> NDArray[np.uint8]:
    """The overlay for an image, in the colours of a palette.

    Returns
    -------
    ndarray
        Shape (rows, columns, 4), uint8, red, green, blue, alpha (straight); where there is no
        evidence alpha is 0.
    """
    index = np.round(255 * levels(heatmap, rows, columns)).astype(np.uint8)
    return np.ascontiguousarray(palette_of(heatmap, name)[index])


def paint_contours(
    heatmap: Heatmap, rows: int, columns: int, name: str = DEFAULT_PALETTE
) -> NDArray[np.uint8]:
    """The overlay as lines at 20, 40, 60 and 80 % of full scale, which leave the image free.

    Returns
    -------
    ndarray
        As ``paint`` returns.
    """
    shares, colours = levels(heatmap, rows, columns), palette_of(heatmap, name)
    drawn = np.zeros((rows, columns, 4), np.uint8)
    for level in _CONTOURS:
        mask = (shares >= level).astype(np.uint8)
        found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        red, green, blue = (int(part) for part in colours[round(255 * level), :3])
        cv2.drawContours(drawn, found, -1, (red, green, blue, 255), _LINE)
    return drawn


def blend(
    grey: NDArray[np.uint8],
    heatmap: Heatmap,
    opacity: float = 0.6,
    name: str = DEFAULT_PALETTE,
) -> NDArray[np.uint8]:
    """An image with its overlay, for a file.

    Parameters
    ----------
    grey
        Shape (rows, columns), uint8, as shown to a person.
    opacity
        Alpha of full-scale evidence, 0 to 1.
    name
        A key of ``PALETTES``.

    Returns
    -------
    ndarray
        Shape (rows, columns, 3), uint8, red, green, blue.
    """
    rows, columns = grey.shape
    overlay = paint(heatmap, rows, columns, name).astype(np.float32)
    alpha = overlay[..., 3:] * (opacity / 255.0)
    mixed = grey[..., None] * (1.0 - alpha) + overlay[..., :3] * alpha
    return np.round(mixed).astype(np.uint8)
