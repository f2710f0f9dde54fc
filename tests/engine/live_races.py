"""What the tests of the live session share: a made-up race, run through a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from dryline.domain.event import TimingEvent
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.session import LiveSession
from dryline.feeds.live.arrival import Arrival, ArrivalForm
from dryline.feeds.live.lines import event_line
from dryline.race.race import Race
from tests.made_up.field import crossings

INFO = RaceInfo(name="made up", series="wec", length=RaceLength(ms=1_800_000))


def made_up(**how: Any) -> Race:
    return Race(INFO, crossings(**{"cars": 6, "hours": 0.5, **how}))


def lines(*events: TimingEvent, source: str = "feed", seq: int | None = None) -> Arrival:
    numbers: Iterable[int | None] = (
        [None] * len(events) if seq is None else range(seq, seq + len(events))
    )
    data = b"".join(event_line(e, n) for e, n in zip(events, numbers, strict=True))
    return Arrival(source=source, form=ArrivalForm.LINES, data=data)


def raw(data: bytes, source: str = "feed") -> Arrival:
    return Arrival(source=source, form=ArrivalForm.LINES, data=data)


def session(journal: Path | None = None, **how: Any) -> LiveSession:
    return LiveSession(INFO, FollowingClock(), journal=journal, **how)


def same_race(one: Race, other: Race, *, but: Sequence[str] = ()) -> None:
    """Every table and the order at the end are equal; ``but`` columns are not compared."""

    def seen(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.drop([name for name in but if name in frame.columns])

    for table in ("crossings", "laps", "stops", "stints", "neutralisations", "weather"):
        assert_frame_equal(seen(getattr(one, table)), seen(getattr(other, table)))
    assert one.messages == other.messages
    assert one.at(one.end).cars == other.at(other.end).cars
