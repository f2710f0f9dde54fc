"""Rejoin forecasts held against what happened, with the naive projection beside them.

The protocol: every routine stop (a single one, 20 to 200 s in the lane, no crossing of any car
under a neutralisation from the prediction to the end of the out-lap, three earlier stops of the
class seen), predicted at the crossing that begins the in-lap, true at the end of the out-lap.
*Ghost* ranks among the class rivals who in fact neither stopped meanwhile nor came in at their next
line (their place is in question already), nor stood; *full* among all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.stops.priors import StopPriors
from dryline.domain.flag import NEUTRALISED
from dryline.model.rejoin import RankForecast, RejoinForecast, rejoin
from dryline.model.rejoin_field import STANDING_LAPS, RejoinField, crossings

Floats = NDArray[np.float64]
SHORTEST_MS, LONGEST_MS, STOPS_SEEN = 20_000, 200_000, 3


@dataclass(frozen=True)
class RivalTruth:
    """A class rival's truth when the out-lap ends: laps, last crossing, the wanted lap, a stop.

    ``away``: it stopped meanwhile, came in at its next line, or stood.
    """

    car_number: str
    laps: int
    last_ms: float
    reached_ms: float
    away: bool


@dataclass(frozen=True)
class RoutineStop:
    """One stop of the protocol: ``at_ms`` begins the in-lap ``lap``, ``out_ms`` ends the out-lap.

    ``unflagged``: the field was neutralised meanwhile without a flag in the file (a virtual
    safety car).
    """

    car_number: str
    car_class: str
    lap: int
    at_ms: float
    out_ms: float
    pit_lane_ms: float
    rivals: tuple[RivalTruth, ...]
    unflagged: bool = False


@dataclass(frozen=True)
class _Drive:
    """One car's whole race as arrays over its laps."""

    end_ms: Floats
    in_pit: NDArray[np.bool_]
    pit_ms: Floats

    def stands(self, laps: int) -> bool:
        """Whether the car never completed its next lap, or took twice its usual time for it."""
        if laps >= len(self.end_ms):
            return True
        usual_ms = float(np.median(np.diff(self.end_ms))) if len(self.end_ms) > 1 else np.inf
        return float(self.end_ms[laps] - self.end_ms[laps - 1]) > STANDING_LAPS * usual_ms


def routine_stops(laps: pl.DataFrame, periods: pl.DataFrame | None = None) -> list[RoutineStop]:
    """The routine stops of a LAPS table, in order of ``at_ms``.

    Calm is judged by the flags at the crossings, as the protocol says; ``periods`` (the
    NEUTRALISATIONS table) marks those stops that fell into a neutralisation which no flag shows.
    """
    hidden = _hidden(periods)
    neutral = laps.filter(pl.col("flag").is_in([flag.value for flag in NEUTRALISED]))
    neutral_ms = np.sort(neutral["elapsed_ms"].to_numpy().astype(float))
    found: list[RoutineStop] = []
    for (car_class,), part in laps.group_by("car_class", maintain_order=True):
        drives = dict(_drives(part))
        stated = [drive.end_ms[np.isfinite(drive.pit_ms)] for drive in drives.values()]
        known_ms = np.sort(np.concatenate(stated))
        for car, drive in drives.items():
            for lap in _in_laps(drive):
                at_ms, out_ms = drive.end_ms[lap - 2], drive.end_ms[lap]
                calm = np.searchsorted(neutral_ms, at_ms, "right") == np.searchsorted(
                    neutral_ms, out_ms, "right"
                )
                if calm and np.searchsorted(known_ms, at_ms, "right") >= STOPS_SEEN:
                    rivals = tuple(_rivals(drives, car, lap + 1, at_ms, out_ms))
                    found.append(
                        RoutineStop(car, str(car_class), lap, at_ms, out_ms,
                                    float(drive.pit_ms[lap]), rivals,
                                    any(a < out_ms and b > at_ms for a, b in hidden))
                    )  # fmt: skip
    return sorted(found, key=lambda stop: (stop.at_ms, stop.car_number))


def backtest_rejoin(
    laps: pl.DataFrame,
    priors: StopPriors,
    *,
    series: str | None,
    length_ms: float | None,
    replicates: int = 300,
    seed: int = 1,
    every: int = 1,
    periods: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per routine stop (or per ``every``-th): truth, forecast and naive projection.

    ``priors`` must not have been fitted on this race. Columns ``ghost_*`` and ``full_*`` hold
    ``exact``, ``within_one``, ``ahead``, ``behind`` (right or wrong), ``p_true`` (probability
    given to the true place) and ``p_said`` (to the most probable one); ``naive_*`` the first
    four; ``out_covered`` and ``pit_covered`` whether p10 to p90 held the truth; ``*_error_ms``
    that of the median; ``unflagged`` (with ``periods``) whether a neutralisation without a flag
    fell into the stop.
    """
    field = RejoinField.start(priors, series, length_ms)
    rows = crossings(laps)
    at = 0
    scored = []
    for stop in routine_stops(laps, periods)[::every]:
        while at < len(rows) and rows[at].elapsed_ms <= stop.at_ms:
            field.cross(rows[at])
            at += 1
        ghosts = [rival.car_number for rival in stop.rivals if not rival.away]
        forecast = rejoin(
            field, stop.car_number, stop.at_ms, replicates=replicates, seed=seed, ghosts=ghosts
        )
        scored.append(_scored(field, stop, forecast))
    return pl.DataFrame(scored)


def rejoin_summary(rows: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Shares in percent over stops, for all or by columns such as ``series`` or ``race``."""
    shares = [
        (100 * pl.col(name).cast(pl.Float64).mean()).round(1).alias(name)
        for name in rows.columns
        if name.endswith(("exact", "within_one", "ahead", "behind", "covered"))
    ]
    extra = [
        pl.len().alias("stops"),
        (pl.col("pit_error_ms").abs().median() / 1000).round(2).alias("pit_error_s"),
        (pl.col("naive_pit_error_ms").abs().median() / 1000).round(2).alias("naive_pit_error_s"),
        (-pl.col("ghost_p_true").clip(lower_bound=1e-3).log().mean()).round(3).alias("ghost_log_loss"),
        (-pl.col("full_p_true").clip(lower_bound=1e-3).log().mean()).round(3).alias("full_log_loss"),
    ]  # fmt: skip
    if not by:
        return rows.select(*shares, *extra)
    return rows.group_by(*by, maintain_order=True).agg(*shares, *extra)


def _hidden(periods: pl.DataFrame | None) -> list[tuple[float, float]]:
    """Start and end of whole-field periods that were inferred, not flagged."""
    if periods is None:
        return []
    inferred = periods.filter(pl.col("source") == "inferred", pl.col("kind") != "slow_zone")
    return [
        (start, end if end is not None else float("inf"))
        for start, end in inferred.select("start_ms", "end_ms").iter_rows()
    ]


def _drives(part: pl.DataFrame) -> Iterator[tuple[str, _Drive]]:
    for (car,), own in part.sort("car_number", "lap").group_by("car_number", maintain_order=True):
        yield (
            str(car),
            _Drive(
                own["elapsed_ms"].to_numpy().astype(float),
                own["in_pit"].fill_null(False).to_numpy(),
                own["pit_lane_ms"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
            ),
        )


def _in_laps(drive: _Drive) -> Iterator[int]:
    """Numbers of in-laps of single stops within the lengths of the protocol."""
    for index in range(1, len(drive.end_ms) - 1):
        single = drive.in_pit[index] and not drive.in_pit[index + 1]
        if (
            single
            and np.isnan(drive.pit_ms[index])
            and SHORTEST_MS <= drive.pit_ms[index + 1] <= LONGEST_MS
        ):
            yield index + 1


def _rivals(
    drives: dict[str, _Drive], car: str, wanted: int, at_ms: float, out_ms: float
) -> Iterator[RivalTruth]:
    for name, drive in drives.items():
        before = int(np.searchsorted(drive.end_ms, at_ms, "right"))
        by_then = int(np.searchsorted(drive.end_ms, out_ms, "right"))
        if name == car or before == 0:
            continue
        meanwhile = slice(before, by_then)
        stopped = (
            drive.in_pit[before - 1]
            or drive.in_pit[meanwhile].any()
            or np.isfinite(drive.pit_ms[meanwhile]).any()
        )
        away = stopped or drive.stands(by_then) or drive.in_pit[by_then]
        reached = drive.end_ms[wanted - 1] if len(drive.end_ms) >= wanted else np.inf
        yield RivalTruth(name, by_then, drive.end_ms[by_then - 1], float(reached), bool(away))


def _truth(rivals: Sequence[RivalTruth], out_ms: float) -> tuple[int, str, str]:
    """Place, the car ahead and the car behind at the end of the out-lap."""
    ahead = [rival for rival in rivals if rival.reached_ms < out_ms]
    behind = [rival for rival in rivals if rival.reached_ms >= out_ms]
    first = max(ahead, key=lambda rival: rival.reached_ms, default=None)
    next_one = min(behind, key=lambda rival: (-rival.laps, rival.last_ms), default=None)
    return (
        1 + len(ahead),
        first.car_number if first else "",
        next_one.car_number if next_one else "",
    )


def _naive(
    field: RejoinField, stop: RoutineStop, rivals: Sequence[RivalTruth], pit_ms: float
) -> tuple[int, str, str]:
    """Everybody at his recent pace; the stop costs the class's median time in the lane so far."""
    own = field.runners[stop.car_number]
    out_ms = stop.at_ms + 2 * own.pace_ms + pit_ms
    projected = []
    for rival in rivals:
        runner = field.runners[rival.car_number]
        needed = own.laps + 2 - runner.laps
        if needed <= 0:
            projected.append((runner.last_ms - 1e9, rival.car_number))
        else:
            first = max(runner.last_ms + runner.pace_ms, stop.at_ms)
            projected.append((first + (needed - 1) * runner.pace_ms, rival.car_number))
    ahead = [pair for pair in projected if pair[0] < out_ms]
    behind = [pair for pair in projected if pair[0] >= out_ms]
    return 1 + len(ahead), max(ahead, default=(0, ""))[1], min(behind, default=(0, ""))[1]


def _scored(field: RejoinField, stop: RoutineStop, forecast: RejoinForecast) -> dict[str, object]:
    past = field.stops[stop.car_class].columns()["pit_s"]
    naive_pit = 1000 * float(np.median(past))
    row: dict[str, object] = {
        "car_number": stop.car_number,
        "car_class": stop.car_class,
        "lap": stop.lap,
        "unflagged": stop.unflagged,
        "at_ms": round(stop.at_ms),
        "out_covered": forecast.out_ms[0] <= stop.out_ms <= forecast.out_ms[2],
        "pit_covered": forecast.pit_lane_ms[0] <= stop.pit_lane_ms <= forecast.pit_lane_ms[2],
        "out_error_ms": forecast.out_ms[1] - stop.out_ms,
        "pit_error_ms": forecast.pit_lane_ms[1] - stop.pit_lane_ms,
        "naive_pit_error_ms": naive_pit - stop.pit_lane_ms,
    }
    still = [rival for rival in stop.rivals if not rival.away]
    for name, rivals, ranks in (
        ("ghost", still, forecast.ghost),
        ("full", stop.rivals, forecast.full),
    ):
        true = _truth(rivals, stop.out_ms)
        row |= _marks(name, true, (ranks.position, ranks.ahead[0][0], ranks.behind[0][0]))
        row |= _marks(f"naive_{name}", true, _naive(field, stop, rivals, naive_pit))
        row[f"{name}_p_true"] = _probability(ranks, true[0])
        row[f"{name}_p_said"] = float(ranks.p_position.max())
    return row


def _marks(name: str, true: tuple[int, str, str], said: tuple[int, str, str]) -> dict[str, object]:
    return {
        f"{name}_exact": said[0] == true[0],
        f"{name}_within_one": abs(said[0] - true[0]) <= 1,
        f"{name}_ahead": said[1] == true[1],
        f"{name}_behind": said[2] == true[2],
    }


def _probability(ranks: RankForecast, place: int) -> float:
    return float(ranks.p_position[place - 1]) if place <= len(ranks.p_position) else 0.0
