"""Results logs of simulators, written from cars and laps that a test makes up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

START_S = 218.0
"""The clock of a made-up rFactor race when lap 1 begins."""


@dataclass(frozen=True)
class SimCar:
    """A car by number and driver, its lap times, and the laps that end in the pits.

    ``hidden`` laps have no time in the log; ``compounds`` is one for each lap.
    """

    number: str
    driver: str
    laps_ms: Sequence[int]
    pits: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    compounds: Sequence[str] = ()

    @property
    def ends_ms(self) -> list[int]:
        """When each lap ended, since the start."""
        return [sum(self.laps_ms[: lap + 1]) for lap in range(len(self.laps_ms))]


def order(cars: Sequence[SimCar]) -> list[SimCar]:
    """The cars by laps, then by who was there first."""
    return sorted(cars, key=lambda car: (-len(car.laps_ms), sum(car.laps_ms)))


def rfactor(cars: Sequence[SimCar], section: str = "Race", more: str = "") -> bytes:
    """A log of one session; ``more`` stands behind it."""
    places = {car.driver: place for place, car in enumerate(order(cars), 1)}
    drivers = "\n".join(_rfactor_driver(car, places[car.driver]) for car in cars)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE rF [\n<!ENTITY rFEnt "rFactor Entity">\n'
        f']>\n<rFactorXML version="1.0">\n<RaceResults>\n<{section}>\n<Minutes>60</Minutes>\n'
        f"<Laps>2147483647</Laps>\n{drivers}\n</{section}>\n{more}</RaceResults>\n</rFactorXML>\n"
    ).encode()


def _rfactor_driver(car: SimCar, place: int) -> str:
    rows = []
    begun = START_S * 1000
    for lap, ms in enumerate(car.laps_ms, 1):
        time = "--.----" if lap in car.hidden else f"{ms / 1000:.4f}"
        compound = car.compounds[lap - 1] if car.compounds else "0,Medium"
        pit = ' pit="1"' if lap in car.pits else ""
        rows.append(
            f'<Lap num="{lap}" p="{place}" et="{begun / 1000:.4f}" fuel="0.9" '
            f"fcompound={quoteattr(compound)} rcompound={quoteattr(compound)}{pit}>{time}</Lap>"
        )
        begun += ms
    return (
        f"<Driver><Name>{escape(car.driver)}</Name><CarNumber>{escape(car.number)}</CarNumber>"
        f"<CarClass>GT3</CarClass><TeamName>Team</TeamName><Position>{place}</Position>\n"
        + "\n".join(rows)
        + f"\n<FinishTime>{sum(car.laps_ms) / 1000:.4f}</FinishTime><Laps>{len(car.laps_ms)}</Laps>"
        "<FinishStatus>Finished Normally</FinishStatus></Driver>"
    )


def acc(cars: Sequence[SimCar], kind: str = "R", encoding: str = "utf-16-le") -> bytes:
    """A server's results: laps flat in the order of crossing, the first from the grid's waiting."""
    ids = {car.driver: 1000 + place for place, car in enumerate(cars)}
    crossings = sorted(
        (end, ids[car.driver], ms + 30_000 * (lap == 1))
        for car in cars
        for lap, (ms, end) in enumerate(zip(car.laps_ms, car.ends_ms, strict=True), 1)
    )
    tree = {
        "sessionType": kind,
        "trackName": "somewhere",
        "sessionResult": {
            "leaderBoardLines": [_acc_line(car, ids[car.driver]) for car in order(cars)]
        },
        "laps": [
            {"carId": car, "driverIndex": 0, "laptime": ms, "isValidForBest": True, "splits": []}
            for _, car, ms in crossings
        ],
        "penalties": [],
    }
    return json.dumps(tree, indent=1, ensure_ascii=False).encode(encoding)


def _acc_line(car: SimCar, car_id: int) -> dict[str, object]:
    return {
        "car": {
            "carId": car_id,
            "raceNumber": int(car.number),
            "cupCategory": 0,
            "teamName": "",
            "drivers": [{"firstName": "", "lastName": car.driver}],
        },
        "timing": {
            "totalTime": sum(car.laps_ms),
            "lapCount": len(car.laps_ms),
            "bestLap": min(car.laps_ms),
        },
    }


def raceroom(cars: Sequence[SimCar], *types: str) -> bytes:
    """A server's results with the same cars in a session of each type."""
    players = [
        {
            "FullName": car.driver,
            "Position": place,
            "TotalTime": sum(car.laps_ms),
            "BestLapTime": min(car.laps_ms),
            "FinishStatus": "Finished",
            "RaceSessionLaps": [
                {
                    "Time": ms,
                    "SectorTimes": [ms // 3, ms // 2, ms],
                    "PitStopOccured": lap in car.pits,
                }
                for lap, ms in enumerate(car.laps_ms, 1)
            ],
        }
        for place, car in enumerate(order(cars), 1)
    ]
    sessions = [{"Type": kind, "Players": players} for kind in types or ("Race",)]
    tree = {"Server": "a", "Experience": "RaceRoom Experience", "Sessions": sessions}
    return json.dumps(tree).encode()


def secondmonitor(cars: Sequence[SimCar]) -> bytes:
    """A summary; in-lap and out-lap are marked alike."""
    places = {car.driver: place for place, car in enumerate(order(cars), 1)}
    drivers = [
        {
            "DriverLongName": car.driver,
            "ClassName": "GTE",
            "FinishingPosition": places[car.driver],
            "Laps": [
                {
                    "LapTime": _span(ms),
                    "Sector1": _span(ms // 3),
                    "IsPitLap": bool({lap, lap - 1} & car.pits),
                }
                for lap, ms in enumerate(car.laps_ms, 1)
            ],
        }
        for car in cars
    ]
    tree = {"SessionRunTime": "x", "Simulator": "AMS 2", "SessionType": "Race", "Drivers": drivers}
    return json.dumps(tree).encode()


def _span(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}0000"


@st.composite
def sim_cars(draw: st.DrawFn) -> list[SimCar]:
    """One to five cars, each with its own number, driver, laps and stops."""
    numbers = draw(st.lists(st.integers(0, 999), min_size=1, max_size=5, unique=True))
    cars = []
    for place, number in enumerate(numbers):
        laps = draw(st.lists(st.integers(40_000, 200_000), min_size=2, max_size=8))
        pits = draw(st.frozensets(st.integers(1, len(laps) - 1), max_size=1))
        cars.append(SimCar(str(number), f"Driver {place} & Søn", laps, pits))
    return cars
