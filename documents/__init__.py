"""Paper to rows: reads report documents and tables into plain values, and writes the next document from rows.

Reading is pure and goes in one direction: `formats/` turns a file into lines, `outline` turns lines into headings,
bullets and tables, `report` turns an outline into a `Report` (see `reading`), and `findings` says what contradicts.
"""
