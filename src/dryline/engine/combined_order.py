"""The order that the parts of a qualifying give together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby

from dryline.answers.timed_session import PartPlace
from dryline.domain.qualifying_part import PartLap


def combined_order(laps: Iterable[PartLap]) -> tuple[PartPlace, ...]:
    """Class by class, the quickest class first: who was in the latest part, then the others.

    In a part by its best laps, of equal ones the earlier; who set none there comes after those who
    did, by the parts before.
    """
    cars: dict[str, list[PartLap]] = {}
    for lap in sorted(laps, key=lambda each: each.later, reverse=True):
        cars.setdefault(lap.car_number, []).append(lap)
    quickest: dict[str | None, float] = {}
    for own in cars.values():
        best = min(_time(lap) for lap in own)
        quickest[own[0].car_class] = min(quickest.get(own[0].car_class, math.inf), best)

    def class_of(own: list[PartLap]) -> tuple[float, str]:
        return quickest[own[0].car_class], own[0].car_class or ""

    def key(own: list[PartLap]) -> tuple[object, ...]:
        first = own[0]
        times = tuple((_time(lap), lap.at_ms or 0) for lap in own)
        return class_of(own), (-first.later[0], -first.later[1]), times, first.car_number

    placed: list[PartPlace] = []
    for _, group in groupby(sorted(cars.values(), key=key), key=class_of):
        for place, own in enumerate(group, start=1):
            placed.append(
                PartPlace(
                    position=len(placed) + 1,
                    position_in_class=place,
                    car_number=own[0].car_number,
                    car_class=own[0].car_class,
                    team=own[0].team,
                    part=own[0].part,
                    lap_time_ms=own[0].lap_time_ms,
                )
            )
    return tuple(placed)


def _time(lap: PartLap) -> float:
    return math.inf if lap.lap_time_ms is None else lap.lap_time_ms
