"""Time at the wheel, measured from laps: who drove when, in unbroken turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.entry import Entry
from dryline.rules.scoring import name_key


class WheelTime(msgspec.Struct, frozen=True, kw_only=True):
    """A driver's spells at the wheel of a car, one per lap: ``(start_ms, end_ms)``.

    ``total_ms`` is the sum of the laps less what does not count on them. A stop longer than its
    out-lap (a repair before the line) leaves that lap an empty spell and still counts in full.
    ``turns`` are unbroken runs of laps by the driver, stops without a change included:
    ``(start_ms, end_ms, driven_ms)``.
    """

    car_number: str
    car_class: str
    driver: str
    total_ms: int
    spells: tuple[tuple[int, int], ...]
    turns: tuple[tuple[int, int, int], ...]
    at_wheel: bool

    @property
    def continuous_ms(self) -> int:
        """Driven in the present turn, 0 when somebody else is at the wheel."""
        return self.turns[-1][2] if self.turns and self.at_wheel else 0

    @property
    def longest_continuous_ms(self) -> int:
        """Driven in the longest turn so far."""
        return max((driven for _, _, driven in self.turns), default=0)

    @property
    def shortest_rest_ms(self) -> int | None:
        """The shortest rest between two turns; ``None`` with one turn or none."""
        rests = [
            after[0] - before[1] for before, after in zip(self.turns, self.turns[1:], strict=False)
        ]
        return min(rests, default=None)

    def rest_ms(self, at_ms: int) -> int | None:
        """Since the driver left the wheel; ``None`` at the wheel or before the first turn."""
        return None if self.at_wheel or not self.turns else max(at_ms - self.turns[-1][1], 0)

    def in_window(self, end_ms: int, window_ms: int) -> int:
        """Driven within the ``window_ms`` that end at ``end_ms``."""
        return round(float(self._driven_by(np.array([end_ms]))[0])) - round(
            float(self._driven_by(np.array([end_ms - window_ms]))[0])
        )

    def window_peak(self, window_ms: int) -> int:
        """The most driven within any window of that length so far."""
        if not self.spells:
            return 0
        edges = np.array(self.spells, dtype=np.int64)
        ends = np.concatenate([edges[:, 1], edges[:, 0] + window_ms])
        return round(float(np.max(self._driven_by(ends) - self._driven_by(ends - window_ms))))

    def _driven_by(self, at_ms: NDArray[np.int64]) -> NDArray[np.float64]:
        """Driven up to each instant: piecewise linear over the spells."""
        if not self.spells:
            return np.zeros(len(at_ms))
        edges = np.array(self.spells, dtype=np.int64)
        lengths = edges[:, 1] - edges[:, 0]
        done = np.cumsum(lengths)
        corners = np.column_stack([done - lengths, done]).ravel()
        driven: NDArray[np.float64] = np.interp(at_ms, edges.ravel(), corners)
        return driven


def wheel_times(
    laps: pl.DataFrame,
    entries: Mapping[str, Entry],
    *,
    without_pit_time: bool = True,
    stopped: Sequence[tuple[int, int]] = (),
) -> list[WheelTime]:
    """The time at the wheel of every driver of every car in ``laps``.

    A spell ends at its lap's crossing and lasts the lap's time, less the pit-lane time stated
    on it where ``without_pit_time``, and less its overlap with ``stopped`` periods (red flags).
    Drivers of ``entries`` who have not driven yet have no spells.
    """
    columns = ("car_number", "car_class", "driver", "lap_time_ms", "elapsed_ms", "pit_lane_ms")
    spells: dict[tuple[str, str], list[tuple[int, int]]] = {}
    turns: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    totals: dict[tuple[str, str], int] = {}
    classes: dict[str, str] = {}
    last: dict[str, str] = {}
    for car, car_class, driver, lap_ms, end, pit_ms in (
        laps.sort("elapsed_ms", maintain_order=True).select(columns).iter_rows()
    ):
        lost = (pit_ms or 0) if without_pit_time else 0
        lost = max(lost, _overlap(end - lap_ms, end, stopped))
        totals[car, driver] = totals.get((car, driver), 0) + lap_ms - lost
        driven = max(lap_ms - lost, 0)
        spells.setdefault((car, driver), []).append((end - driven, end))
        held = turns.setdefault((car, driver), [])
        if last.get(car) == driver and held:
            start, _, before = held[-1]
            held[-1] = (start, end, before + driven)
        else:
            held.append((end - driven, end, driven))
        classes[car] = car_class
        last[car] = driver
    _add_waiting(spells, classes, entries)
    return [
        WheelTime(
            car_number=car,
            car_class=classes[car],
            driver=driver,
            total_ms=totals.get((car, driver), 0),
            spells=tuple(spells[car, driver]),
            turns=tuple(turns.get((car, driver), ())),
            at_wheel=last.get(car) == driver,
        )
        for car, driver in spells
    ]


def _add_waiting(
    spells: dict[tuple[str, str], list[tuple[int, int]]],
    classes: dict[str, str],
    entries: Mapping[str, Entry],
) -> None:
    seen: dict[str, set[str]] = {}
    for car, driver in spells:
        seen.setdefault(car, set()).add(name_key(driver))
    for number, entry in entries.items():
        classes.setdefault(number, entry.car_class)
        for each in entry.drivers:
            if name_key(each.name) not in seen.get(number, set()):
                spells[number, each.name] = []


def _overlap(start: int, end: int, periods: Sequence[tuple[int, int]]) -> int:
    return sum(max(min(end, until) - max(start, since), 0) for since, until in periods)
