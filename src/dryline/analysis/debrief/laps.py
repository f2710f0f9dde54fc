"""A debrief's ledger: every millisecond of two cars' laps under exactly one heading.

Each car's time on a lap is its own free pace in that stint, and what the lap took beyond it. The
pace is one entry; the rest goes under the heading of what happened on the lap. The entries of a
car add up to the instant at which it ended its last lap in common, so the difference of two cars'
entries adds up to the gap between them, whatever the paces are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

LEDGER: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "lap": pl.Int32,
    "part": pl.String,
    "key": pl.Int32,  # of a period, a wet spell, a stop; the own car's turn for a pace
    "ms": pl.Int64,
}
PARTS = (
    "start",
    "stops_number",
    "stops_standing",
    "stops_around",
    "neutralised",
    "traffic",
    "pace",
    "weather",
    "slow",
    "penalty_served",
    "penalty_added",
    "remainder",
)
"""The headings, in the order of a page."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Span:
    """A numbered stretch of race time; without an end it lasts."""

    number: int
    kind: str
    start_ms: int
    end_ms: int | None


@dataclass(frozen=True)
class Circumstances:
    """What both cars' laps are read with.

    ``transit_ms`` is the lane without standing; ``periods`` are the neutralisations; ``served``
    the stops (car, in-lap) that were penalties.
    """

    transit_ms: int
    periods: tuple[Span, ...] = ()
    wet: tuple[Span, ...] = ()
    served: frozenset[tuple[str, int]] = frozenset()


def ledger(
    laps: pl.DataFrame, turns: pl.DataFrame, cars: tuple[str, str], setting: Circumstances
) -> pl.DataFrame:
    """The entries of both cars, schema ``LEDGER``, on the laps that both completed.

    Args:
        laps: as ``debrief_pace.verdicts`` gives them.
        turns: as ``debrief_pace.turn_paces`` gives them.
        cars: the car debriefed, and the one it is held against.
        setting: see ``Circumstances``.
    """
    common = common_laps(laps, cars)
    paces = level_paces(laps, turns, cars)
    own_turn = dict(laps.filter(pl.col("car_number") == cars[0]).select("lap", "turn").iter_rows())
    rows: list[Row] = []
    for car in cars:
        mine = laps.filter((pl.col("car_number") == car) & pl.col("lap").is_in(common)).sort("lap")
        rows += _entries(car, mine, paces, own_turn, setting)
    return pl.DataFrame(rows, schema=LEDGER)


def level_paces(
    laps: pl.DataFrame, turns: pl.DataFrame, cars: tuple[str, str]
) -> dict[tuple[str, int], int]:
    """The pace of each car on each lap in common, by car and lap.

    Where one car's stint has no pace of its own, both are given the other's, so that no difference
    of pace is made of laps that show none.
    """
    known = laps.select("car_number", "lap", "turn").join(turns, on=["car_number", "turn"])
    one, two = (
        known.filter(pl.col("car_number") == car).select("lap", "pace_ms", "own") for car in cars
    )
    found: dict[tuple[str, int], int] = {}
    for lap, pace, own, other_pace, other_own in one.join(two, on="lap").iter_rows():
        found[cars[0], lap] = pace if own else other_pace
        found[cars[1], lap] = other_pace if other_own or not own else pace
    return found


def common_laps(laps: pl.DataFrame, cars: tuple[str, str]) -> list[int]:
    """The laps that both cars completed, in order."""
    done = [set(laps.filter(pl.col("car_number") == car)["lap"].to_list()) for car in cars]
    return sorted(done[0] & done[1])


def _entries(
    car: str,
    mine: pl.DataFrame,
    paces: Mapping[tuple[str, int], int],
    own_turn: Mapping[int, int],
    setting: Circumstances,
) -> Iterator[Row]:
    before, done = 0, 0
    held: Span | None = None
    for row in mine.iter_rows(named=True):
        time, steps = row["elapsed_ms"] - before, row["lap"] - done
        before, done = row["elapsed_ms"], row["lap"]
        pace = paces[car, row["lap"]] * steps
        touched = _longest(row, setting.periods)
        period, held = touched or held, touched
        yield _entry(car, row, "pace", own_turn[row["lap"]], pace)
        for part, key, ms in _beyond(car, row, time - pace, steps, period, setting):
            if ms:
                yield _entry(car, row, part, key, ms)


def _entry(car: str, row: Row, part: str, key: int | None, ms: int) -> Row:
    return {"car_number": car, "lap": row["lap"], "part": part, "key": key, "ms": ms}


def _beyond(
    car: str, row: Row, excess: int, steps: int, period: Span | None, setting: Circumstances
) -> Iterator[tuple[str, int | None, int]]:
    """What a lap took beyond the pace, under its headings; their sum is ``excess``."""
    stop = row["lap"] - 1
    lane = row["pit_lane_ms"] or 0
    if lane and period is not None and period.kind == "red":
        lane = 0  # parked: the neutralisation took that time, not the stop
    elif lane and (car, stop) in setting.served:
        yield "penalty_served", stop, lane
    elif lane:
        passed = min(lane, setting.transit_ms)
        yield "stops_number", stop, passed
        yield "stops_standing", stop, lane - passed
    yield (*_heading(row, steps, period, setting), excess - lane)


def _heading(
    row: Row, steps: int, period: Span | None, setting: Circumstances
) -> tuple[str, int | None]:
    if row["lap"] == 1:
        return "start", None
    if steps > 1:
        return "remainder", None
    if period is not None:
        return "neutralised", period.number
    spell = _longest(row, setting.wet, least=(row["elapsed_ms"] - row["start_ms"]) // 2)
    if spell is not None or row["refused"] == "wet":
        return "weather", None if spell is None else spell.number
    if row["in_lap"] or row["out_lap"]:
        return "stops_around", row["lap"] if row["in_lap"] else row["lap"] - 1
    if row["refused"] == "slow":
        return "slow", None
    return ("traffic", None) if row["in_traffic"] else ("remainder", None)


def _longest(row: Row, spans: tuple[Span, ...], least: int = 0) -> Span | None:
    """The span in which most of the lap lay, where that is more than ``least`` ms."""
    best, most = None, least
    for span in spans:
        end = row["elapsed_ms"] if span.end_ms is None else span.end_ms
        held = min(row["elapsed_ms"], end) - max(row["start_ms"], span.start_ms)
        if held > most:
            best, most = span, held
    return best
