"""What a car is doing at an instant, as far as its crossings tell.

Timing files state neither retirements nor when a car left the pits, so between two crossings a
car's state is read from how long ago it was seen:

``finished``   it took the chequered flag, or crossed the line at or after the winner's finish
``in_pit``     its last crossing was in the pits, at most ``GARAGE_AFTER_MS`` ago
``garage``     the same, longer ago; outside races also a car that is overdue by far
``retired``    it is overdue by far, or the race is over and it did not take the flag
``running``    everything else
"""

from __future__ import annotations

from enum import StrEnum

GARAGE_AFTER_MS = 600_000
"""Ten minutes: 99 % of service stops are shorter in the 48 open races; repairs are longer."""
OVERDUE_MS = 600_000
OVERDUE_LAPS = 4.0


class Status(StrEnum):
    """A car's state at an instant."""

    RUNNING = "running"
    IN_PIT = "in_pit"
    GARAGE = "garage"
    RETIRED = "retired"
    FINISHED = "finished"


def status_at(
    at_ms: int,
    *,
    last_ms: int | None,
    last_in_pit: bool,
    took_flag: bool,
    typical_lap_ms: float | None,
    finish_ms: int | None,
    red_now: bool = False,
) -> Status:
    """The state at ``at_ms`` of a car last seen at ``last_ms``.

    ``finish_ms`` is the winner's finish where it is known by then. ``typical_lap_ms`` is the
    car's own median lap so far. A car is never called retired under a red flag.
    """
    if last_ms is None:
        return Status.RUNNING if finish_ms is None else Status.RETIRED
    if took_flag or (finish_ms is not None and last_ms >= finish_ms):
        return Status.FINISHED
    unseen = at_ms - last_ms
    lap_ms = typical_lap_ms or OVERDUE_MS
    if finish_ms is not None and at_ms >= finish_ms + 2 * lap_ms:
        return Status.RETIRED
    if last_in_pit:
        return Status.IN_PIT if unseen <= GARAGE_AFTER_MS else Status.GARAGE
    if unseen > max(OVERDUE_MS, OVERDUE_LAPS * lap_ms) and not red_now:
        return Status.RETIRED
    return Status.RUNNING
