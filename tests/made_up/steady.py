"""A small race made from numbers: steady laps, stops by fuel, a neutralisation, retirements."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.tables import CROSSINGS


def made_up_race(
    classes: dict[str, list[str]],
    *,
    length_s: float = 7200.0,
    lap_s: float = 90.0,
    stint_laps: int | None = 25,
    fcy_s: tuple[float, float] | None = (2000.0, 2600.0),
    retire_s: dict[str, float] | None = None,
    seed: int = 1,
) -> pl.DataFrame:
    """Crossings of a race in which later-listed cars and classes are slower."""
    random = np.random.Generator(np.random.Philox(key=seed))
    rows: list[dict[str, object]] = []
    for k, (car_class, numbers) in enumerate(classes.items()):
        for i, number in enumerate(numbers):
            usual = lap_s * (1 + 0.12 * k) * (1 + 0.002 * i)
            until = (retire_s or {}).get(number, length_s)
            rows += _laps(
                number, car_class, usual, until, stint_laps, fcy_s, random, offset=0.7 * i
            )
    frame = pl.DataFrame(rows, schema=CROSSINGS).sort("elapsed_ms", "car_number")
    return frame.with_columns(line=pl.int_range(2, frame.height + 2, dtype=pl.Int32))


def _laps(
    number: str,
    car_class: str,
    usual_s: float,
    until_s: float,
    stint_laps: int | None,
    fcy_s: tuple[float, float] | None,
    random: np.random.Generator,
    offset: float,
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    now, lap, out = offset, 0, False
    while now < until_s:
        lap += 1
        held = fcy_s is not None and fcy_s[0] <= now < fcy_s[1]
        taken = usual_s * (1.8 if held else 1.0) * (1 + 0.004 * random.standard_normal())
        if out:
            taken += 55.0
        begun = now if lap > 1 else 0.0
        now = now + taken
        flag = "fcy" if fcy_s is not None and fcy_s[0] <= now < fcy_s[1] else "green"
        stops = stint_laps is not None and lap % stint_laps == 0
        rows.append(
            {
                "car_number": number,
                "lap": lap,
                "driver": f"Driver {number}{'AB'[(lap // 30) % 2]}",
                "car_class": car_class,
                "team": f"Team {number}",
                "lap_time_ms": round(now * 1000) - round(begun * 1000),
                "elapsed_ms": round(now * 1000),
                "known_at_ms": round(now * 1000),
                "flag": flag,
                "in_pit": stops,
                "pit_lane_ms": 65_000 if out else None,
            }
        )
        out = stops
    return rows
