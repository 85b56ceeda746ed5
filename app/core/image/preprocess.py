"""The one path from a radiograph to what the network sees, for scoring and training alike.

A radiograph is shown by its default window as 8 bits, brought to the frame of the training
images (a square of 224 x 224, the aspect ratio not kept), and from there to the network's input.
A 2,000-pixel original, its 224 x 224 copy and the same pixels in a DICOM file take the same
path. What the reader does with window and level never enters here.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.base.reasons import Reason, step
from app.core.dicom.orientation import to_upright
from app.core.image.display import render
from app.core.image.radiograph import Radiograph

NAME = "square224-smooth-percentile-2"
"""Written into every card: weights and preprocessing belong together."""

FRAME_SIZE = 224
SMOOTHING = 0.7
"""Standard deviation of the Gaussian, pixels of the frame.

It takes away the grain and the block edges that JPEG compression leaves in a small image, so that
an original and its compressed copy look alike to the network; lungs do not have details so fine.
"""


_STRETCHED = step("stretched", "Stretched to {side} x {side}, aspect ratio not kept")
_SMOOTHED = step("smoothed", "Smoothed against JPEG grain ({pixels} pixels)")
_SCALED = step("greys-scaled", "Grey values scaled, 0.5th to 99.5th percentile")
RESAMPLED = step("resampled", "Resampled to {input_size} x {input_size}, the network's input")


def steps() -> tuple[Reason, ...]:
    """What this module does to an image, in the order in which it does it."""
    return (_STRETCHED(side=FRAME_SIZE), _SMOOTHED(pixels=SMOOTHING), _SCALED())


def frame_of(radiograph: Radiograph, shown: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The radiograph in the frame of the training images, upright as far as its header tells.

    Parameters
    ----------
    radiograph
        Any decoded image.
    shown
        Its default display (rows, columns) where that was made already.

    Returns
    -------
    numpy.ndarray
        Shape (224, 224), uint8, bright where the X-rays were stopped.
    """
    shown = render(radiograph) if shown is None else shown
    turn = to_upright(radiograph.header.patient_orientation)
    return shrink(shown if turn is None else turn.applied(shown))


def shrink(shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch an 8-bit image (rows, columns) to (224, 224).

    Pillow's bicubic filter widens with the reduction, which OpenCV's does not; the training
    images were made with the same filter.
    """
    if shown.shape == (FRAME_SIZE, FRAME_SIZE):
        return shown
    image = Image.fromarray(shown)
    return np.asarray(image.resize((FRAME_SIZE, FRAME_SIZE), Image.Resampling.BICUBIC))


def model_input(frame: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """What the network sees.

    Parameters
    ----------
    frame
        Shape (224, 224), uint8.
    size
        Side of the network's square input, pixels.

    Returns
    -------
    numpy.ndarray
        Shape (size, size, 1), float32, 0..255.
    """
    smooth = cv2.GaussianBlur(frame.astype(np.float32), (0, 0), SMOOTHING)
    low, high = np.percentile(smooth, (0.5, 99.5))
    scaled = (smooth - low) * np.float32(255.0 / max(high - low, 1.0))
    np.clip(scaled, 0.0, 255.0, out=scaled)
    if size != FRAME_SIZE:
        how = cv2.INTER_AREA if size < FRAME_SIZE else cv2.INTER_CUBIC
        scaled = np.clip(cv2.resize(scaled, (size, size), interpolation=how), 0.0, 255.0)
    return scaled[..., None].astype(np.float32, copy=False)


def content_hash(shown: NDArray[np.uint8]) -> str:
    """SHA-256 (hex) over shape and pixels of the 8-bit default display (rows, columns).

    The same picture has the same hash, whatever its file is called and its header says.
    """
    shown = np.ascontiguousarray(shown)
    return hashlib.sha256(str(shown.shape).encode() + shown.tobytes()).hexdigest()


NEAR_DUPLICATE_BITS = 20
"""Two pictures whose perceptual hashes differ in at most so many of the 256 bits are copies.

On the training images, an original and its 224 x 224 copy differ in at most 6 bits, two patients
in at least 40 (``research/near_duplicates.py``).
"""


def perceptual_hash(frame: NDArray[np.uint8]) -> bytes:
    """A hash that a resized or re-compressed copy shares, up to a few bits.

    The signs of the 16 x 16 lowest frequencies of the cosine transform against their median
    (after Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010).

    Parameters
    ----------
    frame
        Shape (224, 224), uint8.

    Returns
    -------
    bytes
        32 bytes, 256 bits.
    """
    small = cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:16, :16].ravel()
    return np.packbits(low > np.median(low[1:])).tobytes()
