"""The QR code that is drawn holds the squares of the code that was asked for, with its blank margin."""

import re

import pytest
import segno

from web.qr import QUIET, draw


@pytest.mark.parametrize("text", ["otpauth://totp/Dday:hong?secret=ABCDEFGH&issuer=Dday", "한글 주소" * 20])
def test_each_dark_square_is_drawn_and_no_other(text: str) -> None:
    side, path = draw(text)
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
    rows = segno.make_qr(text, error="m").matrix
    dark = {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert {(x - QUIET, y - QUIET) for x, y in drawn} == dark
    assert side == len(rows) + 2 * QUIET
    assert re.sub(r"M\d+ \d+h1v1h-1z", "", path) == ""
