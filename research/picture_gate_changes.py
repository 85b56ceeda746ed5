"""What the gate tells from the picture alone: shares cautioned as they are, and when changed.

The changes are synthetic: greys pushed beyond the end of the display, and words burned in over the
lungs. Each changed picture is compressed again as JPEG of quality 75, as the training images are.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.gate import burned_text, clipped
from app.core.image.anatomy import Box, lungs_box
from app.core.image.display import render
from app.core.image.reader import looks_like_image, read_radiograph
from app.review.statistics.figures import wilson

_EVERY = {"kermany-train": 4, "nih-adult-dev": 1, "fullsize": 1}
LOST = (0.02, 0.05, 0.1, 0.2, 0.4, 0.9)
"""Share of the picture's middle pushed beyond the end of the greys."""
WORDS = ("PORTABLE", "12:34:56", "SUPINE AP", "ICU 3", "Jane Doe")
HEIGHTS = (0.03, 0.04, 0.05, 0.07, 0.1)
ORIGINAL_HEIGHTS = (0.012, 0.02, 0.03, 0.05)
"""Of a capital letter, share of the picture's height."""
GREYS = (255, 180, 0)
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)


def cut_off_greys(data: Path, frames: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
    """Shares cautioned and refused for greys cut off: as they are, and by how much is lost."""
    found = {name: _judged_greys(_shown(data / name, every)) for name, every in _EVERY.items()}
    for end in ("white", "black"):
        for lost in LOST:
            changed = (_compressed(pushed(frame, lost, end == "white")) for frame in frames)
            found[f"calibration images, {lost:.0%} beyond {end}"] = _judged_greys(changed)
    return found


def text_over_lungs(data: Path, frames: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
    """Shares cautioned for text over the lungs: as they are, and by the text's size and grey."""
    found = {name: _judged_text(_shown(data / name, every)) for name, every in _EVERY.items()}
    originals = list(_shown(data / "fullsize", 1))
    for what, pictures, heights in (
        ("calibration images", frames, HEIGHTS),
        ("full-size originals", originals, ORIGINAL_HEIGHTS),
    ):
        places = [(each, box) for each in pictures if (box := lungs_box(each)) is not None]
        for height in heights:
            for grey in GREYS:
                rng = np.random.default_rng(0)
                name = f"{what}, text {height:.1%} high, grey {grey}"
                found[name] = _judged_text(
                    _compressed(written(shown, box, at, height, grey, rng))
                    for at, (shown, box) in enumerate(places)
                )
    return found


def pushed(shown: NDArray[np.uint8], lost: float, white: bool) -> NDArray[np.uint8]:
    """So much of the middle beyond the end of the greys, the rest stretched to fill them."""
    rows, columns = shown.shape
    middle = shown[rows // 5 : -(rows // 5), columns // 5 : -(columns // 5)]
    low, high = (0.0, np.quantile(middle, 1 - lost)) if white else (np.quantile(middle, lost), 255)
    greys = (shown.astype(np.float32) - low) * (255 / max(high - low, 1))
    return np.clip(np.rint(greys), 0, 255).astype(np.uint8)


def written(
    shown: NDArray[np.uint8],
    lungs: Box,
    number: int,
    height: float,
    grey: int,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """One of ``WORDS`` over the lungs, at a place drawn by chance."""
    word, font = WORDS[number % len(WORDS)], _FONTS[number % len(_FONTS)]
    rows, columns = shown.shape
    letter = height * rows
    scale = letter / cv2.getTextSize("H", font, 1, 1)[0][1]
    stroke = max(1, round(letter / 8))
    wide = cv2.getTextSize(word, font, scale, stroke)[0][0]
    room = max(0.0, (lungs.right - lungs.left) * columns - wide)
    left = int(lungs.left * columns + rng.uniform(0.1, 0.9) * room)
    foot = int((lungs.top + rng.uniform(0.25, 0.75) * (lungs.bottom - lungs.top)) * rows)
    place = (min(left, max(0, columns - wide)), foot)
    return np.asarray(
        cv2.putText(shown.copy(), word, place, font, scale, grey, stroke, cv2.LINE_AA), np.uint8
    )


def _compressed(shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    kept = io.BytesIO()
    Image.fromarray(shown).save(kept, "JPEG", quality=75)
    return np.asarray(Image.open(kept))


def _shown(folder: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and looks_like_image(path))
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda path: render(read_radiograph(path)), paths[::every])


def _judged_greys(pictures: Iterator[NDArray[np.uint8]]) -> dict[str, Any]:
    ends = [clipped.cut_off(shown) for shown in pictures]
    refused = [end.black + end.white > clipped.REFUSE for end in ends]
    cautioned = [max(end.black, end.white) > clipped.CAUTION for end in ends]
    only = sum(c and not r for c, r in zip(cautioned, refused, strict=True))
    return {
        "n": len(ends),
        "refused": wilson(sum(refused), len(ends)).as_dict(),
        "cautioned": wilson(only, len(ends)).as_dict(),
    }


def _judged_text(pictures: Iterator[NDArray[np.uint8]]) -> dict[str, Any]:
    found = [burned_text.text_over_lungs(shown) for shown in pictures]
    return {"n": len(found), "cautioned": wilson(sum(found), len(found)).as_dict()}
