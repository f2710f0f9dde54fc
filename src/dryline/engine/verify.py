"""Does the rebuilt order agree with the official one? Car by car, and why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from dryline.answers.verification import Misplaced, Verification
from dryline.domain.clock_text import format_ms
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import UnreadableFile
from dryline.engine.classify import classify
from dryline.race.race import Race
from dryline.rules.not_classified import NOT_CLASSIFIED

Row = dict[str, object]
UNEXPLAINED = "unexplained"
NOT_RETIRED = "the official list does not call it retired, which no timing tells"
PENALTY_MS = 1000
"""A results file rounds nothing: a total time this much over the last crossing was added."""


def verify(race: Race, results: pl.DataFrame, decisions: Sequence[Decision] = ()) -> Verification:
    """Compare the rebuilt overall positions of all starters with an official result.

    The results are only compared, never used in the rebuilding. A difference is explained where
    its cause is visible: a total time above the car's last crossing is a time penalty, and a car
    that only moved because a penalised one fell behind it says so. Anything else is
    ``unexplained``.

    Raises:
        UnreadableFile: where the results are of another race.
    """
    order, _ = classify(replace(race, stated=None).moment(), decisions)
    joined = order.join(
        results.filter(pl.col("position").is_not_null()).select(
            "car_number",
            "total_time_ms",
            official="position",
            official_laps="laps",
            official_best_ms="fastest_lap_ms",
        ),
        on="car_number",
        how="left",
    )
    _check_same_race(race, joined)
    rows = joined.to_dicts()
    reason_of = _reasons_of_race(joined, rows) if race.is_race else _reasons_of_best_laps(rows)
    shared = {found.car_number for found in race.findings if found.kind == "number_shared"}
    differences = tuple(
        Misplaced(
            car_number=row["car_number"],
            rebuilt=row["position"],
            official=row["official"],
            reason="two cars share its number; the official result does not part them"
            if row["car_number"].rstrip("bcdefgh") in shared
            else reason,
        )
        for row in rows
        if (reason := reason_of(row)) is not None
    )
    return Verification(
        race=race.info.name,
        session_kind=race.info.session_kind,
        starters=len(rows),
        agree=len(rows) - len(differences),
        differences=differences,
        laps_disagree=tuple(
            row["car_number"] for row in rows if row["official_laps"] not in (None, row["laps"])
        ),
    )


def decisions_stated(race: Race, results: pl.DataFrame) -> list[Decision]:
    """What the stewards decided, as far as an official result states it beside the timing.

    Exclusions, time over the car's last crossing, and laps fewer than it drove.
    """
    decided: list[Decision] = []
    official = {row["car_number"]: row for row in results.iter_rows(named=True)}
    for car in race.at(race.end).cars:
        row = official.get(car.car_number)
        if row is None or car.last_seen is None:
            continue
        number, added = car.car_number, (row["total_time_ms"] or 0) - car.last_seen.ms
        if row["status"] == "Excluded":
            decided.append(Decision(kind=DecisionKind.DISQUALIFIED, car_number=number))
        if added >= PENALTY_MS:
            penalty = DecisionKind.TIME_PENALTY
            decided.append(Decision(kind=penalty, car_number=number, seconds=added / 1000))
        if row["laps"] is not None and row["laps"] < car.laps:
            taken = car.laps - row["laps"]
            decided.append(Decision(kind=DecisionKind.LAPS, car_number=number, laps=taken))
    return decided


def _check_same_race(race: Race, joined: pl.DataFrame) -> None:
    agree = (joined["official_laps"] == joined["laps"]).sum()
    if agree * 2 < len(joined):
        raise UnreadableFile(
            f"these results are of another race, or of more of it than the lap file holds: only "
            f"{agree} of {len(joined)} cars of {race.info.name} are in them with their laps",
            remedy="Give the results of the same session.",
        )


def _reasons_of_race(joined: pl.DataFrame, rows: list[Row]) -> Callable[[Row], str | None]:
    penalised = _added_time(joined)
    expected = _order_with(rows, penalised)
    taken = {
        str(row["car_number"]): int(str(row["laps"])) - int(str(row["official_laps"]))
        for row in rows
        if row["official_laps"] is not None and row["official_laps"] != row["laps"]
    }

    def reason(row: Row) -> str | None:
        laps = taken.get(str(row["car_number"]))
        if laps is not None and row["official"] not in (None, row["position"]):
            more = "fewer" if laps > 0 else "more"
            return f"{abs(laps)} laps {more} in the official result than in the timing"
        found = _reason(row, penalised, expected)
        if found == UNEXPLAINED and row["status"] == NOT_CLASSIFIED:
            return NOT_RETIRED if _gained(row) else "moved by a car that is not called retired"
        if found == UNEXPLAINED and taken:
            return "moved by another car's laps in the official result"
        return found

    return reason


def _gained(row: Row) -> bool:
    return int(str(row["official"])) < int(str(row["position"]))


def _reasons_of_best_laps(rows: list[Row]) -> Callable[[Row], str | None]:
    """Places differ by a best lap that is another officially, and move those behind it."""
    other = [row for row in rows if row["official_best_ms"] != row["best_lap_ms"]]

    def reason(row: Row) -> str | None:
        if row["official"] == row["position"]:
            return None
        if row["official"] is None:
            return "not in the official result"
        if row["best_lap_ms"] is None and row["official_best_ms"] is None:
            return "no lap of it counted; cars that drove none stand between"
        if row in other:
            official, seen = row["official_best_ms"], row["best_lap_ms"]
            said = "none" if official is None else format_ms(int(str(official)))
            ours = "none" if seen is None else format_ms(int(str(seen)))
            return f"its official best lap is {said}, in the timing it is {ours}"
        return "moved by another car's best lap" if other else UNEXPLAINED

    return reason


def _added_time(joined: pl.DataFrame) -> dict[str, int]:
    """Milliseconds that the official total time has above the last crossing, by car."""
    added = joined.select(
        "car_number", added=pl.col("total_time_ms") - pl.col("elapsed_ms")
    ).filter(pl.col("added") >= PENALTY_MS)
    return dict(added.iter_rows())


def _order_with(rows: list[Row], added: dict[str, int]) -> dict[str, int]:
    """Places if the visible penalties alone are added to the order on the road."""

    def key(row: Row) -> tuple[bool, int, int, int]:
        extra = added.get(str(row["car_number"]), 0)
        return (
            row["status"] in (NOT_CLASSIFIED, "disqualified"),
            -int(str(row["laps"])),
            int(str(row["elapsed_ms"])) + extra,
            int(str(row["position"])),
        )

    ordered = sorted(rows, key=key)
    return {str(row["car_number"]): place for place, row in enumerate(ordered, start=1)}


def _reason(row: Row, penalised: dict[str, int], expected: dict[str, int]) -> str | None:
    """Why this car's places differ; ``None`` where they agree."""
    number = str(row["car_number"])
    if row["official"] == row["position"]:
        return None
    if row["official"] is None:
        return "not in the official result"
    if expected[number] != row["official"]:
        return UNEXPLAINED
    if number in penalised:
        return f"time penalty: {format_ms(penalised[number])} added to the total time"
    return "moved by a time penalty of another car"
