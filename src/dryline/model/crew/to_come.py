"""Who drives how long still, and what the crew to come is worth: columns for a forecast.

Joint pace at the instant, each driver's worth before the race from other races; the line-up from
the entry list, else from who was seen and the car's last crew; drive time from the habits of class
and series. Nothing after the instant is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dryline.analysis.pace.joint import joint_pace
from dryline.domain.entry import Rating
from dryline.model.crew.history import (
    CrewHistory,
    believed,
    drive_shares,
    last_crew,
    rating_in,
)
from dryline.model.crew.wheel import AtWheel, Wheel
from dryline.model.running import Floats

CREW_COLUMNS = ("now", "to_come", "change", "amateur_share", "crew", "car")
LEAST = 0.02  # of the race: whoever is entered will drive a little
AMATEURS = (Rating.SILVER.value, Rating.BRONZE.value)


@dataclass(frozen=True)
class LineUp:
    """A car's crew, those to come included: worth and seconds, (crew,) each."""

    worth: Floats
    amateur: Floats
    driven_s: Floats
    to_come_s: Floats
    now: int | None


def crew_columns(
    wheel: Wheel, history: CrewHistory, series: str | None, year: int | None
) -> dict[str, Floats]:
    """[C, 6] per class in the order of `CREW_COLUMNS`, cars in their order on the track.

    Worths are log lap times against the class's mean; ``change`` is the crew to come against who
    drove so far; ``amateur_share`` the share of Silver and Bronze drivers in the time to come.
    """
    full = with_last_crews(wheel, history, series, year)
    ratings = [
        stated or rating_in(history, name, year)
        for (_, name), stated in zip(full.drivers, full.ratings, strict=True)
    ]
    before = [
        believed(history, name, car_class, rating, year)
        for (car_class, name), rating in zip(full.drivers, ratings, strict=True)
    ]
    mean, sd = np.array(before, dtype=float).reshape(-1, 2).T
    pace = joint_pace(full.turns, mean, sd)
    amateur = np.array([1.0 * (rating in AMATEURS) for rating in ratings])
    rows: dict[str, list[list[float]]] = {name: [] for name in full.classes}
    for car, own in zip(full.cars, pace.cars.tolist(), strict=True):
        line_up = _line_up(car, full, pace.drivers, amateur, history, series)
        rows[car.car_class].append([*_columns(line_up), own])
    return {name: np.array(row, dtype=float).reshape(-1, 6) for name, row in rows.items()}


def with_last_crews(
    wheel: Wheel, history: CrewHistory, series: str | None, year: int | None
) -> Wheel:
    """``wheel`` with crews that no entry list names filled up from the car's last one.

    Whoever is seen is in the crew; the others of the last one join it up to its size, if one of
    them is seen or nobody is yet.
    """
    number = {driver: n for n, driver in enumerate(wheel.drivers)}
    cars = []
    for car in wheel.cars:
        seen = [wheel.drivers[d][1] for d in car.crew]
        last = () if car.listed else last_crew(history, car, series, year)
        rest = [name for name in last if name not in seen][: max(len(last) - len(seen), 0)]
        if seen and not set(seen) & set(last):
            rest = []
        joined = [number.setdefault((car.car_class, name), len(number)) for name in rest]
        driven = np.concatenate([car.driven_s, np.zeros(len(joined))])
        cars.append(replace(car, crew=(*car.crew, *joined), driven_s=driven))
    more = list(number)[len(wheel.drivers) :]
    classes = [wheel.classes.index(car_class) for car_class, _ in more]
    driver_class = np.concatenate([wheel.turns.driver_class, np.array(classes, dtype=np.int64)])
    return replace(
        wheel,
        cars=tuple(cars),
        drivers=tuple(number),
        ratings=(*wheel.ratings, *(None for _ in more)),
        laps=np.concatenate([wheel.laps, np.zeros(len(more))]),
        turns=replace(wheel.turns, driver_class=driver_class),
    )


def _line_up(
    car: AtWheel,
    wheel: Wheel,
    worth: Floats,
    amateur: Floats,
    history: CrewHistory,
    series: str | None,
) -> LineUp:
    crew = np.array(car.crew, dtype=np.intp)
    shares = np.zeros(len(crew))
    if len(crew):
        order = np.argsort(worth[crew], kind="stable")
        shares[order] = drive_shares(history, series, car.car_class, wheel.length_s, len(crew))
    now = None if car.now is None else car.crew.index(car.now)
    to_come = time_to_come(shares, car.driven_s, wheel.length_s, wheel.left_s)
    return LineUp(worth[crew], amateur[crew], car.driven_s, to_come, now)


def time_to_come(shares: Floats, driven_s: Floats, length_s: float, left_s: float) -> Floats:
    """Seconds that each of a crew still drives: what is missing to his share, at least a little."""
    missing = np.maximum(LEAST * length_s, shares * length_s - driven_s)
    return np.asarray(left_s * missing / max(float(missing.sum()), 1e-9), dtype=float)


def _columns(line_up: LineUp) -> tuple[float, float, float, float, float]:
    if not len(line_up.worth):
        return 0.0, 0.0, 0.0, 0.0, 0.0
    to_come = float(np.average(line_up.worth, weights=line_up.to_come_s))
    crew = float(line_up.worth.mean())
    ran = float(line_up.driven_s.sum())
    so_far = float(line_up.driven_s @ line_up.worth) / ran if ran > 0 else crew
    now = crew if line_up.now is None else float(line_up.worth[line_up.now])
    amateur = float(np.average(line_up.amateur, weights=line_up.to_come_s))
    return now, to_come, to_come - so_far, amateur, crew
