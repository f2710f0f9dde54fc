"""Where one car's time went against another's: parts that add up to the gap at the flag.

Both cars are held against each other at the end of the last lap that both completed, which needs
no conversion even where one of them is laps down. ``debrief_laps`` puts every millisecond of both
under one heading; the difference heading by heading adds up to the gap on the road, and with the
time that the stewards added to the official one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dryline.analysis.claims.tyres import CALLS
from dryline.analysis.debrief.laps import PARTS, Circumstances, Span, common_laps, ledger
from dryline.analysis.debrief.pace import turn_paces, verdicts
from dryline.analysis.debrief.stops import periods_table, stops_table
from dryline.analysis.stops.pit_loss import transit_time
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BadOption, BrokenInvariant, NotKnown
from dryline.race.race import Race

PARTS_TABLE: dict[str, type[pl.DataType]] = {
    "part": pl.String,
    "key": pl.Int32,
    "own_ms": pl.Int64,
    "other_ms": pl.Int64,
    "ms": pl.Int64,  # positive: lost by the car that is debriefed
}
SERVED = (DecisionKind.DRIVE_THROUGH, DecisionKind.STOP_AND_GO)
Row = dict[str, Any]


@dataclass(frozen=True)
class Debrief:
    """One car against another; every frame is the ground of some sentence.

    ``gap`` is one row: the two cars, laps, ``road_ms`` at ``lap``, ``added_ms`` by the stewards,
    ``gap_ms`` their sum (positive: behind). ``parts`` (``PARTS_TABLE``) adds up to ``gap_ms``;
    ``ledger`` holds the laps behind it. ``turns`` are the car's stints with the pace of both,
    ``stops`` the stops of both, ``periods`` the neutralisations, ``wet`` the wet spells, ``tyres``
    the changes between slicks and wets of both (schema ``claims_tyres.CALLS``).
    """

    car_number: str
    against: str
    gap: pl.DataFrame
    parts: pl.DataFrame
    ledger: pl.DataFrame
    turns: pl.DataFrame
    stops: pl.DataFrame
    periods: pl.DataFrame
    wet: pl.DataFrame
    tyres: pl.DataFrame


def debrief(
    race: Race,
    car_number: str,
    against: str,
    official: pl.DataFrame,
    decisions: Sequence[Decision] = (),
    *,
    services: pl.DataFrame,
    wet: pl.DataFrame | None = None,
    tyres: pl.DataFrame | None = None,
) -> Debrief:
    """The account of one car against another of the same race.

    Args:
        race: whole, or cut: then the account runs to the last lap in common by then.
        car_number: the car debriefed.
        against: the car it is held against.
        official: the classification with the decisions applied.
        decisions: the stewards'; a drive-through or stop that was served is a penalty, not a stop.
        services: what each stop was, as ``services_smoothed`` gives it.
        wet: when the track was wet (``start_ms``, ``end_ms``), where it was estimated.
        tyres: the field's changes of tyre, where they were.

    Raises:
        UnknownCar: where a car is not in the race.
        BadOption: where both cars are the same.
        NotKnown: where they have no lap in common.
    """
    cars = (race.known_car(car_number), race.known_car(against))
    if cars[0] == cars[1]:
        raise BadOption(f"#{against} cannot be held against itself", remedy="Name another car.")
    judged = verdicts(race.laps)
    common = common_laps(judged, cars)
    if not common:
        raise NotKnown(f"#{car_number} and #{against} have no lap in common")
    spells = _spells(wet, race.end.ms)
    setting = _setting(race, decisions, spells)
    turns = turn_paces(judged)
    entries = ledger(judged, turns, cars, setting)
    gap = _gap(race, cars, official, common)
    parts = parts_of(entries, cars, gap.row(0, named=True))
    both = judged.filter(pl.col("car_number").is_in(cars))
    return Debrief(
        *cars,
        gap=gap,
        parts=parts,
        ledger=entries,
        turns=_turns(turns, entries, cars, common),
        stops=stops_table(race, both, cars, services, setting, common[-1]),
        periods=periods_table(race, both, cars, parts, setting),
        wet=pl.DataFrame(
            [(s.number, s.start_ms, s.end_ms) for s in setting.wet],
            schema={"number": pl.Int32, "start_ms": pl.Int64, "end_ms": pl.Int64},
            orient="row",
        ),
        tyres=pl.DataFrame(schema=CALLS)
        if tyres is None
        else tyres.filter(pl.col("car_number").is_in(cars)),
    )


def rival_of(official: pl.DataFrame, car_number: str) -> str:
    """Whom a car is held against: its class's winner, or for the winner the second.

    Raises:
        NotKnown: where it is alone in its class.
    """
    own = official.filter(pl.col("car_number") == car_number)["car_class"]
    rivals = official.filter(
        pl.col("car_class").is_in(own.to_list()) & (pl.col("car_number") != car_number)
    ).sort("position_in_class", nulls_last=True)
    if rivals.is_empty():
        raise NotKnown(f"#{car_number} is alone in its class", remedy="Name a car with --against.")
    return str(rivals["car_number"][0])


def parts_of(entries: pl.DataFrame, cars: tuple[str, str], gap: Mapping[str, Any]) -> pl.DataFrame:
    """The ledger by heading, own less other; the sum is the gap, or nothing is returned.

    Raises:
        BrokenInvariant: where the parts do not add up.
    """
    own = pl.when(pl.col("car_number") == cars[0]).then("ms").otherwise(0).sum()
    other = pl.when(pl.col("car_number") == cars[1]).then("ms").otherwise(0).sum()
    keyed = pl.col("part").is_in(["neutralised", "pace", "weather"])
    found = (
        entries.with_columns(key=pl.when(keyed).then("key"))
        .group_by("part", "key")
        .agg(own_ms=own, other_ms=other)
    )
    if gap["added_ms"]:
        added = pl.DataFrame(
            [("penalty_added", None, gap["own_added_ms"], gap["other_added_ms"])],
            schema=found.schema,
            orient="row",
        )
        found = pl.concat([found, added])
    order = {part: at for at, part in enumerate(PARTS)}
    found = (
        found.with_columns(
            ms=pl.col("own_ms") - pl.col("other_ms"),
            _order=pl.col("part").replace_strict(order, return_dtype=pl.Int32),
        )
        .sort("_order", "key", nulls_last=True)
        .select(*PARTS_TABLE)
        .cast(PARTS_TABLE)  # type: ignore[arg-type]
    )
    if found["ms"].sum() != gap["gap_ms"]:
        raise BrokenInvariant(
            f"the parts of #{cars[0]} add up to {found['ms'].sum()} ms, not {gap['gap_ms']}"
        )
    return found


def _setting(race: Race, decisions: Sequence[Decision], wet: tuple[Span, ...]) -> Circumstances:
    lane = race.stops["pit_lane_ms"].drop_nulls().to_numpy().astype(np.float64)
    periods = tuple(
        Span(number, kind, start, end)
        for number, (kind, start, end) in enumerate(
            race.neutralisations.select("kind", "start_ms", "end_ms").iter_rows(), start=1
        )
    )
    served = frozenset(
        (each.car_number, each.lap)
        for each in decisions
        if each.kind in SERVED and each.served and each.lap is not None
    )
    return Circumstances(round(transit_time(lane).ms), periods, wet, served)


def _spells(wet: pl.DataFrame | None, end_ms: int) -> tuple[Span, ...]:
    if wet is None:
        return ()
    spells = wet.sort("start_ms").select("start_ms", "end_ms").iter_rows()
    return tuple(
        Span(at, "wet", start, end_ms if end is None else end)
        for at, (start, end) in enumerate(spells, start=1)
    )


def _gap(
    race: Race, cars: tuple[str, str], official: pl.DataFrame, common: Sequence[int]
) -> pl.DataFrame:
    last = common[-1]
    at = [_crossed(race, car, last) for car in cars]
    placed = [official.filter(pl.col("car_number") == car).row(0, named=True) for car in cars]
    done = [int(race.laps.filter(pl.col("car_number") == car)["lap"].max()) for car in cars]  # type: ignore[arg-type]
    added = [int(row.get("penalty_ms") or 0) for row in placed]
    states = race.at(race.end)
    return pl.DataFrame(
        {
            "car_number": [cars[0]],
            "against": [cars[1]],
            "car_class": [placed[0]["car_class"]],
            "other_class": [placed[1]["car_class"]],
            "team": [placed[0]["team"]],
            "other_team": [placed[1]["team"]],
            "position_in_class": [placed[0]["position_in_class"]],
            "other_position_in_class": [placed[1]["position_in_class"]],
            "at_the_end": [states[cars[0]].status.value],
            "laps": [done[0]],
            "other_laps": [done[1]],
            "lap": [last],
            "at_ms": [max(at)],
            "road_ms": [at[0] - at[1]],
            "own_added_ms": [added[0]],
            "other_added_ms": [added[1]],
            "added_ms": [added[0] - added[1]],
            "gap_ms": [at[0] - at[1] + added[0] - added[1]],
            "laps_taken": [int(placed[0].get("penalty_laps") or 0)],
        },
        schema_overrides={"position_in_class": pl.Int32, "other_position_in_class": pl.Int32},
    )


def _crossed(race: Race, car: str, lap: int) -> int:
    own = race.laps.filter((pl.col("car_number") == car) & (pl.col("lap") == lap))
    return int(own["elapsed_ms"][0])


def _turns(
    turns: pl.DataFrame, entries: pl.DataFrame, cars: tuple[str, str], common: Sequence[int]
) -> pl.DataFrame:
    """The car's stints with the pace of both on the same laps, and what the laps came to."""
    pace = entries.filter(pl.col("part") == "pace")
    sums = [
        pace.filter(pl.col("car_number") == car).group_by("key").agg(ms=pl.col("ms").sum())
        for car in cars
    ]
    mine = turns.filter((pl.col("car_number") == cars[0]) & (pl.col("first_lap") <= common[-1]))
    found = (
        mine.join(sums[0].rename({"key": "turn", "ms": "own_ms"}), on="turn", how="inner")
        .join(sums[1].rename({"key": "turn", "ms": "other_ms"}), on="turn", how="inner")
        .with_columns(last_lap=pl.min_horizontal("last_lap", pl.lit(common[-1], pl.Int32)))
        .with_columns(
            laps=(pl.col("last_lap") - pl.col("first_lap") + 1).cast(pl.Int32),
            ms=pl.col("own_ms") - pl.col("other_ms"),
        )
        .sort("turn")
    )
    return found.with_columns(other_drivers=_drivers(turns, cars[1], found))


def _drivers(turns: pl.DataFrame, other: str, mine: pl.DataFrame) -> pl.Series:
    """Who drove the other car on the laps of each stint of the first: names joined by `` / ``."""
    theirs = list(
        turns.filter(pl.col("car_number") == other)
        .select("driver", "first_lap", "last_lap")
        .iter_rows()
    )
    names = [
        " / ".join(
            dict.fromkeys(who or "?" for who, start, end in theirs if start <= last and end >= one)
        )
        for one, last in mine.select("first_lap", "last_lap").iter_rows()
    ]
    return pl.Series(names, dtype=pl.String)
