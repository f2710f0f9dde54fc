"""Who was how fast in the weekend's sessions: laps of crew and car from before the race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dryline.domain.weekend import PracticePace
from dryline.model.crew.wheel import AtWheel, Wheel
from dryline.model.ratings import key


def with_practice(wheel: Wheel, paces: Sequence[PracticePace]) -> Wheel:
    """``wheel`` with a turn for every driver of a session in a car that races in the same class.

    Where no entry list names a car's crew, whoever drove it in a session belongs to it.
    """
    at = {(car.car_class, car.car_number): number for number, car in enumerate(wheel.cars)}
    known = [pace for pace in paces if (pace.car_class, pace.car_number) in at]
    if not known:
        return wheel
    number = {driver: n for n, driver in enumerate(wheel.drivers)}
    cars = np.array([at[pace.car_class, pace.car_number] for pace in known])
    drivers = np.array(
        [number.setdefault((p.car_class, key(p.driver)), len(number)) for p in known]
    )
    sessions = list(dict.fromkeys(pace.session for pace in known))
    turns, first = wheel.turns, int(wheel.turns.quarter.max(initial=-1)) + 1
    more = [wheel.classes.index(car_class) for car_class, _ in list(number)[len(wheel.drivers) :]]
    return replace(
        wheel,
        cars=tuple(_with_crew(car, drivers[cars == n]) for n, car in enumerate(wheel.cars)),
        drivers=tuple(number),
        ratings=(*wheel.ratings, *(None for _ in more)),
        laps=np.concatenate([wheel.laps, np.zeros(len(more))]),
        turns=replace(
            turns,
            log_s=np.concatenate([turns.log_s, [pace.log_s for pace in known]]),
            laps=np.concatenate([turns.laps, [float(pace.laps) for pace in known]]),
            quarter=np.concatenate([
                turns.quarter, [first + sessions.index(pace.session) for pace in known]
            ]).astype(np.int64),
            car=np.concatenate([turns.car, cars]).astype(np.int64),
            driver=np.concatenate([turns.driver, drivers]).astype(np.int64),
            driver_class=np.concatenate([turns.driver_class, more]).astype(np.int64),
            sessions_from=first,
        ),
    )  # fmt: skip


def _with_crew(car: AtWheel, drove: np.ndarray[tuple[int], np.dtype[np.int64]]) -> AtWheel:
    if car.listed or not drove.size:
        return car
    joined = tuple(d for d in dict.fromkeys(drove.tolist()) if d not in car.crew)
    driven = np.concatenate([car.driven_s, np.zeros(len(joined))])
    return replace(car, crew=(*car.crew, *joined), driven_s=driven, listed=True)
