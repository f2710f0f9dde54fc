"""All providers: opening a file walks them, and the first that knows it reads it."""

from __future__ import annotations

from dryline.feeds.acc.provider import AssettoCorsaCompetizione
from dryline.feeds.alkamel.provider import AlKamel
from dryline.feeds.provider import Provider
from dryline.feeds.raceroom.provider import RaceRoom
from dryline.feeds.rfactor2.provider import RFactor2
from dryline.feeds.rmonitor.provider import RMonitor
from dryline.feeds.secondmonitor.provider import SecondMonitor

ALKAMEL = AlKamel()
PROVIDERS: tuple[Provider, ...] = (
    RFactor2(), AssettoCorsaCompetizione(), SecondMonitor(), RaceRoom(), RMonitor(), ALKAMEL,
)  # fmt: skip
HEAD_BYTES = 65_536
"""How much of a file says whose it is."""


def provider_of(data: bytes) -> Provider | None:
    """Who knows the file that begins with ``data``; ``None`` where nobody does."""
    head = data[:HEAD_BYTES]
    return next((each for each in PROVIDERS if each.detect(head) is not None), None)
