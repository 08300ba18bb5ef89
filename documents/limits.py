"""How much a document may hold. Beyond these it is refused with its reason; below, reading takes linear time."""

MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 500_000
MAX_LINE_CHARS = 2_000_000
MAX_CELL_CHARS = 1_000_000
MAX_TABLE_ROWS = 100_000
MAX_TABLE_COLUMNS = 500
MAX_UNZIPPED_BYTES = 32 * 1024 * 1024
# Comparing every printed title with every heading grows with the product of both; no real list is longer.
MAX_LISTED_PROJECTS = 300
