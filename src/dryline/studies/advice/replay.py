"""A race replayed for one car: the rest of it as it happened, its own stops chosen anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dryline.kernels.replay_road import ReplayField
from dryline.race.race import Race
from dryline.studies.advice.replay_crew import ReplayedCar, crew_of
from dryline.studies.advice.replay_field import field_of
from dryline.studies.advice.replay_flags import Flags
from dryline.studies.advice.replay_lane import opening_s
from dryline.studies.advice.replay_reading import Reading


@dataclass(frozen=True)
class Replay:
    """A race ready to be replayed: the field, its cars, the kinds of neutralisation."""

    name: str
    series: str
    field: ReplayField
    crews: Sequence[ReplayedCar]
    flags: Flags
    finishers: Mapping[str, Sequence[tuple[str, int, float]]]
    length_s: float
    flag_s: float

    def place(self, crew: ReplayedCar, laps: float, end_s: float) -> int:
        """The class place of that many laps, the last of them ended then."""
        return 1 + sum(
            (other_laps, -other_s) > (laps, -end_s)
            for other, other_laps, other_s in self.finishers[crew.car_class]
            if other != crew.car_number
        )


def replay_of(name: str, race: Race) -> Replay | None:
    """A finished race as it can be replayed; nothing where its end is not known."""
    if race.finish is None:
        return None
    read = Reading(name, race, race.finish.ms / 1000.0)
    field = field_of(read)
    opens = {
        car_class: opening_s(
            race.stops.filter(pl.col("car_class") == car_class), lane, read.flags, read.series
        )
        for car_class, lane in read.lanes.items()
    }
    crews = [crew_of(read, car, field, opens) for car in read.laps]
    finishers: dict[str, list[tuple[str, int, float]]] = {}
    for car, car_class in read.class_of.items():
        finishers.setdefault(car_class, []).append((car, read.total(car), read.end_s(car)))
    return Replay(
        name, read.series, field, [crew for crew in crews if crew is not None], read.flags,
        finishers, read.length_s, read.flag_s,
    )  # fmt: skip
