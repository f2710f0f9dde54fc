"""Who may pass the safety car: cars queued ahead of their class leader, lapped by him.

The procedure is sourced at 80 % only and the team judges its own eligibility: a wrong one has
cost two laps. So the answer is a question to the team, never an instruction.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import msgspec
import polars as pl

from dryline.domain.fields import CarClass, CarNumber
from dryline.domain.instant import Instant
from dryline.domain.meaning import means
from dryline.rules.book import RuleBook

_LAPS_SEEN = 1.6  # a car not seen for so many of the queue's laps is not in it


class PassAround(msgspec.Struct, frozen=True, kw_only=True):
    """One car of the queue, from its head."""

    place_in_queue: Annotated[int, means("place on the road behind the safety car, from 1")]
    car_number: CarNumber
    car_class: CarClass
    laps_behind_class_leader: Annotated[int, means("whole laps behind the leader of its class")]
    eligible: Annotated[
        bool | None, means("whether it may ask to pass; null where the rule is unknown")
    ]
    confidence: Annotated[float, means("how sure the procedure is, in [0, 1]")]
    why: Annotated[str, means("the same in words")]


def pass_around(
    book: RuleBook, crossings: pl.DataFrame, instant: Instant, *, event: str | None = None
) -> list[PassAround]:
    """The queue behind the safety car at ``instant`` and who may be waved past.

    ``crossings`` has the schema ``CROSSINGS``. The queue's head
    is behind the widest gap between crossings of its last lap.
    """
    rule = book.neutralisation("safety_car", event)
    known = rule is not None and rule.wave_by is not None
    sure = rule.wave_by.confidence if rule is not None and rule.wave_by is not None else 0.0
    last = _last_crossings(crossings, instant.ms)
    queue = _queue(last, instant.ms)
    through = {number: lap for number, _, lap in queue}
    leaders = {
        car_class: (number, through.get(number, lap))
        for car_class, (number, lap) in _class_leaders(last).items()
    }
    ahead_of_leader = dict.fromkeys(leaders, True)
    found = []
    for place, (number, car_class, lap) in enumerate(queue, 1):
        leader, laps = leaders[car_class]
        if number == leader:
            ahead_of_leader[car_class] = False
        may = number != leader and ahead_of_leader[car_class] and laps > lap
        found.append(
            PassAround(
                place_in_queue=place,
                car_number=number,
                car_class=car_class,
                laps_behind_class_leader=laps - lap,
                eligible=may if known else None,
                confidence=sure,
                why=_why(may, known, number == leader, leader, laps - lap),
            )
        )
    return found


def _why(may: bool, known: bool, leads: bool, leader: str, laps: int) -> str:
    if not known:
        return "the pass-around is not known for this season"
    if may:
        down = f"{laps} lap{'' if laps == 1 else 's'} down"
        return f"eligible? queued ahead of #{leader}, {down}: check the event's rules"
    if leads:
        return "leads its class"
    return "on its class leader's lap" if not laps else f"queued behind #{leader}"


def _last_crossings(crossings: pl.DataFrame, at_ms: int) -> pl.DataFrame:
    return (
        crossings.filter(pl.col("elapsed_ms") <= at_ms)
        .sort("elapsed_ms")
        .unique("car_number", keep="last", maintain_order=True)
        .select("car_number", "car_class", "lap", "elapsed_ms", "lap_time_ms")
    )


def _class_leaders(last: pl.DataFrame) -> dict[str, tuple[str, int]]:
    best = last.sort("lap", "elapsed_ms", descending=[True, False]).unique(
        "car_class", keep="first", maintain_order=True
    )
    rows = best.select("car_class", "car_number", "lap").iter_rows()
    return {car_class: (number, lap) for car_class, number, lap in rows}


def _queue(last: pl.DataFrame, at_ms: int) -> list[tuple[str, str, int]]:
    """The cars in order on the road, from behind the widest gap at the line, with their laps.

    Those at the tail that the line still waits for are counted as if they were through, or a
    queue that is just crossing it would be a lap behind its own head.
    """
    lap_ms = last["lap_time_ms"].median()
    if not isinstance(lap_ms, float):
        return []
    seen = last.filter(pl.col("elapsed_ms") >= at_ms - _LAPS_SEEN * lap_ms).sort("elapsed_ms")
    rows = seen.select("car_number", "car_class", "lap", "elapsed_ms").rows()
    gaps = [after[3] - before[3] for before, after in pairwise(rows)]
    around = lap_ms - (rows[-1][3] - rows[0][3]) if rows else 0.0
    widest = max([around, *gaps])
    head = 0 if widest == around else gaps.index(widest) + 1
    crossed, waiting = rows[head:], rows[:head]
    return [
        *((number, car_class, lap) for number, car_class, lap, _ in crossed),
        *((number, car_class, lap + 1) for number, car_class, lap, _ in waiting),
    ]
