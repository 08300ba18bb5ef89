"""The next document as a file: one writer a format, each printing the same `ProgressReport`."""
