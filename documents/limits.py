"""How much a document may hold. Beyond these it is refused with its reason; below, reading takes linear time."""

MAX_BYTES = 32 * 1024 * 1024
MAX_UNZIPPED_BYTES = 32 * 1024 * 1024
MAX_LINES = 500_000
# A printed page holds about 1,500 letters: a line this long is no line of a report.
MAX_LINE_CHARS = 50_000
MAX_DATES_IN_LINE = 100
MAX_CELL_CHARS = 50_000
MAX_TABLE_ROWS = 100_000
MAX_TABLE_COLUMNS = 500
# What grows with the product of two counts is cut off here; no real report comes near.
MAX_LISTED_PROJECTS = 300
MAX_TITLES_COMPARED = 500
MAX_SIBLINGS_LOOKED_AT = 40
