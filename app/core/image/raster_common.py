"""What the decoders of all formats share: too large, damaged, colour and transparency to grey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.base.errors import BrokenData, UnreadableImage
from app.core.base.limits import MOST_BYTES, too_much
from app.core.base.reasons import Reason, phrase, step, told, unreadable
from app.core.native.pool import DecoderEnded

MAX_PIXELS = 100_000_000
"""A film of 43 cm at 50 micrometres has 74 million; more than this is no radiograph."""

COLOUR_SPREAD = 16 / 255
"""Channels may differ by this share of the range: JPEG and colour profiles tint grey a little."""

COLOUR_SHARE = 0.001
"""A thousandth of the pixels may differ more, such as a small coloured marker."""

_BLOCK = 1 << 20
"""Values at a time, where the whole in floating point would take several times the memory."""

_ALPHA_STEP = step("transparency-over-black", "Transparent parts laid over black")
COLOUR_STEP = step("luminance-of-colours", "Luminance taken from the colour channels")


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
        What was done.
    orientation
        The tag of EXIF and TIFF, 1 to 8; 1 for none.
    cautions
        What is doubtful.
    """

    pixels: NDArray
    colour: bool = False
    inverted: bool = False
    frames: int = 1
    steps: tuple[Reason, ...] = ()
    orientation: int = 1
    cautions: tuple[Reason, ...] = ()


_DAMAGED = unreadable(
    "damaged",
    "{path} is damaged or incomplete: {why}.",
    "The file is damaged or incomplete.",
    "A whole {kind} file was expected.",
    "Export or copy it again from its source.",
)
_NOT_SUPPORTED = unreadable(
    "kind-not-read",
    "{path} is a {kind} file of a kind that is not read ({form}).",
    "The file is of a kind that is not read ({form}).",
    "Grey values in 8 or 16 bits, uncompressed or in a common compression, were expected.",
    "Export it again as PNG, as a plain TIFF of 8 or 16 bits, or as DICOM.",
)
_NO_PROCESS = unreadable(
    "decoder-not-started",
    "{path}: the process that decodes it cannot be started.",
    "The process that decodes the file cannot be started.",
    "Compressed images are decoded in a process of their own, which Opacity starts.",
    "Close other programs and try again; start Opacity anew if it stays so.",
)
_TOO_SLOW = unreadable(
    "decoding-too-slow",
    "{path} was given up after {number} s of decoding.",
    "The file takes too long to decode.",
    "An image of its size takes a second or two.",
    "Export or copy it again from its source.",
)
_CRASHED = unreadable(
    "decoder-crashed",
    "{path} made its decoder crash. Nothing else is affected.",
    "The file made its decoder crash.",
    "A whole image in the form that its header tells was expected.",
    "Export or copy it again from its source, uncompressed if there is the choice.",
)
_TOO_MANY_PIXELS = unreadable(
    "too-many-pixels",
    "{path} is too large: {width:,} × {height:,} pixels.",
    "The image is too large.",
    "At most {most} million pixels are read.",
    "Export it at a lower resolution.",
)
_TOO_MUCH = unreadable(
    "too-much-memory-for-pixels",
    "{path} is too large: {width:,} × {height:,} pixels.",
    "The image is too large.",
    "At most {most} MB of values are read, so that no file takes more than 1 GB of memory; colour "
    "and 16 bits need more than grey and 8.",
    "Export it at a lower resolution.",
)
BITS_A_CHANNEL = phrase("bits-a-channel", "{bits} bits a channel")
LOSSLESS_BITS = phrase("lossless-bits", "lossless, {bits} bits", "lossless")
_NO_SIZE = phrase("no-size", "its size is {width} × {height} pixels")


def damaged(path: Path, kind: str, why: Reason | Exception) -> UnreadableImage:
    """The error for a file that begins like an image but does not hold a whole one."""
    if isinstance(why, BrokenData):
        why = why.why
    elif isinstance(why, Exception):
        why = told((str(why) or type(why).__name__).rstrip("."))
    return UnreadableImage(_DAMAGED(path=str(path), kind=kind, why=why))


def not_supported(path: Path, kind: str, form: Reason | str) -> UnreadableImage:
    """The error for a file that may be whole, but of a kind that no decoder here reads."""
    return UnreadableImage(_NOT_SUPPORTED(path=str(path), kind=kind, form=form))


def decoder_ended(path: Path, error: DecoderEnded) -> UnreadableImage:
    """The error for a file that the process of its decoder did not get over."""
    if error.why == "start":
        return UnreadableImage(_NO_PROCESS(path=str(path)))
    if error.why == "memory":
        return too_much(path)
    if error.why == "slow":
        return UnreadableImage(_TOO_SLOW(path=str(path), number=error.detail))
    return UnreadableImage(_CRASHED(path=str(path)))


def check_size(path: Path, width: int, height: int, each: int = 1) -> None:
    """Refuse a picture too large for memory, by its header alone, before anything is decoded.

    Parameters
    ----------
    path
        Where it is, for the error.
    width, height
        In pixels.
    each
        Bytes that the decoded values of a pixel take, over all channels.
    """
    if width < 1 or height < 1:
        raise damaged(path, "image", _NO_SIZE(width=width, height=height))
    if width * height > MAX_PIXELS:
        most = MAX_PIXELS // 10**6
        raise UnreadableImage(
            _TOO_MANY_PIXELS(path=str(path), width=width, height=height, most=most)
        )
    if width * height * each > MOST_BYTES:
        most = MOST_BYTES >> 20
        raise UnreadableImage(_TOO_MUCH(path=str(path), width=width, height=height, most=most))


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


def blocks_of(values: NDArray, overlap: int = 0) -> Iterator[slice]:
    """Rows of at most a million values, one after the other, so that little is made at a time."""
    count = max(1, _BLOCK // max(1, values[:1].size))
    for top in range(0, len(values), count):
        yield slice(top, top + count + overlap)


def _over_black(values: NDArray, alpha: NDArray) -> tuple[NDArray, tuple[Reason, ...]]:
    full = np.iinfo(alpha.dtype).max
    if int(alpha.min()) == full:
        return values, ()
    made = np.empty(values.shape, values.dtype)
    for rows in blocks_of(values):
        weight = alpha[rows].astype(np.float32) / full
        shaped = weight if values.ndim == 2 else weight[..., None]
        made[rows] = np.rint(values[rows] * shaped)
    return made, (_ALPHA_STEP(),)


def grey_of(
    values: NDArray, steps: tuple[Reason, ...] = ()
) -> tuple[NDArray, bool, tuple[Reason, ...]]:
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
    return grey, colour, (*steps, COLOUR_STEP()) if colour else steps
