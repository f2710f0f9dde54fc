"""Claims about the pit lane and the neutralisations: who lost how long there, who stopped when."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Ground, Row, Tables, listed, quoted, slug

MOST_PERIODS, FRONT = 6, 5


def pit_balances(tables: Tables) -> Iterator[Claim]:
    """In each class, the first two cars' stops and their time in the lane."""
    if "stops" not in tables:
        return
    for place, name in enumerate(classes(tables)):
        pair = tables.ask(
            "select car_number, position_in_class, class_gap_ms from classification where "
            f"car_class = {quoted(name)} and position_in_class <= 2 order by position_in_class"
        )
        if len(pair.rows) < 2:
            continue
        both = [_lane(tables, row["car_number"]) for row in pair.rows]
        if not all(ground.rows and ground.rows[0]["stops"] for ground in both):
            continue
        apart = [_apart(tables, row["car_number"]) for row in pair.rows]
        one, two = (
            {**ground.rows[0], "red": _under_red(left), "odd": len(left.rows) - _under_red(left)}
            for ground, left in zip(both, apart, strict=True)
        )
        gap_ms = pair.rows[1]["class_gap_ms"]
        yield Claim(
            f"{slug(name)}-pit-balance", "pit_balance", Section.PITS,
            {"first": one, "second": two, "gap_ms": gap_ms, "car_class": name},
            (*both, pair, *(ground for ground in apart if ground.rows)),
            importance=0.6 if place == 0 else 0.35, certainty=certainty(tables), car_class=name,
        )  # fmt: skip


def _lane(tables: Tables, car: str) -> Ground:
    return tables.ask(
        "select car_number, count(*) as stops, sum(pit_lane_ms) as pit_ms from stops where "
        f"car_number = {quoted(car)} and pit_lane_ms is not null and under <> 'red' and "
        "(exception is null or exception = 'from_out_lap') group by car_number"
    )


def _under_red(left: Ground) -> int:
    return sum(row["under"] == "red" for row in left.rows)


def _apart(tables: Tables, car: str) -> Ground:
    """Times in the lane that are no ordinary stop: under a red flag, over an hour, at the start."""
    return tables.ask(
        "select car_number, lap, pit_lane_ms, under, exception from stops where "
        f"car_number = {quoted(car)} and pit_lane_ms is not null and (under = 'red' or "
        "(exception is not null and exception <> 'from_out_lap')) order by lap"
    )


def neutralised(tables: Tables) -> Iterator[Claim]:
    """How often and how long, then the periods that split the cars at the front."""
    if "neutralisations" not in tables:
        if "neutralisations" in tables.frames and "laps" in tables:
            yield from _none(tables)
        return
    counts = tables.ask(
        "select kind, count(*) as periods, sum(end_ms - start_ms) as total_ms, "
        "sum(graver_ms) as graver_ms, min(confidence) as confidence "
        "from neutralisations group by kind order by total_ms desc"
    )
    yield Claim(
        "neutralisations", "neutralisations", Section.NEUTRALISATIONS,
        {"counts": [dict(row) for row in counts.rows]}, (counts,),
        importance=0.4, certainty=_known(tables, counts.rows),
    )  # fmt: skip
    told = [claim for number in _numbers(tables) if (claim := _split(tables, number))]
    told.sort(key=lambda claim: (-claim.importance, claim.at_ms))
    yield from sorted(told[:MOST_PERIODS], key=lambda claim: claim.at_ms or 0)


def _none(tables: Tables) -> Iterator[Claim]:
    ground = tables.ask("select count(*) as laps, count(flag) as flagged from laps")
    yield Claim(
        "neutralisations-none", "no_neutralisation", Section.NEUTRALISATIONS,
        dict(ground.rows[0]), (ground,), importance=0.3, certainty=certainty(tables),
    )  # fmt: skip


def _known(tables: Tables, rows: tuple[Row, ...]) -> Certainty:
    sure = all((row["confidence"] or 0) >= 1 for row in rows)
    return certainty(tables) if sure else Certainty.INFERRED


def _numbers(tables: Tables) -> list[int]:
    rows = tables.ask("select number from neutralisations where kind <> 'slow_zone'").rows
    return [row["number"] for row in rows]


def _split(tables: Tables, number: int) -> Claim | None:
    """Who of the first five stopped under one period; ``None`` where all or none did."""
    period = tables.ask(
        "select kind, start_ms, end_ms, source, confidence from neutralisations "
        f"where number = {number}"
    )
    row = period.rows[0]
    front = tables.ask(
        f"select car_number from classification where position <= {FRONT} order by position"
    )
    cars = [each["car_number"] for each in front.rows]
    end = "" if row["end_ms"] is None else f" and in_ms < {row['end_ms']}"
    stopped = tables.ask(
        f"select distinct car_number from stops where in_ms >= {row['start_ms']}{end} "
        f"and car_number in ({listed(cars)}) order by car_number"
    )
    inside = [each["car_number"] for each in stopped.rows]
    if row["kind"] == "red" or not inside or len(inside) == len(cars):
        return None
    return Claim(
        id=f"neutralisation-{number}",
        kind="stopped_under",
        section=Section.NEUTRALISATIONS,
        values={
            **row,
            "stopped": [car for car in cars if car in inside],
            "stayed": [car for car in cars if car not in inside],
        },
        grounds=(period, stopped, front),
        importance=0.5 if cars[0] in inside else 0.35,
        certainty=_known(tables, period.rows),
        at_ms=row["start_ms"],
    )
