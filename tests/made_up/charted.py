"""A made-up race as an object, and the outside tables that some charts ask for."""

from __future__ import annotations

import polars as pl

from dryline.present.charts.wetness_panels import SECTORS
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.field import crossings


def made_up(*, cars: int = 8, hours: float = 1.0, seed: int = 1) -> Race:
    return race_of(crossings(cars=cars, hours=hours, seed=seed))


def outside(race: Race) -> dict[str, pl.DataFrame]:
    """Wetness that comes and goes, tyres that follow it, chances that move."""
    end = race.end.ms
    at = list(range(0, end, 30_000))
    wet = [max(0.0, 1 - abs(2 * ms / end - 1) * 2) for ms in at]
    samples = pl.DataFrame(
        {
            "at_ms": at,
            **{f"w{s}": [w * s / 3 for w in wet] for s in SECTORS},
            **{f"sd{s}": [0.05] * len(at) for s in SECTORS},
            **{f"p_wet{s}": [float(w * s / 3 > 0.2) for w in wet] for s in SECTORS},
            "p_rain": [w / 2 for w in wet],
        }
    )
    stops = race.stops.filter(pl.col("lap") > 0)
    changes = stops.select(
        "car_number",
        "car_class",
        at_ms="in_ms",
        tyre=pl.when(pl.col("in_ms") < end // 2).then(pl.lit("wet")).otherwise(pl.lit("slick")),
        p=pl.lit(0.9),
    )
    chances = [
        {"at_ms": ms, "car_number": car, "p_win_class": (1 + i + ms / end) / 20}
        for ms in range(0, end, 300_000)
        for i, car in enumerate(race.cars)
    ]
    return {
        "samples": samples,
        "tyre_changes": changes,
        "win_probability": pl.DataFrame(chances),
        "wet": pl.DataFrame({"start_ms": [end // 4], "end_ms": [3 * end // 4]}),
    }
