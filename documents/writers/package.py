"""Zip files that depend on their content alone: the same edition makes the same bytes."""

import io
import zipfile

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the zip format's first


def repacked(content: bytes, stored: tuple[str, ...] = ()) -> bytes:
    """The same entries in the same order without the time they were packed at; `stored` ones are not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()
