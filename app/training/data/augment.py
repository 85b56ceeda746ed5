"""Random changes of a training image that leave the lungs readable and destroy shortcuts.

In the training collection the class also shows in the side marker, the black borders, how
tightly the picture is cut, its contrast and its compression. Each of these is varied here, so
that the network cannot lean on it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]


def augment(frame: Frame, random: np.random.Generator, strength: float = 1.0) -> Frame:
    """One random variant of a frame: moved, then disguised.

    Parameters
    ----------
    frame
        Shape (rows, columns), uint8; not changed.
    random
        Source of all random choices.
    strength
        0 returns the frame itself; 1 is the recipe's own.

    Returns
    -------
    numpy.ndarray
        Same shape and dtype.
    """
    return disguised(moved(frame, random, strength), random, strength)


def disguised(
    frame: Frame,
    random: np.random.Generator,
    strength: float = 1.0,
    stranger: Frame | None = None,
) -> Frame:
    """The same body in the same place, as another machine and another hand would have shown it.

    Parameters and return value are those of ``augment``. With a ``stranger``, a frame of any
    class and of the same shape, its border at times takes the place of the frame's own: the
    border of these images tells the class (``research.shortcuts``), and must not.
    """
    if strength <= 0:
        return frame
    out = frame
    if stranger is not None and random.random() < 0.5 * strength:
        out = _framed_by(out, stranger, random)
    if random.random() < 0.6 * strength:
        out = _blank_edges(out, random)
    if random.random() < 0.3 * strength:
        out = _mark(out, random)
    if random.random() < 0.5 * strength:
        out = _reprocess(out, random, strength)
    out = _change_tones(out, random, strength)
    if random.random() < 0.3 * strength:
        out = _lose_detail(out, random)
    if random.random() < 0.3 * strength:
        noise = random.normal(0.0, random.uniform(1, 7), out.shape)
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.4 * strength:
        out = _recompress(out, random)
    return out


def moved(frame: Frame, random: np.random.Generator, strength: float = 1.0) -> Frame:
    """Mirror, turn, stretch anisotropically, shear, crop and shift, in one resampling.

    Mirroring is for training only: it keeps the network from reading the marker's side. An image
    under review is never flipped. Parameters and return value are those of ``augment``.
    """
    if strength <= 0:
        return frame
    rows, columns = frame.shape
    angle = np.deg2rad(random.uniform(-10, 10) * strength)
    zoom = np.exp(random.uniform(-0.12, 0.22) * strength)
    # The side ratio changes by up to a half: the collection's classes differ by a quarter in it.
    stretch = np.exp(random.uniform(-0.2, 0.2) * strength)
    shear = random.uniform(-0.06, 0.06) * strength
    mirror = -1.0 if random.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1.0, shear], [0.0, 1.0]])
    matrix = matrix @ np.diag([mirror * zoom * stretch, zoom / stretch])
    centre = np.array([columns, rows]) / 2
    shift = random.uniform(-0.07, 0.07, 2) * strength * (columns, rows)
    offset = centre + shift - matrix @ centre
    border = (cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT)[random.integers(3)]
    return cv2.warpAffine(
        frame,
        np.column_stack([matrix, offset]),
        (columns, rows),
        flags=cv2.INTER_LINEAR,
        borderMode=border,
        borderValue=int(random.choice((0, 0, 128, 255))),
    ).astype(np.uint8)


def _framed_by(frame: Frame, stranger: Frame, random: np.random.Generator) -> Frame:
    """The middle of a frame within the border of another."""
    rows, columns = frame.shape
    top, bottom, left, right = random.uniform(0.02, 0.13, 4)
    out = stranger.copy()
    middle = (
        slice(int(top * rows), rows - int(bottom * rows)),
        slice(int(left * columns), columns - int(right * columns)),
    )
    out[middle] = frame[middle]
    return out


def _blank_edges(frame: Frame, random: np.random.Generator) -> Frame:
    """Cover some edges or corners, where markers, text and collimation stand."""
    out = frame.copy()
    rows, columns = frame.shape
    grey = int(random.choice((0, 0, 0, 255, int(frame.mean()))))
    for edge in random.permutation(4)[: random.integers(1, 4)]:
        depth = int(random.uniform(0.02, 0.13) * rows)
        start, stop = 0, columns
        if random.random() < 0.5:  # a corner's worth of it only
            start = int(random.uniform(0, 0.75) * columns)
            stop = start + int(random.uniform(0.1, 0.25) * columns)
            depth = int(random.uniform(0.05, 0.2) * rows)
        region = (slice(0, depth), slice(start, stop))
        np.rot90(out, int(edge))[region] = grey  # a view: this writes into ``out``
    return out


def _mark(frame: Frame, random: np.random.Generator) -> Frame:
    """Add a side marker or a stray word where a technician might have put it."""
    out = frame.copy()
    rows, columns = frame.shape
    text = str(random.choice(("R", "L", "R", "L", "AP", "PA", "PORT", "ERECT", "12")))
    x = int(
        (random.uniform(0.02, 0.2) if random.random() < 0.5 else random.uniform(0.7, 0.9)) * columns
    )
    y = int(
        (random.uniform(0.08, 0.3) if random.random() < 0.8 else random.uniform(0.7, 0.97)) * rows
    )
    cv2.putText(
        out,
        text,
        (x, y),
        int(random.choice((cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX))),
        float(random.uniform(0.4, 1.0)),
        int(random.integers(170, 256)),
        int(random.integers(1, 4)),
        cv2.LINE_AA,
    )
    return out


def _reprocess(frame: Frame, random: np.random.Generator, strength: float) -> Frame:
    """Coarse, middle and fine structures at another balance: each vendor's filter has its own."""
    values = frame.astype(np.float32)
    coarse = cv2.GaussianBlur(values, (0, 0), 12.0)
    middle = cv2.GaussianBlur(values, (0, 0), 2.5)
    gains = np.exp(random.uniform(-1, 1, 3) * (0.3, 0.5, 0.6) * strength)
    parts = (coarse, middle - coarse, values - middle)
    out = sum(gain * part for gain, part in zip(gains, parts, strict=True))
    low, high = np.percentile(out, (0.5, 99.5))  # nothing is lost in black or white
    return np.clip((out - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)


def _random_curve(random: np.random.Generator) -> NDArray[np.float64]:
    """A rising tone curve through random points, shape (256,), from 0 to 1."""
    steps = random.dirichlet(np.full(6, 5.0))
    points = np.concatenate([[0.0], np.cumsum(steps)])
    return np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(points)), points)


def _change_tones(frame: Frame, random: np.random.Generator, strength: float) -> Frame:
    """Another gamma, window and, at times, locally equalised contrast, as vendors differ."""
    if random.random() < 0.12 * strength:
        frame = np.asarray(
            cv2.createCLAHE(float(random.uniform(1, 3)), (8, 8)).apply(frame), np.uint8
        )
    levels = np.linspace(0.0, 1.0, 256)
    chance = random.random()
    if chance < 0.4 * strength:
        levels = _random_curve(random)
    else:
        levels = levels ** np.exp(random.uniform(-0.4, 0.4) * strength)
    if chance > 0.7:  # a sigmoid window, steeper or flatter in the middle
        slope = random.uniform(2, 6)
        levels = 1 / (1 + np.exp(-slope * (levels - random.uniform(0.4, 0.6))))
    width = np.exp(random.uniform(-0.25, 0.25) * strength)
    levels = (levels - 0.5) * width + 0.5 + random.uniform(-0.1, 0.1) * strength
    table = np.clip(levels * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(frame, table), dtype=np.uint8)


def _lose_detail(frame: Frame, random: np.random.Generator) -> Frame:
    """Down-sample and enlarge again, or blur: resolution must not tell the class."""
    rows, columns = frame.shape
    if random.random() < 0.5:
        return np.asarray(
            cv2.GaussianBlur(frame, (0, 0), float(random.uniform(0.4, 1.6))), np.uint8
        )
    # Each axis by itself: the stretch to a square leaves one axis sharper than the other.
    across, down = random.uniform(0.35, 0.95, 2)
    small = cv2.resize(
        frame, (int(columns * across), int(rows * down)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def _recompress(frame: Frame, random: np.random.Generator) -> Frame:
    """JPEG at another quality: bits a pixel must not tell the class."""
    quality = int(random.integers(25, 96))
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
