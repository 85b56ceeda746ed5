"""The image with its heatmap and, in a margin below it, what one must know to look at it.

The margin is outside the anatomy and says nothing of the patient or the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.core.base.errors import OutputError
from app.core.base.translation import mark, tr
from app.core.image.display import render
from app.core.image.heatmap_paint import (
    EMPTY_WORDS,
    FAINT_WORDS,
    SCALE_WORDS,
    blend,
    draws_nothing,
    palette,
)
from app.review.export.reviewed import ReviewedImage, score_words, statement

NO_HEATMAP = mark("No heatmap")
LONGEST_SIDE = 3072
"""A larger image is reduced: uncompressed colour takes three bytes a pixel."""

_LEAST_WIDTH = 560
_TEXT_OF_WIDTH = 1 / 46
_TEXT_SIZES = (13, 40)
_INK = (230, 230, 230)


@dataclass(frozen=True)
class Drawn:
    """A picture and where the image lies in it.

    Parameters
    ----------
    pixels
        Shape (rows, columns, 3), uint8, red, green, blue.
    image_size
        Rows and columns that the image takes, from the top left corner.
    scale
        Pixels of the picture for each pixel of the image, at most 1.
    """

    pixels: NDArray[np.uint8]
    image_size: tuple[int, int]
    scale: float


def shown(image: ReviewedImage, longest_side: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """The image alone as it was seen, shape (rows, columns), uint8, reduced to the bound.

    Raises
    ------
    OutputError
        When its pixels were not read.
    """
    if image.radiograph is None:
        raise OutputError(
            tr("{image} has no pixels to show.", image=image.item.shown),
            tr("An image that can be decoded was expected."),
            tr("Leave it out of the export, or export only tables."),
        )
    grey = render(image.radiograph, image.look.voi, image.look.inverted)
    rows, columns = grey.shape
    scale = longest_side / max(rows, columns)
    if scale >= 1.0:
        return grey
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def with_heatmap(image: ReviewedImage, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image in colour, with the heatmap over it where there is one; (rows, columns, 3)."""
    if image.heatmap is None:
        return np.repeat(grey[..., None], 3, axis=2)
    return blend(grey, image.heatmap, image.look.heatmap_opacity, image.look.palette)


def draw(image: ReviewedImage, longest_side: int = LONGEST_SIDE) -> Drawn:
    """The picture with its margin."""
    grey = shown(image, longest_side)
    rows, columns = grey.shape
    picture = Image.fromarray(with_heatmap(image, grey))
    width = max(columns, _LEAST_WIDTH)
    margin = _margin(image, width)
    whole = Image.new("RGB", (width, rows + margin.height))
    whole.paste(picture, (0, 0))
    whole.paste(margin, (0, rows))
    original = image.radiograph.pixels.shape if image.radiograph is not None else grey.shape
    scale = max(grey.shape) / max(original)
    return Drawn(np.asarray(whole, np.uint8).copy(), (rows, columns), scale)


def png(image: ReviewedImage) -> bytes:
    """The picture with its margin as a PNG file."""
    file = BytesIO()
    Image.fromarray(draw(image).pixels).save(file, "PNG")
    return file.getvalue()


def legend(image: ReviewedImage, words: Callable[[str], str] = str) -> str:
    """What the colours are, or why there are none.

    Parameters
    ----------
    image
        With its heatmap.
    words
        Puts English into the person's language; what is drawn into a picture stays English.
    """
    if image.heatmap is None:
        return words(NO_HEATMAP)
    said = EMPTY_WORDS if image.heatmap.is_empty else SCALE_WORDS
    if said is SCALE_WORDS and draws_nothing(image.heatmap):
        said = FAINT_WORDS
    return f"{words(said)} ({words(image.heatmap.method)})"


def colour_bar(width: int, height: int, name: str) -> NDArray[np.uint8]:
    """A palette over black, from no evidence to full scale; (height, width, 3), uint8."""
    colours = palette(name).astype(np.float32)
    row = colours[:, :3] * (colours[:, 3:] / 255.0)
    place = np.linspace(0, 255, width).round().astype(int)
    return np.repeat(row[place][None].round().astype(np.uint8), height, axis=0)


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with the program."""
    data = (resources.files("resources") / "fonts" / "DejaVuSans.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size)


def _margin(image: ReviewedImage, width: int) -> Image.Image:
    size = int(np.clip(width * _TEXT_OF_WIDTH, *_TEXT_SIZES))
    pad, line = size // 2, round(size * 1.4)
    letters = font(size)
    has_bar = image.heatmap is not None and not image.heatmap.is_empty
    words = [score_words(image), statement(image).replace("; ", "  ·  ")]
    lines = [part for text in words for part in _wrapped(text, letters, width - 2 * pad)]
    legend_lines = _wrapped(legend(image), letters, width - 2 * pad)
    bar_height = line + size if has_bar else 0
    height = 2 * pad + bar_height + line * (len(lines) + len(legend_lines))
    margin = Image.new("RGB", (width, height))
    drawing = ImageDraw.Draw(margin)
    drawing.line((0, 0, width, 0), fill=(90, 90, 90))
    y = pad
    for part in legend_lines:
        drawing.text((pad, y), part, _INK, letters)
        y += line
    if has_bar:
        bar_width = min(width - 2 * pad, 24 * size)
        margin.paste(Image.fromarray(colour_bar(bar_width, size, image.look.palette)), (pad, y))
        drawing.rectangle((pad - 1, y - 1, pad + bar_width, y + size), outline=(90, 90, 90))
        for share, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
            drawing.text(
                (pad + share * bar_width, y + size + 2),
                f"{share:.0%}",
                _INK,
                font(round(size * 0.75)),
                anchor,
            )
        y += bar_height
    for part in lines:
        drawing.text((pad, y), part, _INK, letters)
        y += line
    return margin


def _wrapped(text: str, letters: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and letters.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [each.strip() for each in lines]
