"""All providers: opening a file walks them, and the first that knows it reads it."""

from __future__ import annotations

from dryline.feeds.alkamel.provider import AlKamel
from dryline.feeds.provider import Provider

ALKAMEL = AlKamel()
PROVIDERS: tuple[Provider, ...] = (ALKAMEL,)
HEAD_BYTES = 65_536
"""How much of a file says whose it is."""


def provider_of(data: bytes) -> Provider | None:
    """Who knows the file that begins with ``data``; ``None`` where nobody does."""
    head = data[:HEAD_BYTES]
    return next((each for each in PROVIDERS if each.detect(head) is not None), None)
