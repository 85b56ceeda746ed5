"""What it costs that native decoders run in processes of their own: ``python benchmarks/...``.

Reads the same JPEG 2000 and JPEG-LS images of 2,000 x 2,000 in 12 bits with two threads, decoded
in this process and apart from it, by turns, and prints the ratio of the images a second.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402
from factories import chest_like, write_dicom  # noqa: E402
from pydicom.uid import UID, JPEG2000Lossless, JPEGLSLossless  # noqa: E402

from app.core.dicom import decoders  # noqa: E402
from app.core.image.reader import read_radiograph  # noqa: E402
from app.core.native.pool import native_pool  # noqa: E402

IMAGES, ROUNDS, THREADS = 8, 5, 2


class Here:
    """Stands for the pool, and decodes in this process."""

    def run(self, _task, data, about, _megapixels):
        """As the pool's."""
        values, second = decoders.decode_here(data, UID(about["syntax"]), about["options"])
        return values, {"second": second}


def seconds(paths):
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(read_radiograph, paths))
    return time.perf_counter() - begun


def main():
    pixels = chest_like(2000, 2000).astype(np.uint16) * 16
    for syntax in (JPEG2000Lossless, JPEGLSLossless):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{number}.dcm" for number in range(IMAGES)]
            for path in paths:
                write_dicom(path, pixels, transfer_syntax=syntax, BitsStored=12)
            seconds(paths)
            apart, here = [], []
            for _ in range(ROUNDS):
                apart.append(seconds(paths))
                with mock.patch.object(decoders, "native_pool", Here):
                    here.append(seconds(paths))
        ratio = median(here) / median(apart)
        print(f"{syntax.name}: {IMAGES / median(apart):.1f} images/s, ratio apart/here {ratio:.2f}")
    native_pool().close()


if __name__ == "__main__":
    main()
