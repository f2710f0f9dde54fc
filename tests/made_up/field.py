"""A small field with stops, flags and drivers, from a seed.

``crossings`` gives a frame of schema ``CROSSINGS``; ``events`` gives the same as timing events,
in order of ``known_at``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from dryline.domain.event import LineCrossing
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from tests.made_up.driving import Car, Lap, crossings_of

CLASSES = {"HYPERCAR": 95.0, "LMGT3": 106.0}
NUMBERS = ("7", "007", "50", "31", "92", "046", "8", "91")
ONE_O_CLOCK_MS = 46_800_000


def crossings(
    *,
    cars: int = 6,
    hours: float = 1.0,
    seed: int = 1,
    flags: bool = True,
    stint_laps: int = 12,
    classes: Mapping[str, float] = CLASSES,
) -> pl.DataFrame:
    """A race of ``cars`` cars over ``hours``, one safety car in the middle.

    ``classes`` are their names with the seconds of a lap. Without ``flags`` the feed has none,
    and no car is told of the end.
    """
    chance = np.random.default_rng(seed)
    end_s = hours * 3600
    safety_car = (0.45 * end_s, 0.55 * end_s) if flags else (np.inf, np.inf)

    def field() -> Iterator[Car]:
        for index in range(cars):
            name, pace = list(classes.items())[index % len(classes)]
            pace += chance.normal(0, 0.3)
            number = NUMBERS[index % 8] + "0" * (index // 8)
            laps = _laps(index, number, pace, chance, end_s, safety_car, stint_laps=stint_laps)
            named = {"team": f"Team {number}", "manufacturer": "Maker", "group": ""}
            yield Car(number, name, laps, {**named, "top_speed_kmh": 290.0 + index})

    frame = crossings_of(field(), day_start_ms=ONE_O_CLOCK_MS)
    if not flags:
        return frame.with_columns(flag=pl.lit(None, pl.String))
    return _chequered(frame, end_s)


def _laps(
    index: int,
    number: str,
    pace: float,
    chance: np.random.Generator,
    end_s: float,
    safety_car: tuple[float, float],
    *,
    stint_laps: int,
) -> Iterator[Lap]:
    elapsed, lap, driver, out_of_pits = 3.0 + index, 0, 0, False
    while elapsed < end_s + 120:
        lap += 1
        slow = 1.9 if safety_car[0] < elapsed < safety_car[1] else 1.0
        time = pace * slow * (1 + abs(chance.normal(0, 0.006)))
        in_pit = (lap + index % 3) % stint_laps == 0
        lane = None
        if out_of_pits:
            lane = round(1000 * (60 + chance.gamma(4.0, 4.0)))
            time += lane / 1000 * 0.6
            driver += int(chance.random() < 0.5)
        time += 25 if in_pit else 0
        ms = round(time * 1000) if lap > 1 else round((elapsed + time) * 1000)
        elapsed = ms / 1000 if lap == 1 else round(elapsed * 1000 + ms) / 1000
        yield Lap(
            ms,
            sectors_ms=(round(0.3 * time * 1000), round(0.33 * time * 1000)),
            driver=f"Driver {number} {driver % 3}",
            seat=driver % 3 + 1,
            flag="safety_car" if safety_car[0] < elapsed < safety_car[1] else "green",
            in_pit=in_pit,
            lane_ms=lane,
        )
        out_of_pits = in_pit


def _chequered(frame: pl.DataFrame, end_s: float) -> pl.DataFrame:
    """The flag for the leader's first crossing after time, then once for everybody else."""
    after = pl.col("elapsed_ms") >= end_s * 1000
    led = frame.filter(~after)["lap"].max()
    flag_ms = frame.filter(after & (pl.col("lap") > led))["elapsed_ms"].min()
    past = pl.col("elapsed_ms") >= flag_ms
    first = past & ~past.shift(1, fill_value=False).over("car_number")
    flag = pl.when(first).then(pl.lit("chequered")).otherwise("flag")
    ended = frame.filter(~past | first).with_columns(flag=flag)
    return ended.with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32))


def events(frame: pl.DataFrame) -> Iterator[LineCrossing]:
    """The rows of ``frame`` as timing events."""
    for row in frame.sort("known_at_ms", "line").iter_rows(named=True):
        yield LineCrossing(
            happened_at=Instant(row["elapsed_ms"]),
            known_at=Instant(row["known_at_ms"]),
            car_number=row["car_number"],
            lap=row["lap"],
            lap_time=Duration(row["lap_time_ms"]),
            sectors=tuple(  # type: ignore[arg-type]
                None if row[name] is None else Duration(row[name])
                for name in ("s1_ms", "s2_ms", "s3_ms")
            ),
            driver=row["driver"],
            driver_seat=row["driver_seat"],
            car_class=row["car_class"],
            team=row["team"],
            manufacturer=row["manufacturer"],
            group=row["group"],
            flag=None if row["flag"] is None else Flag(row["flag"]),
            in_pit=row["in_pit"],
            pit_lane=None if row["pit_lane_ms"] is None else Duration(row["pit_lane_ms"]),
            top_speed_kmh=row["top_speed_kmh"],
            speed_kmh=row["speed_kmh"],
            time_of_day=(
                None if row["time_of_day_ms"] is None else Duration(row["time_of_day_ms"])
            ),
            line=row["line"],
        )
