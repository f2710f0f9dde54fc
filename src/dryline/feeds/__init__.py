"""Timing in and out: parsers and writers of the published formats, and the one that fetches."""
