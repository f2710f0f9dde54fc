"""A crossing, stated as an event, as the row of ``CROSSINGS`` that it is."""

from __future__ import annotations

from typing import Any

from dryline.domain.event import LineCrossing
from dryline.domain.instant import Duration


def crossing_row(event: LineCrossing) -> tuple[Any, ...]:
    """The event's facts in the order of ``CROSSINGS``; times in ms, the flag as its code."""
    return (
        event.car_number,
        event.lap,
        event.driver,
        event.driver_seat,
        event.car_class,
        event.team,
        event.manufacturer,
        event.group,
        event.lap_time.ms,
        *(_ms(sector) for sector in event.sectors),
        event.happened_at.ms,
        event.known_at.ms,
        _ms(event.time_of_day),
        None if event.flag is None else event.flag.value,
        event.in_pit,
        _ms(event.pit_lane),
        event.top_speed_kmh,
        event.speed_kmh,
        event.line,
    )


def _ms(value: Duration | None) -> int | None:
    return None if value is None else value.ms
