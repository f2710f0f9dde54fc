"""The log's words: elements, attributes, and what they mean."""

from __future__ import annotations

import re

ROOT = b"<rFactorXML"
ENTITIES = frozenset({"rFEnt"})
"""What every log declares and none uses."""

SECTION = re.compile(r"(TestDay|Practice|Qualify|Warmup|Race)(\d{0,3})")
KINDS = {
    "TestDay": "test",
    "Practice": "practice",
    "Warmup": "warm_up",
    "Qualify": "qualifying",
    "Race": "race",
}
"""Kinds of session in the order in which they count, the race last."""

STATUSES = {"Finished Normally": "finished", "DNF": "retired", "DQ": "disqualified"}
UNLIMITED_LAPS = 10_000
WHEELS = {
    "twfl": "front left tyre",
    "twfr": "front right tyre",
    "twrl": "rear left tyre",
    "twrr": "rear right tyre",
}
"""What is left of each tyre, as a share."""
SHARES = {"fuel": "fuel left", "ve": "virtual energy left"}
SCORE = re.compile(r"(.*)\(\d+\) lap=\d+ point=0 t=-?[\d.]+ et=(\d+\.?\d*)")
"""A car at the line, in the log's stream: its driver, and the session's clock."""


def tyre_of(compound: str) -> str | None:
    """``wet`` or ``slick``, where a compound's name plainly says it; ``None`` where it does not.

    An intermediate is neither, and a bare index is no name.
    """
    name = compound.rpartition(",")[2].strip().lower()
    if re.search(r"\b(?:wets?|rain)\b", name):
        return "wet"
    return "slick" if re.search(r"\b(?:soft|medium|hard|slicks?|supersoft)\b", name) else None
