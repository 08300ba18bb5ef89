"""What the next edition keeps of the last one's front part as it was printed: the table of 예산현황."""

from documents.edition_parts import Table, table_of
from documents.markup import squeeze
from documents.outline import Shape, read_outline

_NAMES = ("예산현황", "예산총괄", "예산편성현황")


def read_budget_overview(text: str) -> Table | None:
    """The first table under a heading 예산현황 of the document, or None where it prints none."""
    below = False
    for block in read_outline(text):
        if block.shape is Shape.TABLE:
            if below:
                return table_of([row.cells for row in block.rows])
        elif block.text and not squeeze(block.text).startswith("(단위"):
            below = squeeze(block.text).lstrip("0123456789.") in _NAMES
    return None
