"""Timing in the Al Kamel family of formats: WEC and IMSA."""
