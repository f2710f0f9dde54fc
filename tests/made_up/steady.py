"""A race of steady laps: stops by fuel, a neutralisation, retirements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tests.made_up.driving import Car, Lap, crossings_of

LANE_MS = 65_000


def steady_race(
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
    under_fcy = fcy_s or (np.inf, np.inf)

    def laps(number: str, usual_s: float, now_s: float) -> Iterator[Lap]:
        until_s = (retire_s or {}).get(number, length_s)
        lap, begun_ms, out = 0, 0, False
        while now_s < until_s:
            lap += 1
            held = under_fcy[0] <= now_s < under_fcy[1]
            now_s += usual_s * (1.8 if held else 1.0) * (1 + 0.004 * random.standard_normal())
            now_s += 55.0 if out else 0.0
            stops = stint_laps is not None and lap % stint_laps == 0
            yield Lap(
                round(now_s * 1000) - begun_ms,
                driver=f"Driver {number}{'AB'[(lap // 30) % 2]}",
                flag="fcy" if under_fcy[0] <= now_s < under_fcy[1] else "green",
                in_pit=stops,
                lane_ms=LANE_MS if out else None,
            )
            begun_ms, out = round(now_s * 1000), stops

    return crossings_of(
        Car(
            number,
            car_class,
            laps(number, lap_s * (1 + 0.12 * slower) * (1 + 0.002 * place), 0.7 * place),
            {"team": f"Team {number}"},
        )
        for slower, (car_class, numbers) in enumerate(classes.items())
        for place, number in enumerate(numbers)
    )
