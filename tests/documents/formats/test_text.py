"""Files in every encoding an office's programs write are read; what is no text says so."""

import codecs

import pytest

from documents.errors import DocumentError
from documents.formats import text as text_format
from documents.formats.text import decode_text

KOREAN = "# 2024년 주요업무\n\n- 청사 로비 공사 준공 : 2024. 9월중\n"


@pytest.mark.parametrize(
    "data",
    [
        KOREAN.encode(),
        codecs.BOM_UTF8 + KOREAN.encode(),
        KOREAN.encode("cp949"),
        codecs.BOM_UTF16_LE + KOREAN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + KOREAN.encode("utf-16-be"),
        KOREAN.encode("utf-16-le"),
        KOREAN.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + KOREAN.encode("utf-32-le"),
        KOREAN.replace("\n", "\r\n").encode(),
        KOREAN.replace("\n", "\r").encode("cp949"),
    ],
    ids=["utf-8", "utf-8-bom", "cp949", "16le-bom", "16be-bom", "16le", "16be", "32le-bom", "crlf", "cr"],
)
def test_the_same_text_comes_out_of_every_encoding(data: bytes) -> None:
    assert decode_text(data) == KOREAN


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "빈 파일"),
        (b" \n\t\r\n", "빈 파일"),
        (codecs.BOM_UTF8, "빈 파일"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "HWPX"),
        (b"\xd0\xcf\x11\xe0....", "HWP"),
        (bytes(range(256)) * 8, "텍스트 파일이 아닙니다"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x00", "깨진 글자"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        decode_text(data)


def test_two_encodings_in_one_file_are_refused_with_the_line_where_the_second_begins() -> None:
    with pytest.raises(DocumentError, match="3행: 글자 인코딩") as refused:
        decode_text("첫 줄\n둘째 줄\n".encode() + "셋째 줄\n".encode("cp949") + b"\xff\xff\n")
    assert refused.value.line == 3


def test_a_file_beyond_the_limit_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_format, "MAX_BYTES", 2**20)
    with pytest.raises(DocumentError, match="파일이 너무 큽니다"):
        decode_text(b"a" * (2**20 + 1))
