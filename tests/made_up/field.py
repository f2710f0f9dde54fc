"""Races made up for tests: a small field with stops, flags and drivers, from a seed.

No row comes from a provider's file. ``crossings`` gives a frame of schema ``CROSSINGS``;
``events`` gives the same as timing events, in order of ``known_at``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from dryline.domain.event import LineCrossing
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.tables import CROSSINGS

CLASSES = {"HYPERCAR": 95.0, "LMGT3": 106.0}


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

    ``classes`` are their names with the seconds of a lap.
    """
    chance = np.random.default_rng(seed)
    end_s = hours * 3600
    rows: list[dict[str, object]] = []
    safety_car = (0.45 * end_s, 0.55 * end_s) if flags else (np.inf, np.inf)
    for index in range(cars):
        name, pace = list(classes.items())[index % len(classes)]
        pace += chance.normal(0, 0.3)
        rows += _car(
            index, name, pace, chance, end_s, safety_car, flags=flags, stint_laps=stint_laps
        )
    frame = pl.DataFrame(rows, schema={name: CROSSINGS[name] for name in rows[0]}, orient="row")
    frame = _chequered(frame, end_s) if flags else frame.filter(pl.col("elapsed_ms") >= 0)
    return (
        frame.sort("elapsed_ms", "car_number")
        .with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32))
        .select(*CROSSINGS)
    )


def _car(
    index: int,
    car_class: str,
    pace: float,
    chance: np.random.Generator,
    end_s: float,
    safety_car: tuple[float, float],
    *,
    flags: bool,
    stint_laps: int,
) -> Iterator[dict[str, object]]:
    number = ["7", "007", "50", "31", "92", "046", "8", "91"][index % 8] + "0" * (index // 8)
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
        parts = time * np.array([0.3, 0.33])
        ms = round(time * 1000) if lap > 1 else round((elapsed + time) * 1000)
        elapsed = ms / 1000 if lap == 1 else round(elapsed * 1000 + ms) / 1000
        s1, s2 = (round(part * 1000) for part in parts)
        state = "safety_car" if safety_car[0] < elapsed < safety_car[1] else "green"
        yield {
            "car_number": number,
            "lap": lap,
            "driver": f"Driver {number} {driver % 3}",
            "driver_seat": driver % 3 + 1,
            "car_class": car_class,
            "team": f"Team {number}",
            "manufacturer": "Maker",
            "group": "",
            "lap_time_ms": ms,
            "s1_ms": s1,
            "s2_ms": s2,
            "s3_ms": ms - s1 - s2,
            "elapsed_ms": round(elapsed * 1000),
            "known_at_ms": round(elapsed * 1000),
            "time_of_day_ms": 46_800_000 + round(elapsed * 1000),
            "flag": state if flags else None,
            "in_pit": in_pit,
            "pit_lane_ms": lane,
            "top_speed_kmh": 290.0 + index,
            "speed_kmh": None,
        }
        out_of_pits = in_pit


def _chequered(frame: pl.DataFrame, end_s: float) -> pl.DataFrame:
    """The flag for the leader's first crossing after time, then once for everybody else."""
    after = pl.col("elapsed_ms") >= end_s * 1000
    led = frame.filter(~after)["lap"].max()
    flag_ms = frame.filter(after & (pl.col("lap") > led))["elapsed_ms"].min()
    past = pl.col("elapsed_ms") >= flag_ms
    first = past & ~past.shift(1, fill_value=False).over("car_number")
    return frame.filter(~past | first).with_columns(
        flag=pl.when(first).then(pl.lit("chequered")).otherwise("flag")
    )


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
