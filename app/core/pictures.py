"""What the decoders of all formats share: too large, damaged, colour and transparency to grey."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.errors import UnreadableImage
from app.core.native_pool import DecoderEnded
from app.core.translation import mark, tr

MAX_PIXELS = 100_000_000
"""A film of 43 cm at 50 micrometres has 74 million; more than this is no radiograph."""

COLOUR_SPREAD = 16 / 255
"""Channels may differ by this share of the range: JPEG and colour profiles tint grey a little."""

COLOUR_SHARE = 0.001
"""A thousandth of the pixels may differ more, such as a small coloured marker."""

_ALPHA_STEP = mark("Transparent parts laid over black")
COLOUR_STEP = mark("Luminance taken from the colour channels")


@dataclass(frozen=True)
class Decoded:
    """What a decoder makes of a file.

    Parameters
    ----------
    pixels
        Shape (rows, columns).
    colour
        Whether the channels differed.
    inverted
        Whether low values are bright.
    frames
        How many pictures the file holds.
    steps
        What was done, in words.
    orientation
        The tag of EXIF and TIFF, 1 to 8; 1 for none.
    cautions
        What is doubtful, in words.
    """

    pixels: NDArray
    colour: bool = False
    inverted: bool = False
    frames: int = 1
    steps: tuple[str, ...] = ()
    orientation: int = 1
    cautions: tuple[str, ...] = ()


def damaged(path: Path, kind: str, reason: str) -> UnreadableImage:
    """The error for a file that begins like an image but does not hold a whole one."""
    return UnreadableImage(
        tr("{path} is damaged or incomplete: {rstrip}.", path=path, rstrip=reason.rstrip(".")),
        tr("A whole {kind} file was expected.", kind=kind),
        tr("Export or copy it again from its source."),
    )


def not_supported(path: Path, kind: str, form: str) -> UnreadableImage:
    """The error for a file that may be whole, but of a kind that no decoder here reads."""
    return UnreadableImage(
        tr(
            "{path} is a {kind} file of a kind that is not read ({form}).",
            path=path,
            kind=kind,
            form=form,
        ),
        tr("Grey values in 8 or 16 bits, uncompressed or in a common compression, were expected."),
        tr("Export it again as PNG, as a plain TIFF of 8 or 16 bits, or as DICOM."),
    )


def decoder_ended(path: Path, error: DecoderEnded) -> UnreadableImage:
    """The error for a file that the process of its decoder did not get over."""
    if error.why == "start":
        return UnreadableImage(
            tr("{path}: the process that decodes it cannot be started.", path=path),
            tr("Compressed images are decoded in a process of their own, which Opacity starts."),
            tr("Close other programs and try again; start Opacity anew if it stays so."),
        )
    if error.why == "memory":
        return UnreadableImage(
            tr("{path} needs more than 1 GB of memory.", path=path),
            tr("At most 1 GB is taken for one file."),
            tr("Export it at a lower resolution."),
        )
    if error.why == "slow":
        return UnreadableImage(
            tr("{path} was given up after {number} s of decoding.", path=path, number=error.detail),
            tr("An image of its size takes a second or two."),
            tr("Export or copy it again from its source."),
        )
    return UnreadableImage(
        tr("{path} made its decoder crash. Nothing else is affected.", path=path),
        tr("A whole image in the form that its header tells was expected."),
        tr("Export or copy it again from its source, uncompressed if there is the choice."),
    )


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse a picture too large for memory, by its header alone, before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise UnreadableImage(
            tr(
                "{path} is too large: {width:,} × {height:,} pixels.",
                path=path,
                width=width,
                height=height,
            ),
            tr("At most {number} million pixels are read.", number=MAX_PIXELS // 10**6),
            tr("Export it at a lower resolution."),
        )
    if width < 1 or height < 1:
        raise damaged(
            path, "image", tr("its size is {width} × {height} pixels", width=width, height=height)
        )


def luminance(rgb: NDArray) -> tuple[NDArray, bool]:
    """Reduce (rows, columns, 3) RGB, uint8 or uint16, to grey.

    Returns
    -------
    NDArray
        Shape (rows, columns), same dtype: the channel itself where all are equal, else
        0.299 R + 0.587 G + 0.114 B.
    bool
        Whether it is a colour picture: more than ``COLOUR_SHARE`` of the pixels have channels
        further apart than ``COLOUR_SPREAD``.
    """
    red, green, blue = (np.ascontiguousarray(rgb[..., i]) for i in range(3))
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return red, False
    spread = cv2.subtract(
        cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    ).reshape(red.shape)
    limit = COLOUR_SPREAD * np.iinfo(rgb.dtype).max
    colour = np.count_nonzero(spread > limit) > COLOUR_SHARE * red.size
    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    return grey.reshape(red.shape), bool(colour)


def _over_black(values: NDArray, alpha: NDArray) -> tuple[NDArray, tuple[str, ...]]:
    full = np.iinfo(alpha.dtype).max
    if int(alpha.min()) == full:
        return values, ()
    weight = alpha.astype(np.float32) / full
    if values.ndim == 3:
        weight = weight[..., None]
    return np.rint(values * weight).astype(values.dtype), (_ALPHA_STEP,)


def grey_of(values: NDArray, steps: tuple[str, ...] = ()) -> tuple[NDArray, bool, tuple[str, ...]]:
    """From grey, grey+alpha, RGB or RGBA values to grey."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels in (2, 4):
        values, more = _over_black(values[..., :-1], values[..., -1])
        steps += more
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim == 2:
        return values, False, steps
    grey, colour = luminance(values)
    return grey, colour, (*steps, COLOUR_STEP) if colour else steps
