"""A text as a QR code (ISO/IEC 18004), drawn as one path of squares: a picture that needs no file and no script."""

from typing import NamedTuple

import segno

QUIET = 4  # blank squares around it (ISO/IEC 18004, 9.1)


class Code(NamedTuple):
    """`side` is the width of the picture in squares, margin included; `path` covers the dark ones."""

    side: int
    path: str


def draw(text: str) -> Code:
    """Readable with up to a seventh of the picture damaged (level M)."""
    rows = segno.make_qr(text, error="m").matrix
    dark = [f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, bit in enumerate(row) if bit]
    return Code(len(rows) + 2 * QUIET, "".join(dark))
