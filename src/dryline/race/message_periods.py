"""Neutralisations as race control announced them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import NEUTRALISED, Flag
from dryline.domain.tables import NEUTRALISATIONS

_STATES = ("flag", "vsc")


def message_periods(messages: Sequence[RaceControlMessage]) -> pl.DataFrame:
    """The periods that messages of kind ``flag`` and ``vsc`` state, ordered by start.

    A neutralising flag for the whole track begins a period and ends the one before; green,
    chequered and the like end it. A slow zone begins and ends by its sector, or ends with a green
    for the whole track. A ``vsc`` message without a flag begins a virtual safety car. The end is
    null while nothing ended it. What is ended at the instant at which it began was no period.
    """
    rows: list[tuple[str, int, int | None, int | None]] = []
    track: tuple[str, int] | None = None
    zones: dict[int | None, int] = {}
    for message in sorted(messages, key=lambda one: one.happened_at.ms):
        flag = message.flag or (Flag.VSC if message.kind == "vsc" else None)
        if message.kind not in _STATES or flag is None:
            continue
        at = message.happened_at.ms
        if flag is Flag.SLOW_ZONE:
            zones.setdefault(message.sector, at)
            continue
        if message.sector is not None:
            if not flag.is_neutralised and message.sector in zones:
                start = zones.pop(message.sector)
                rows.append((Flag.SLOW_ZONE.value, start, at, message.sector))
            continue
        if track is not None and track[0] != flag.value:
            rows.append((*track, at, None))
            track = None
        if flag in NEUTRALISED and track is None:
            track = (flag.value, at)
        rows += [(Flag.SLOW_ZONE.value, start, at, sector) for sector, start in zones.items()]
        zones.clear()
    rows += [(Flag.SLOW_ZONE.value, start, None, sector) for sector, start in zones.items()]
    rows += [(*track, None, None)] if track is not None else []
    stated = [
        (kind, start, end, "message", 1.0, sector)
        for kind, start, end, sector in rows
        if end is None or end > start
    ]
    table = pl.DataFrame(stated, schema=dict(NEUTRALISATIONS), orient="row")
    return table.sort("start_ms", maintain_order=True)
