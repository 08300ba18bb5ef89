"""Days as an officer types them into a field: `2024. 10. 4.`, `2024-10-04`, `2024.10.4`."""

import re
from datetime import date

_DAY = re.compile(r"(\d{4})\s*[.\-/년]\s*(\d{1,2})\s*[.\-/월]\s*(\d{1,2})\s*[.일]?\s*(?:\([월화수목금토일]\))?")


def read_day(text: str) -> date | None:
    """The day, or None for anything that is not one existing day with its year."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
