"""What cost the cars that could have won their class the win: events of the debrief, with time.

Those who could have won are the second and third of a class and whoever led a tenth of its laps.
Each is held against the class's winner, and one event stands alone: a visit to the lane, a run of
slow laps, a neutralisation, a wet spell, or that the car did not go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from dryline.analysis.debrief.laps import Circumstances, Span, common_laps, ledger
from dryline.analysis.debrief.pace import turn_paces, verdicts
from dryline.analysis.stops.pit_loss import transit_time
from dryline.race.race import Race
from dryline.rules.penalties import drive_throughs

LED_SHARE, MOST_LEADERS = 0.1, 3
"""Who led so much of its class's laps could have won; so many are looked at, the most first."""
LEAST_MS, LEAST_MS_PER_HOUR, LEAST_SHARE = 5_000, 2_500, 0.5
"""An event is decisive from so much time on (a drive-through from the first alone), and from this
share of the gap at the flag, to which a car's drives through the lane count together: a day's race
has more small differences than a sprint. Of all but those, the fewest that make up the gap.
"""
COSTS: dict[str, type[pl.DataType]] = {
    "car_class": pl.String,
    "car_number": pl.String,
    "against": pl.String,  # the class's winner
    "kind": pl.String,  # penalty, stop, slow, neutralised, weather, out
    "lap": pl.Int32,
    "last_lap": pl.Int32,
    "at_ms": pl.Int64,
    "end_ms": pl.Int64,
    "ms": pl.Int64,  # lost by it to the winner; null where the car did not go on
    "lane_ms": pl.Int64,
    "usual_ms": pl.Int64,  # the class's median visit to the lane
    "under": pl.String,  # what kind of neutralisation
    "gap_ms": pl.Int64,  # to the winner at the end of the last lap in common
}
SEEN: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "car_class": pl.String,
    "lap": pl.Int32,
    "at_ms": pl.Int64,
    "end_ms": pl.Int64,
    "lane_ms": pl.Int64,
    "cost_ms": pl.Int64,  # both laps beyond the car's median; null if something else slowed one
    "driver": pl.String,
    "confidence": pl.Float64,
}
Row = dict[str, Any]


@dataclass(frozen=True)
class _Field:
    race: Race
    laps: pl.DataFrame
    turns: pl.DataFrame
    setting: Circumstances


def seen_penalties(race: Race) -> pl.DataFrame:
    """Drives through the lane under green as the timing shows them: schema ``SEEN``."""
    found = pl.DataFrame(
        [(each.car_number, each.lap, each.confidence) for each in drive_throughs(race.stops)],
        schema={"car_number": pl.String, "lap": pl.Int32, "confidence": pl.Float64},
        orient="row",
    )
    laps = race.laps.sort("car_number", "lap")
    usual = pl.col("lap_time_ms").filter(
        ~pl.col("in_lap") & ~pl.col("out_lap") & (pl.col("under") == "green")
    )
    two = laps.select(
        "car_number",
        "lap",
        end_ms=pl.col("elapsed_ms").shift(-1).over("car_number"),
        cost_ms=pl.when(
            pl.col("neutralised_ms") + pl.col("neutralised_ms").shift(-1).over("car_number") == 0,
            ~(pl.col("out_lap") | pl.col("in_lap").shift(-1).over("car_number")),
        ).then(
            pl.col("lap_time_ms")
            + pl.col("lap_time_ms").shift(-1).over("car_number")
            - 2 * usual.median().over("car_number").round()
        ),
    )
    stops = race.stops.filter((pl.col("under") == "green") & (pl.col("lap") > 1)).select(
        "car_number", "car_class", "lap", at_ms="in_ms", lane_ms="pit_lane_ms", driver="driver_in"
    )
    return (
        stops.join(found, on=["car_number", "lap"])
        .join(two, on=["car_number", "lap"], how="left")
        .sort("at_ms", "car_number")
        .select(*SEEN)
        .cast(SEEN)  # type: ignore[arg-type]
    )


def costs(race: Race, official: pl.DataFrame, wet: pl.DataFrame | None = None) -> pl.DataFrame:
    """The decisive events of a race by class, car and time: schema ``COSTS``.

    Args:
        race: whole.
        official: its classification with the decisions applied.
        wet: when the track was wet (``start_ms``, ``end_ms``), where it was estimated.
    """
    if race.laps.is_empty():
        return pl.DataFrame(schema=COSTS)
    laps = verdicts(race.laps)
    field = _Field(race, laps, turn_paces(laps), _setting(race, wet))
    rows = [
        row
        for name in race.classes
        for car, winner in _pairs(race, official, name)
        for row in _of(field, name, car, winner, official)
    ]
    return pl.DataFrame(rows, schema=COSTS).sort("car_class", "at_ms", "car_number")


def _setting(race: Race, wet: pl.DataFrame | None) -> Circumstances:
    lane = race.stops["pit_lane_ms"].drop_nulls().to_numpy().astype(float)
    periods = race.neutralisations.select("kind", "start_ms", "end_ms").iter_rows()
    spells = () if wet is None else wet.sort("start_ms").select("start_ms", "end_ms").iter_rows()
    through = seen_penalties(race).select("car_number", "lap").iter_rows()
    return Circumstances(
        round(transit_time(lane).ms),
        tuple(Span(at, *period) for at, period in enumerate(periods, start=1)),
        tuple(
            Span(at, "wet", start, race.end.ms if end is None else end)
            for at, (start, end) in enumerate(spells, start=1)
        ),
        frozenset(through),
    )


def _pairs(race: Race, official: pl.DataFrame, name: str) -> Iterator[tuple[str, str]]:
    """Who could have won a class, each with its winner."""
    placed = official.filter(pl.col("car_class") == name).sort("position_in_class", nulls_last=True)
    cars = placed.filter(pl.col("position_in_class").is_not_null())["car_number"].to_list()
    if not cars:
        return
    led = race.leaders(name)["car_number"].value_counts(sort=True)
    least = LED_SHARE * int(led["count"].sum())
    led = led.filter((pl.col("count") >= least) & (pl.col("car_number") != cars[0]))
    others = [*cars[1:3], *led.sort("count", "car_number", descending=True)["car_number"]]
    for car in list(dict.fromkeys(others))[: 2 + MOST_LEADERS]:
        yield car, cars[0]


def _of(field: _Field, name: str, car: str, winner: str, official: pl.DataFrame) -> Iterator[Row]:
    mine = field.laps.filter(pl.col("car_number") == car).sort("lap")
    common = common_laps(field.laps, (car, winner))
    if not common:
        return
    gap = _at(field, car, common[-1]) - _at(field, winner, common[-1])
    gap += _added(official, car) - _added(official, winner)
    base = {"car_class": name, "car_number": car, "against": winner, "gap_ms": gap}
    seen = field.race.at(field.race.end)[car].status.value in ("finished", "running")
    if not seen or (gap < 0 and mine["lap"].max() < _laps(field, winner)):  # type: ignore[operator]
        last = mine.row(-1, named=True)
        yield base | {"kind": "out", "lap": last["lap"], "at_ms": last["elapsed_ms"]}
        return
    entries = ledger(field.laps, field.turns, (car, winner), field.setting)
    rows = [
        *_visits(field, name, car, entries),
        *_slow(mine, entries, car),
        *_keyed(field, entries, car, "neutralised", field.setting.periods),
        *_keyed(field, entries, car, "weather", field.setting.wet),
    ]
    for row in decisive(rows, gap, field.race.end.ms / 3_600_000):
        yield base | row


def decisive(rows: Sequence[Row], gap_ms: int, hours: float) -> Iterator[Row]:
    """Every drive through the lane that counts, and of the rest the fewest that make up the gap."""
    through = [row for row in rows if row["kind"] == "penalty" and row["ms"] >= LEAST_MS]
    if sum(row["ms"] for row in through) >= LEAST_SHARE * gap_ms:
        yield from through
    least = max(LEAST_MS + LEAST_MS_PER_HOUR * hours, LEAST_SHARE * gap_ms)
    others = [row for row in rows if row["kind"] != "penalty" and row["ms"] >= least]
    told_ms = 0
    for row in sorted(others, key=lambda row: -row["ms"]):
        if told_ms and told_ms >= gap_ms:
            return
        told_ms += row["ms"]
        yield row


def _laps(field: _Field, car: str) -> int:
    return int(field.laps.filter(pl.col("car_number") == car)["lap"].max())  # type: ignore[arg-type]


def _at(field: _Field, car: str, lap: int) -> int:
    own = field.laps.filter((pl.col("car_number") == car) & (pl.col("lap") == lap))
    return int(own["elapsed_ms"][0])


def _added(official: pl.DataFrame, car: str) -> int:
    if "penalty_ms" not in official.columns:
        return 0
    return int(official.filter(pl.col("car_number") == car)["penalty_ms"][0] or 0)


def _visits(field: _Field, name: str, car: str, entries: pl.DataFrame) -> Iterator[Row]:
    """Drives through the lane whole, and other visits by what is beyond the class's median."""
    stops = field.race.stops.with_columns(
        took=pl.coalesce("pit_lane_ms", pl.col("lost_ms").cast(pl.Int64))
    ).filter((pl.col("under") != "red") & pl.col("took").is_not_null())
    through = [f"{one} {lap}" for one, lap in field.setting.served]
    ordinary = stops.filter(
        (pl.col("car_class") == name) & ~pl.format("{} {}", "car_number", "lap").is_in(through)
    )
    usual = int(ordinary["took"].median() or 0)  # type: ignore[arg-type]
    for stop in stops.filter(pl.col("car_number") == car).iter_rows(named=True):
        row = {
            "lap": stop["lap"], "at_ms": stop["in_ms"], "end_ms": stop["in_ms"] + stop["took"],
            "lane_ms": stop["pit_lane_ms"], "usual_ms": usual,
        }  # fmt: skip
        if (car, stop["lap"]) in field.setting.served:
            around = entries.filter(
                (pl.col("car_number") == car)
                & (pl.col("key") == stop["lap"])
                & pl.col("part").is_in(["penalty_served", "stops_around"])
            )
            yield row | {"kind": "penalty", "ms": int(around["ms"].sum())}
        else:
            yield row | {"kind": "stop", "ms": stop["took"] - usual}


def _slow(mine: pl.DataFrame, entries: pl.DataFrame, car: str) -> Iterator[Row]:
    """Slow laps outside the pits, those on end together."""
    own = entries.filter((pl.col("car_number") == car) & (pl.col("part") == "slow")).sort("lap")
    began = dict(mine.select("lap", "start_ms").iter_rows())
    ended = dict(mine.select("lap", "elapsed_ms").iter_rows())
    for run in _runs(own.select("lap", "ms").rows()):
        first, last = run[0][0], run[-1][0]
        yield {
            "kind": "slow", "lap": first, "last_lap": last, "at_ms": began[first],
            "end_ms": ended[last], "ms": sum(ms for _, ms in run),
        }  # fmt: skip


def _runs(rows: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    breaks = [at + 1 for at, (one, two) in enumerate(pairwise(rows)) if two[0] > one[0] + 1]
    for start, end in pairwise([0, *breaks, len(rows)]):
        if end > start:
            yield list(rows[start:end])


def _keyed(
    field: _Field, entries: pl.DataFrame, car: str, part: str, spans: Sequence[Span]
) -> Iterator[Row]:
    """What each neutralisation or wet spell moved between both."""
    sign = pl.when(pl.col("car_number") == car).then(1).otherwise(-1)
    moved = (
        entries.filter((pl.col("part") == part) & pl.col("key").is_not_null())
        .group_by("key")
        .agg(ms=(sign * pl.col("ms")).sum())
    )
    for key, ms in moved.sort("key").iter_rows():
        span = spans[key - 1]
        yield {
            "kind": part, "at_ms": span.start_ms, "ms": ms,
            "end_ms": field.race.end.ms if span.end_ms is None else span.end_ms,
            "under": span.kind if part == "neutralised" else None,
        }  # fmt: skip
