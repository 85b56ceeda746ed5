"""How often a whole film is taken for one with missing data, and how often missing data are seen.

``python benchmarks/missing.py FOLDER...`` looks at all pictures of the folders as they are, with
the darkest and brightest 3 and 12 of 256 greys taken for one (borders without the noise of JPEG),
and with a tail of zeros as a copy that broke off leaves it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.image.missing import REFUSE, missing_part

SUFFIXES = {".jpg", ".jpeg", ".png"}
SHARES = (0.03, 0.05, 0.10, 0.20, 0.30)


def flattened(grey: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """The picture with its ends cut off, so that borders are of one value."""
    flat = np.where(grey <= by, 0, np.where(grey >= 255 - by, 255, grey))
    return np.asarray(flat if by else grey, np.uint8)


def broken_off(grey: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """The picture with its last values zero."""
    values = grey.ravel().copy()
    values[values.size - round(share * values.size) :] = 0
    return values.reshape(grey.shape)


def main() -> None:
    """Print one line for each question."""
    paths = [p for name in sys.argv[1:] for p in sorted(Path(name).rglob("*"))]
    films = [cv2.imread(str(p), 0) for p in paths if p.suffix.lower() in SUFFIXES]
    print(f"{len(films)} whole films")
    for by in (0, 3, 12):
        found = [missing_part(flattened(film, by)) for film in films]
        cautions = sum(each is not None for each in found)
        refused = sum(each is not None and each.is_certain for each in found)
        print(f"ends of {by:2} greys for one: {cautions} cautions, {refused} refused")
    for share in SHARES:
        found = [missing_part(broken_off(film, share)) for film in films]
        seen = sum(each is not None for each in found)
        refused = sum(each is not None and each.is_certain for each in found)
        print(
            f"{share:.0%} missing: seen {seen / len(films):.1%}, refused {refused / len(films):.1%}"
        )
    print(f"refused from {REFUSE:.0%}")


if __name__ == "__main__":
    main()
