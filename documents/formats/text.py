"""Plain text and Markdown: bytes of whatever encoding an office's program writes, to text."""

import codecs

from documents.errors import DocumentError
from documents.limits import MAX_BYTES

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS = (
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "HWP(또는 옛 MS 오피스)"),
    (b"PK\x03\x04", "HWPX·DOCX·XLSX"),
    (b"\x89PNG", "그림"),
    (b"\xff\xd8\xff", "그림"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b")


def decode_text(data: bytes) -> str:
    """Return the text of a file, its line ends as line feeds.

    Reads UTF-8, UTF-16 and UTF-32 (marked or, for UTF-16, recognised) and CP949. Raises DocumentError for what is
    empty, too large, no text, or in two encodings at once (with the line where the second begins).
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"파일이 너무 큽니다({len(data) / 2**20:.0f} MB, 한도 {MAX_BYTES // 2**20} MB). 문서를 나누어 올려 주세요."
        )
    if not data.strip():
        raise DocumentError("빈 파일입니다. 내용이 있는 파일을 올려 주세요.")
    for magic, name in _OTHER_FORMATS:
        if data.startswith(magic):
            raise DocumentError(f"{name} 파일은 아직 읽지 못합니다. 텍스트(.md, .txt)로 저장해 올려 주세요.")
    text = _decode(data)
    if not text.strip("\ufeff \t\r\n"):
        raise DocumentError("빈 파일입니다. 내용이 있는 파일을 올려 주세요.")
    # Lines are counted by line feeds; only a file without any may use the lone carriage returns of old systems.
    text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")


def _decode(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise DocumentError(
                    f"{encoding.upper()} 문서인데 깨진 글자가 있습니다({error.start}번째 바이트)."
                ) from error
    if wide := _unmarked_utf16(data):
        return wide
    if _is_binary(data):
        raise DocumentError("텍스트 파일이 아닙니다. 텍스트(.md, .txt)로 저장해 올려 주세요.")
    failed = 0
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            failed = max(failed, error.start)
    raise DocumentError(
        "글자 인코딩을 알 수 없거나 두 가지가 섞여 있습니다. UTF-8로 다시 저장해 올려 주세요.",
        line=data.count(b"\n", 0, failed) + 1,
    )


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark shows itself by zero bytes on one side only, as in its spaces and line ends."""
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or max(even, odd) <= len(sample) // 40 or min(even, odd) * 20 > max(even, odd):
        return None
    try:
        return data.decode("utf-16-le" if odd > even else "utf-16-be")
    except UnicodeDecodeError:
        return None


def _is_binary(data: bytes) -> bool:
    """More than a stray NUL, or more than one control byte in a hundred, and it is no text."""
    sample = data[:65536]
    controls = sum(sample.count(code) for code in range(32) if code not in _TEXT_CONTROLS)
    return sample.count(0) > 8 or controls * 100 > len(sample)
