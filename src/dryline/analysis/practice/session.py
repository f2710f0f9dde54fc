"""What a session as a whole shows: pace by lap of the run, segments, laps lost in one sector."""

from __future__ import annotations

import polars as pl

LOST, HELD = 0.03, 0.005
FEWEST_LAPS = 3
_SECTORS = ("s1_ms", "s2_ms", "s3_ms")


def pace_by_lap_of_run(laps: pl.DataFrame) -> pl.DataFrame:
    """By class and lap of the run (1 leaves the pits), the median over the cars.

    Of each car the median of its steady laps at that age. Columns: ``car_class, lap_of_run,
    cars, lap_time_ms`` and ``behind_best_ms``, the median of what each is behind its own best:
    the cars that go far are not those that go once.
    """
    best = pl.col("lap_time_ms").filter(pl.col("counts")).min().over("car_number")
    return (
        laps.with_columns(
            behind=pl.col("lap_time_ms") - best,
            lap_of_run=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("car_number", "run"),
        )
        .filter("steady")
        .group_by("car_class", "car_number", "lap_of_run")
        .agg(pl.col("lap_time_ms", "behind").median())
        .group_by("car_class", "lap_of_run")
        .agg(
            cars=pl.len().cast(pl.Int32),
            lap_time_ms=pl.col("lap_time_ms").median().round().cast(pl.Int64),
            behind_best_ms=pl.col("behind").median().round().cast(pl.Int64),
        )
        .sort("car_class", "lap_of_run")
    )


def segments(laps: pl.DataFrame) -> pl.DataFrame:
    """Groups of classes that were out in turn: classes whose flying laps overlap are one.

    Columns: ``classes`` (list), ``from_ms`` and ``to_ms`` (the first flying lap begun, the last
    ended), ``cars``, ``laps`` (flying ones).
    """
    flying = laps.filter("flying")
    windows = (
        flying.group_by("car_class")
        .agg(
            from_ms=pl.col("start_ms").min(),
            to_ms=pl.col("elapsed_ms").max(),
            cars=pl.col("car_number").n_unique(),
            laps=pl.len(),
        )
        .sort("from_ms", "car_class")
    )
    before = pl.col("to_ms").cum_max().shift(1)
    return (
        windows.with_columns(_part=(pl.col("from_ms") >= before).fill_null(value=False).cum_sum())
        .group_by("_part", maintain_order=True)
        .agg(
            pl.col("from_ms").min(),
            pl.col("to_ms").max(),
            pl.col("cars", "laps").sum().cast(pl.Int32),
            classes=pl.col("car_class"),
        )
        .drop("_part")
    )


def lost_in_one_sector(laps: pl.DataFrame) -> pl.DataFrame:
    """Flying laps with one sector over 3 % slower than its median in the run, the others within
    0.5 %.

    That time was lost there is known, why is not: traffic, a mistake, a flag that nobody wrote
    down. Only of runs with three green flying laps or more that have their sectors.
    Columns: ``car_number, car_class, driver, run, lap, at_ms, lap_time_ms, sector, lost_ms``.
    """
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in _SECTORS)
    run = ("car_number", "run")
    off = {name: pl.col(name) - pl.col(name).median().over(run) for name in _SECTORS}
    judged = laps.filter(pl.col("flying") & pl.col("is_green") & known).filter(
        pl.len().over(run) >= FEWEST_LAPS
    )
    judged = judged.with_columns(
        **{f"off_{name}": off[name] for name in _SECTORS},
        **{f"share_{name}": off[name] / pl.col(name).median().over(run) for name in _SECTORS},
    )
    found = [
        judged.filter(
            (pl.col(f"share_{name}") > LOST)
            & pl.all_horizontal(
                pl.col(f"share_{other}").abs() <= HELD for other in _SECTORS if other != name
            )
        ).select(
            "car_number", "car_class", "driver", "run", "lap", "lap_time_ms",
            at_ms="elapsed_ms",
            sector=pl.lit(number, pl.Int32),
            lost_ms=pl.col(f"off_{name}").round().cast(pl.Int64),
        )
        for number, name in enumerate(_SECTORS, start=1)
    ]  # fmt: skip
    return pl.concat(found).sort("at_ms", "car_number")
