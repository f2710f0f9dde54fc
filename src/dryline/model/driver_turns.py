"""Who has driven each car, how long, and how often crews handed over: a fold over crossings."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from dryline.analysis.stops.driver_turn import TurnSoFar

EARLY_STINTS = 4
RECENT_LAPS = 3
UNKNOWN_LEFT_H = 2.0
Counts = dict[tuple[str, int], list[int]]
"""Stops and changes at them, by class or car and stints driven."""


@dataclass
class AtWheelNow:
    """A car's driver, since when and for how many stints; how long each drove; past turns."""

    driver: str = ""
    since_ms: float = 0.0
    stints: int = 1
    driven_ms: dict[str, float] = field(default_factory=dict)
    turns_h: deque[float] = field(default_factory=lambda: deque(maxlen=6))


@dataclass
class DriverTurns:
    """The field's drivers as far as it has come; ``length_ms`` the race's length where known."""

    length_ms: float | None
    wheels: dict[str, AtWheelNow] = field(default_factory=dict)
    of_class: Counts = field(default_factory=dict)
    of_car: Counts = field(default_factory=dict)
    recent: dict[str, deque[tuple[float, bool]]] = field(default_factory=dict)

    def crossed(
        self, car: tuple[str, str], driver: str, from_ms: float, at_ms: float, *, stopped: bool
    ) -> bool:
        """A car (number and class) ended a lap that began at ``from_ms``; whether drivers changed.

        ``stopped``: the lap began in the pits.
        """
        wheel = self.wheels.setdefault(car[0], AtWheelNow())
        change = bool(wheel.driver) and driver != wheel.driver
        if stopped:
            self._note_stop(car, wheel, at_ms, change=change)
        if change:
            wheel.turns_h.append((from_ms - wheel.since_ms) / 3.6e6)
        if change or not wheel.driver:
            wheel.stints, wheel.since_ms = 1, from_ms
        wheel.driver = driver
        wheel.driven_ms[driver] = wheel.driven_ms.get(driver, 0.0) + at_ms - from_ms
        return change

    def turn(
        self, car: tuple[str, str], at_ms: float, pace_ms: float, load_share: float
    ) -> TurnSoFar:
        """The turn at a car's wheel, if it stops now."""
        number, car_class = car
        wheel = self.wheels.get(number, AtWheelNow())
        stints = min(wheel.stints, EARLY_STINTS)
        stops, changes = self.of_class.get((car_class, stints), [0, 0])
        share = (changes + 0.8) / (stops + 2)
        own_stops, own_changes = self.of_car.get((number, stints), [0, 0])
        since = at_ms - RECENT_LAPS * pace_ms
        recent = [change for ms, change in self.recent.get(car_class, ()) if ms > since]
        length = self.length_ms
        return TurnSoFar(
            wheel_h=(at_ms - wheel.since_ms) / 3.6e6,
            stints=stints,
            left_h=UNKNOWN_LEFT_H if length is None else (length - at_ms) / 3.6e6,
            run_share=0.5 if length is None else at_ms / length,
            class_share=share,
            own_share=(own_changes + 2 * share) / (own_stops + 2),
            recent_share=(sum(recent) + 0.8) / (len(recent) + 2),
            usual_h=float(np.median(wheel.turns_h)) if wheel.turns_h else float("nan"),
            crew_seen=len(wheel.driven_ms),
            driven_share=wheel.driven_ms.get(wheel.driver, 0.0) / max(at_ms, 1e6),
            load_share=load_share,
        )

    def _note_stop(
        self, car: tuple[str, str], wheel: AtWheelNow, at_ms: float, *, change: bool
    ) -> None:
        number, car_class = car
        stints = min(wheel.stints, EARLY_STINTS)
        for table, name in ((self.of_class, car_class), (self.of_car, number)):
            done = table.setdefault((name, stints), [0, 0])
            done[0] += 1
            done[1] += change
        self.recent.setdefault(car_class, deque(maxlen=60)).append((at_ms, change))
        wheel.stints += 1
