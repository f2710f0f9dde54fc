"""The forecasts behind a report: along the race, and on either side of what happened."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.analysis.claims.claim import Claim
from dryline.analysis.claims.forecast import EVENTS, WIN, events_of
from dryline.domain.errors import NotKnown, UnknownLength
from dryline.domain.instant import Instant
from dryline.model.forecast_parameters import shipped
from dryline.model.statistical import forecast_statistical
from dryline.race.race import Race

INSTANTS, REPLICATES = 16, 200


def win_tables(race: Race, claims: Sequence[Claim], seed: int = 1) -> dict[str, pl.DataFrame]:
    """``win`` and ``events`` of ``claims_forecast``; nothing where the length is not known.

    Every forecast reads the crossings known at its instant and no others; the chances of winning a
    class come from the model itself, so that few replicates do.
    """
    try:
        length = race.moment().length_ms
    except (UnknownLength, NotKnown):
        return {}
    end = min(length, race.end.ms) - 1
    typical = race.laps["lap_time_ms"].median()
    events = events_of(claims, round(typical or 0), end)  # type: ignore[arg-type]
    events = events.filter(pl.col("before_ms") < end)
    along = [end * step // INSTANTS for step in range(1, INSTANTS + 1)]
    beside = [*events["before_ms"].to_list(), *events["after_ms"].to_list()]
    first = int(race.crossings["known_at_ms"].min() or 0)  # type: ignore[arg-type]
    rows = [
        row
        for at in sorted({*along, *beside})
        if first <= at
        for row in _row(race, at, length, seed)
    ]
    if not rows:
        return {}
    return {
        "win": pl.DataFrame(rows, schema=WIN, orient="row"),
        "events": events.cast(EVENTS),  # type: ignore[arg-type]
    }


def _row(race: Race, at: int, length: int, seed: int) -> list[tuple[int, str, str, float]]:
    table = forecast_statistical(
        race.moment(Instant(at)).race.crossings,
        at,
        length,
        shipped(),
        series=race.info.series,
        year=race.info.year,
        crews=race.crews,
        paces=race.weekend.paces,
        replicates=REPLICATES,
        seed=seed,
    )
    return [(at, car.car_number, car.car_class, car.p_win_class) for car in table.cars]
