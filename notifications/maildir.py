"""A folder of messages, one file each: written so that a reader never sees half a message (Maildir)."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(r"[0-9]{10}\.[0-9a-f]{12}\.dday")  # ours; nothing in it leads out of the folder


class Maildir:
    """`new/` holds what nobody has looked at yet, `cur/` the rest. Names are numbered, so they sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: int | None = None

    def keep(self, content: bytes) -> str:
        """Stores the bytes as they are and returns the file's name. Raises OSError when the disk refuses."""
        for part in ("tmp", "new", "cur"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        if self._last is None:
            self._last = max((int(name.partition(".")[0]) for name in self.names()), default=0)
        self._last += 1
        # Another process may write the same number here: the rest of the name keeps the two apart.
        name = f"{self._last:010d}.{secrets.token_hex(6)}.dday"
        unfinished = self.folder / "tmp" / name
        try:
            unfinished.write_bytes(content)
            unfinished.rename(self.folder / "new" / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return name

    def names(self) -> list[str]:
        """Every message, the newest first."""
        names = (path.name.partition(":")[0] for path in self._files())
        return sorted(filter(NAME.fullmatch, names), reverse=True)

    def unseen(self) -> list[str]:
        """What is still in `new/`, the oldest first."""
        return sorted(path.name for path in self._files("new") if NAME.fullmatch(path.name))

    def read(self, name: str) -> bytes | None:
        """The message's bytes; None for a name that is not one of ours or no longer there."""
        found = self._find(name)
        try:
            return found.read_bytes() if found else None
        except FileNotFoundError:
            return None

    def mark_seen(self, name: str) -> None:
        """Moves the message from `new/` to `cur/`; one that is not there any more stays so."""
        if NAME.fullmatch(name) and (self.folder / "new" / name).exists():
            (self.folder / "new" / name).rename(self.folder / "cur" / f"{name}:2,S")

    def _find(self, name: str) -> Path | None:
        if not NAME.fullmatch(name):
            return None
        places = (self.folder / "new" / name, *(self.folder / "cur").glob(f"{name}*"))
        return next((path for path in places if path.is_file()), None)

    def _files(self, *parts: str) -> Iterator[Path]:
        for part in parts or ("new", "cur"):
            if (self.folder / part).is_dir():
                yield from (self.folder / part).iterdir()
