"""File formats: one file a format, each turning bytes into the lines of a document and nothing more."""
