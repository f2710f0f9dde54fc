"""What a stop cost where no lane time is stated, from what was driven around the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import Flag
from dryline.domain.tables import STOPS
from dryline.race.neutralisation_overlap import overlap_ms

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_RUNS = 5
_FEW_CARS = 3
_FEW_STOPS = 5
_SLOWED = 1.03
_MAD_TO_SD = 1.4826
_LEAST_SD_MS = 2_000.0
"""Crews' work apart, laps with a stop are less alike than free ones: cold tyres, the exit."""
_LIKE = ("car_number", "car_class")
_LOST = {name: STOPS[name] for name in ("lost_ms", "lost_sd_ms")}


def with_time_lost(stops: pl.DataFrame, laps: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Stops with ``lost_ms``, the time lost against not stopping, and ``lost_sd_ms``, its doubt.

    What the car drove around the line (the last sector of the in-lap and the first of the
    out-lap; both laps where no sectors are stated) is held against the median of its own last
    five free runs of that kind and its next five, or of its class's. While the field was slowed,
    it is held against as much more as the others took. What cold tyres cost on the rest of both
    laps is added as the green stops of the race show it. Null while the car is in, under a red
    flag, and where nobody has driven such a run.

    Args:
        stops: cars, classes, in-laps and ``out_ms``, as the schema ``STOPS`` has them.
        laps: schema ``LAPS``.
        periods: schema ``NEUTRALISATIONS``.
    """
    near, whole = (_losses(stops, runs, periods) for runs in (_sector_runs(laps), _lap_runs(laps)))
    rest = _on_the_rest(stops, near["lost_ms"], whole["lost_ms"], periods)
    near = near.with_columns(pl.col("lost_ms") + rest)
    return stops.with_columns(pl.coalesce(near[name], whole[name]).alias(name) for name in _LOST)


def _on_the_rest(
    stops: pl.DataFrame, near_ms: pl.Series, whole_ms: pl.Series, periods: pl.DataFrame
) -> int:
    """What green stops cost beyond the run around the line: the median, 0 of fewer than five."""
    out_ms = stops["out_ms"].fill_null(0)
    begun_ms = out_ms - (stops["in_lap_ms"] + stops["out_lap_ms"]).fill_null(0)
    held = overlap_ms(periods, begun_ms.to_numpy(), out_ms.to_numpy()) > 0
    beyond = (whole_ms - near_ms).filter(~pl.Series(held, dtype=pl.Boolean)).drop_nulls()
    return round(beyond.median()) if len(beyond) >= _FEW_STOPS else 0  # type: ignore[arg-type]


def no_time_lost(stops: pl.DataFrame) -> pl.DataFrame:
    """Stops whose source states what they took: no estimate."""
    return stops.with_columns(pl.lit(None, kind).alias(name) for name, kind in _LOST.items())


def _next(name: str) -> pl.Expr:
    return pl.col(name).shift(-1).over("car_number")


def _sector_runs(laps: pl.DataFrame) -> pl.DataFrame:
    """From the last sector before each crossing to the first after it."""
    inside = pl.col("in_lap") | _next("out_lap")
    return _runs(laps, pl.col("s3_ms"), _next("s1_ms"), inside)


def _lap_runs(laps: pl.DataFrame) -> pl.DataFrame:
    """Each lap with the one after it."""
    inside = pl.col("in_lap") | pl.col("out_lap") | _next("in_lap") | _next("out_lap")
    return _runs(laps, pl.col("lap_time_ms"), _next("lap_time_ms"), inside)


def _runs(laps: pl.DataFrame, before: pl.Expr, after: pl.Expr, inside: pl.Expr) -> pl.DataFrame:
    """Runs around the line in order of time: their bounds, length, and whether a car raced."""
    green = (pl.col("under") == Flag.GREEN.value) & (_next("under") == Flag.GREEN.value)
    return (
        laps.select(
            "car_number",
            "car_class",
            "lap",
            begun_ms=pl.col("elapsed_ms") - before,
            ended_ms=pl.col("elapsed_ms") + after,
            run_ms=before + after,
            on_track=~inside & (pl.col("lap") > 1),
            raced=~inside & (pl.col("lap") > 1) & green,
        )
        .filter((pl.col("run_ms") > 0) & pl.col("on_track").is_not_null())
        .sort("ended_ms", "begun_ms", "car_number")
    )


def _losses(stops: pl.DataFrame, runs: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    cars, field = _raced(runs), _field(runs)
    stopped = stops.select("car_number", "car_class", "lap", "out_ms").join(
        runs.select("car_number", "lap", "begun_ms", "ended_ms", "run_ms"),
        on=["car_number", "lap"],
        how="left",
        maintain_order="left",
    )
    bounds = (stopped[name].fill_null(0).to_numpy() for name in ("begun_ms", "ended_ms"))
    red = overlap_ms(periods, *bounds, kinds=(Flag.RED.value,)) > 0
    known = stopped["run_ms"].is_not_null() & stopped["out_ms"].is_not_null() & ~pl.Series(red)
    found = [
        _loss(row, cars, field) if is_known else (None, None)
        for row, is_known in zip(stopped.iter_rows(named=True), known, strict=True)
    ]
    return pl.DataFrame(found, schema=_LOST, orient="row")


@dataclass(frozen=True, slots=True)
class _RacedRuns:
    """Free runs at racing speed of a car, or of a class, in order of time."""

    ended_ms: Ints
    run_ms: Floats

    def around(self, begun_ms: int, ended_ms: int) -> tuple[float, float] | None:
        """A usual run at that time and the scatter of one, in ms; None without one."""
        before = self.run_ms[: np.searchsorted(self.ended_ms, begun_ms, side="right")][-_RUNS:]
        after = self.run_ms[np.searchsorted(self.ended_ms, ended_ms, side="right") :][:_RUNS]
        sides = [some for some in (before, after) if len(some)]
        if not sides:
            return None
        apart = np.concatenate([np.abs(some - np.median(some)) for some in sides])
        middle = sum(float(np.median(some)) for some in sides) / len(sides)
        return middle, _MAD_TO_SD * float(np.median(apart))


@dataclass(frozen=True, slots=True)
class _FieldRuns:
    """All runs on the track, over what was usual for the car, in order of their ends."""

    begun_ms: Ints
    ended_ms: Ints
    ratio: Floats

    def slowed(self, begun_ms: int, ended_ms: int) -> tuple[float, float]:
        """By how much the field was slower than usual in a stretch, and the doubt of that."""
        first = int(np.searchsorted(self.ended_ms, begun_ms, side="right"))
        begun, ended = self.begun_ms[first:], self.ended_ms[first:]
        inside = np.minimum(ended, ended_ms) - np.maximum(begun, begun_ms)
        ratio = self.ratio[first:][2 * inside >= ended - begun]
        middle = float(np.median(ratio)) if len(ratio) >= _FEW_CARS else 1.0
        if middle <= _SLOWED:
            return 1.0, 0.0
        return middle, _MAD_TO_SD * float(np.median(np.abs(ratio - middle)))


def _loss(
    row: dict[str, Any], cars: dict[tuple[str, str], _RacedRuns], field: _FieldRuns
) -> tuple[int | None, int | None]:
    bounds = row["begun_ms"], row["ended_ms"]
    known = [cars[key] for key in ((kind, row[kind]) for kind in _LIKE) if key in cars]
    found = next((one for one in (runs.around(*bounds) for runs in known) if one), None)
    if found is None:
        return None, None
    usual, scatter = found
    slowed, spread = field.slowed(*bounds)
    doubt = float(np.hypot(np.hypot(scatter, _LEAST_SD_MS), usual * spread))
    return round(row["run_ms"] - usual * slowed), round(doubt)


def _raced(runs: pl.DataFrame) -> dict[tuple[str, str], _RacedRuns]:
    """Racing runs by car and by class."""
    raced = runs.filter("raced")
    return {
        (kind, str(name)): _RacedRuns(
            part["ended_ms"].to_numpy(), part["run_ms"].cast(pl.Float64).to_numpy()
        )
        for kind in _LIKE
        for (name,), part in raced.group_by(kind, maintain_order=True)
    }


def _field(runs: pl.DataFrame) -> _FieldRuns:
    usual = runs.filter("raced").select(
        "car_number",
        "ended_ms",
        usual=pl.col("run_ms")
        .cast(pl.Float64)
        .rolling_median(2 * _RUNS + 1, center=True, min_samples=1)
        .over("car_number"),
    )
    free = (
        runs.filter("on_track")
        .join_asof(
            usual, on="ended_ms", by="car_number", strategy="nearest", check_sortedness=False
        )
        .drop_nulls("usual")
    )
    return _FieldRuns(
        free["begun_ms"].to_numpy(),
        free["ended_ms"].to_numpy(),
        (free["run_ms"] / free["usual"]).to_numpy(),
    )
