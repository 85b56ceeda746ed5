"""JPEG Lossless frames (ISO 10918-1, process 14, predictor 1), with a header that may lie."""

import struct

import numpy as np
from numpy.typing import NDArray


def lossless_frame(values: NDArray, precision: int, said: int | None = None) -> bytes:
    """One grey frame.

    Parameters
    ----------
    values
        Shape (rows, columns), not negative, below ``2**precision``.
    precision
        Bits that the first prediction is made with.
    said
        The precision that the header tells, in place of the true one.
    """
    rows, columns = values.shape
    wide = values.astype(np.int64)
    before = np.empty_like(wide)
    before[:, 1:] = wide[:, :-1]
    before[1:, 0] = wide[:-1, 0]
    before[0, 0] = 1 << (precision - 1)
    # Differences are taken modulo 2^16.
    differences = ((wide - before + 32768) % 65536 - 32768).ravel()
    sizes = [int(abs(value)).bit_length() for value in differences]
    # 17 words of five bits each, the word being the size.
    words = (
        f"{size:05b}" + (f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" * (size > 0))
        if size < 16
        else "10000"
        for value, size in zip(differences.tolist(), sizes, strict=True)
    )
    bits = "".join(words)
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    table = bytes((0, 0, 0, 0, 0, 17, *[0] * 11, *range(17)))
    shown = precision if said is None else said
    return (
        b"\xff\xd8"
        + _segment(0xC3, struct.pack(">BHHB", shown, rows, columns, 1) + b"\x01\x11\x00")
        + _segment(0xC4, table)
        + _segment(0xDA, b"\x01\x01\x00\x01\x00\x00")
        + data
        + b"\xff\xd9"
    )


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
