"""Laps at the flag: one projection, for every answer that tells or needs them."""
