"""Cars to be compared with one another: every lap's cause is known: pace, tyres, stops, mishaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dryline.domain.race_info import RaceLength
from dryline.race.race import Race
from tests.made_up.driving import Car, Lap, crossings_of, race_of

LAP_MS = 100_000
_MADE = {"manufacturer": "Maker", "group": "", "top_speed_kmh": 280.0, "speed_kmh": 180.0}


@dataclass(frozen=True)
class Driven:
    """How a car drives: its lap, what single laps lose, its stops (in-lap -> ms in the lane)."""

    lap_ms: int = LAP_MS
    lost_ms: Mapping[int, int] = field(default_factory=dict)
    stops: Mapping[int, int] = field(default_factory=dict)
    start_ms: int = 1_000
    driver: str = "Driver"


def paired_race(
    cars: Mapping[str, Driven], laps: int = 40, flags: Mapping[int, str] | None = None
) -> Race:
    """A race of these cars in one class; ``flags`` by minute, green otherwise."""
    field = (
        Car(number, "LMGT3", _laps(car, laps, flags or {}), {**_MADE, "team": number})
        for number, car in cars.items()
    )
    return race_of(crossings_of(field, day_start_ms=0), length=RaceLength(ms=laps * LAP_MS))


def _laps(car: Driven, laps: int, flags: Mapping[int, str]) -> Iterator[Lap]:
    elapsed = 0
    for lap in range(1, laps + 1):
        lane = car.stops.get(lap - 1)
        run = car.lap_ms + car.lost_ms.get(lap, 0)
        waited = (lane or 0) + (car.start_ms if lap == 1 else 0)
        elapsed += run + waited
        third = run * 3 // 10
        flag = flags.get(elapsed // 60_000, "green")
        yield Lap(
            run + waited, (third + waited, third), car.driver, 1, flag, lap in car.stops, lane
        )
