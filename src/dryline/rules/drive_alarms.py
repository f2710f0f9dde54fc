"""Alarms on time at the wheel: what is broken, and what soon will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from dryline.domain.clock_text import format_clock
from dryline.domain.entry import Rating
from dryline.domain.fields import CarClass, CarNumber
from dryline.domain.meaning import means
from dryline.rules.drive_limits import DriverLimits, limit_ms
from dryline.rules.schema import Stated
from dryline.rules.wheel_time import WheelTime


class AlarmKind(StrEnum):
    """What is wrong, or is about to be."""

    MINIMUM_MISSED = "minimum_missed"  # not enough race is left
    MINIMUM_DUE = "minimum_due"  # the latest moment to get in is near
    CREW_MINIMA_CLASH = "crew_minima_clash"  # the crew owes more than is left
    CREW_TOO_SHORT = "crew_too_short"  # the crew may not drive for all that is left
    MAXIMUM_EXCEEDED = "maximum_exceeded"
    MAXIMUM_NEAR = "maximum_near"
    WINDOW_EXCEEDED = "window_exceeded"
    WINDOW_NEAR = "window_near"
    CONTINUOUS_EXCEEDED = "continuous_exceeded"
    REST_TOO_SHORT = "rest_too_short"


BREACHES = frozenset(
    {
        AlarmKind.MINIMUM_MISSED,
        AlarmKind.MAXIMUM_EXCEEDED,
        AlarmKind.WINDOW_EXCEEDED,
        AlarmKind.CONTINUOUS_EXCEEDED,
        AlarmKind.REST_TOO_SHORT,
    }
)
"""Alarms that mean a rule has been broken, or can no longer be kept."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm on a driver or on a whole crew."""

    kind: Annotated[AlarmKind, means("which rule is broken, or soon will be")]
    car_number: CarNumber
    driver: Annotated[str | None, means("whom it is about; null: the whole crew")]
    words: Annotated[str, means("the same in words")]
    by_ms: Annotated[
        int | None, means("until when something must be done", "ms since the start")
    ] = None
    confirmed: Annotated[bool, means("whether the limit is sourced for this season")] = True


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A driver's account at an instant."""

    car_number: CarNumber
    car_class: CarClass
    driver: Annotated[str, means("the driver's name")]
    rating: Annotated[
        Rating | None, means("platinum, gold, silver or bronze; null where nobody stated it")
    ]
    at_wheel: Annotated[bool, means("whether this driver drives now")]
    total_ms: Annotated[int, means("time at the wheel so far, in completed laps", "ms")]
    share: Annotated[float, means("share of the car's time")]
    continuous_ms: Annotated[int, means("at the wheel without a break, now", "ms")]
    rest_ms: Annotated[int | None, means("since the last time at the wheel", "ms")]
    window_ms: Annotated[
        int | None, means("within the rule's window, now; null without such a rule", "ms")
    ]
    window_peak_ms: Annotated[int | None, means("the most there has been in such a window", "ms")]
    minimum_ms: Annotated[
        int | None, means("least time that the rules ask for; null where unknown", "ms")
    ]
    owed_ms: Annotated[int | None, means("what is still to be driven", "ms")]
    latest_in_ms: Annotated[
        int | None, means("the latest instant to get in for it", "ms since the start")
    ]
    maximum_ms: Annotated[
        int | None, means("most time that the rules allow; null where unknown", "ms")
    ]
    left_ms: Annotated[int | None, means("what may still be driven", "ms")]
    alarms: Annotated[tuple[Alarm, ...], means("what is wrong or will be")] = ()
    owed_to_score_ms: Annotated[
        int | None,
        means("what is still to be driven to score points; null where no least is known", "ms"),
    ] = None


class RaceClock(msgspec.Struct, frozen=True):
    """Where the race is: the instant, the scheduled length, and how early to warn."""

    at_ms: int
    length_ms: int | None
    warn_ms: int

    @property
    def left_ms(self) -> int | None:
        """What is left of the scheduled length."""
        return None if self.length_ms is None else max(self.length_ms - self.at_ms, 0)


def driver_alarms(
    row: LedgerRow, time: WheelTime, limits: DriverLimits, clock: RaceClock
) -> tuple[Alarm, ...]:
    """Every alarm on a driver's account."""
    return (
        *_minimum(row, time, limits, clock),
        *_maximum(row, limits, clock),
        *_window(row, limits, clock),
        *_turns(row, time, limits),
    )


def crew_alarms(
    rows: Sequence[LedgerRow], clock: RaceClock, *, crew_known: bool
) -> tuple[Alarm, ...]:
    """Alarms on a crew: minima that no longer fit together, maxima that leave a hole.

    The second needs the whole crew: without an entry list another driver may yet appear.
    """
    left = clock.left_ms
    if not rows or not left:
        return ()
    alarms = []
    owed = sum(row.owed_ms or 0 for row in rows)
    car_number = rows[0].car_number
    if owed > left and all((row.owed_ms or 0) <= left for row in rows):
        words = f"#{car_number}: the crew owes {_hm(owed)} together, only {_hm(left)} left"
        alarms.append(_crew_alarm(AlarmKind.CREW_MINIMA_CLASH, car_number, words))
    if crew_known and all(row.left_ms is not None for row in rows):
        may = sum(row.left_ms or 0 for row in rows)
        if may < left:
            words = f"#{car_number}: the crew may drive {_hm(may)} more, {_hm(left)} are left"
            alarms.append(_crew_alarm(AlarmKind.CREW_TOO_SHORT, car_number, words))
    return tuple(alarms)


def _crew_alarm(kind: AlarmKind, car_number: str, words: str) -> Alarm:
    return Alarm(kind=kind, car_number=car_number, driver=None, words=words)


def _alarm(
    row: LedgerRow, kind: AlarmKind, words: str, by: Stated[float], by_ms: int | None = None
) -> Alarm:
    return Alarm(
        kind=kind,
        car_number=row.car_number,
        driver=row.driver,
        words=f"#{row.car_number} {row.driver}: {words}",
        by_ms=by_ms,
        confirmed=by.confirmed,
    )


def _minimum(
    row: LedgerRow, time: WheelTime, limits: DriverLimits, clock: RaceClock
) -> Iterator[Alarm]:
    limit, left = limits.minimum_min, clock.left_ms
    if limit is None or left is None or not row.owed_ms:
        return
    if row.at_wheel and time.spells:
        left += max(clock.at_ms - time.spells[-1][1], 0)  # the lap he is on counts too
    owed = f"still owes {_hm(row.owed_ms)} of {_hm(row.minimum_ms or 0)}"
    if row.owed_ms > left:
        words = f"{owed}, only {_hm(left)} left"
        yield _alarm(row, AlarmKind.MINIMUM_MISSED, words, limit)
    elif row.latest_in_ms is not None and row.latest_in_ms - clock.at_ms <= clock.warn_ms:
        words = f"{owed}, must get in by {format_clock(row.latest_in_ms)}"
        yield _alarm(row, AlarmKind.MINIMUM_DUE, words, limit, row.latest_in_ms)


def _maximum(row: LedgerRow, limits: DriverLimits, clock: RaceClock) -> Iterator[Alarm]:
    limit, most = limits.maximum_min, row.maximum_ms
    if limit is None or most is None:
        return
    if row.total_ms > most:
        words = f"has driven {_hm(row.total_ms)} of at most {_hm(most)}"
        yield _alarm(row, AlarmKind.MAXIMUM_EXCEEDED, words, limit)
    elif row.at_wheel and most - row.total_ms <= clock.warn_ms:
        by_ms = clock.at_ms + most - row.total_ms
        words = f"reaches the maximum of {_hm(most)} at {format_clock(by_ms)}"
        yield _alarm(row, AlarmKind.MAXIMUM_NEAR, words, limit, by_ms)


def _window(row: LedgerRow, limits: DriverLimits, clock: RaceClock) -> Iterator[Alarm]:
    limit, most, window = limits.window_max_min, limit_ms(limits.window_max_min), limits.window_h
    if limit is None or most is None or window is None:
        return
    within = f"within {window.value:g} h"
    if row.window_peak_ms is not None and row.window_peak_ms > most:
        words = f"drove {_hm(row.window_peak_ms)} {within}, at most {_hm(most)}"
        yield _alarm(row, AlarmKind.WINDOW_EXCEEDED, words, limit)
    elif row.at_wheel and row.window_ms is not None and most - row.window_ms <= clock.warn_ms:
        by_ms = clock.at_ms + most - row.window_ms
        words = f"has driven {_hm(row.window_ms)} {within}, at most {_hm(most)}"
        yield _alarm(row, AlarmKind.WINDOW_NEAR, words, limit, by_ms)


def _turns(row: LedgerRow, time: WheelTime, limits: DriverLimits) -> Iterator[Alarm]:
    longest, most = time.longest_continuous_ms, limit_ms(limits.continuous_max_min)
    if limits.continuous_max_min is not None and most is not None and longest > most:
        words = f"drove {_hm(longest)} without a break, at most {_hm(most)}"
        yield _alarm(row, AlarmKind.CONTINUOUS_EXCEEDED, words, limits.continuous_max_min)
    shortest, least = time.shortest_rest_ms, limit_ms(limits.rest_min)
    if limits.rest_min is None or least is None or shortest is None or shortest >= least:
        return
    words = f"rested {_hm(shortest)} between turns, at least {_hm(least)}"
    yield _alarm(row, AlarmKind.REST_TOO_SHORT, words, limits.rest_min)


def _hm(ms: int) -> str:
    return format_clock(ms)
