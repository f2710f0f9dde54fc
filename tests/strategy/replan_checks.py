"""Is a re-planned race legal? Asked of the drive-time ledger over the laps as they would be."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from dryline.answers.replan import Replanned
from dryline.domain.instant import Instant
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.drive_alarms import BREACHES
from dryline.rules.drive_time import Ledger, drive_time_ledger


def laps_as_planned(moment: Moment, answer: Replanned) -> pl.DataFrame:
    """The car's laps so far and those of the plan, each stint's evenly; a stop is its out-lap's."""
    columns = ("car_number", "car_class", "driver", "lap_time_ms", "elapsed_ms", "pit_lane_ms")
    done = moment.race.laps.filter(pl.col("car_number") == answer.car_number).select(columns)
    car_class = done["car_class"][0]
    now = int(done["elapsed_ms"].max())  # type: ignore[arg-type]
    rows = []
    for stint in answer.stints:
        lap_ms = (stint.end_ms - stint.start_ms) / stint.laps
        for k in range(stint.laps):
            end = round(stint.start_ms + (k + 1) * lap_ms)
            row = (answer.car_number, car_class, stint.driver, end - now, end)
            rows.append((*row, 0 if k else max(0, stint.start_ms - now)))
            now = end
    plan = pl.DataFrame(rows, schema=done.schema, orient="row")
    return pl.concat([done, plan])


def ledger_at_the_flag(moment: Moment, answer: Replanned, book: RuleBook) -> Ledger:
    """The account of the car's crew as it would be had the plan been driven."""
    return drive_time_ledger(
        book,
        laps_as_planned(moment, answer),
        {answer.car_number: moment.race.entries[answer.car_number]},
        instant=Instant(answer.finish_ms),
        length_ms=moment.length_ms,
    )


def broken_rules(moment: Moment, answer: Replanned, book: RuleBook) -> list[str]:
    """What of the rule book the driven plan would break, in the ledger's words."""
    found = ledger_at_the_flag(moment, answer, book)
    return [alarm.words for alarm in found.alarms if alarm.kind in BREACHES]


def check_the_plan_holds_together(moment: Moment, answer: Replanned) -> None:
    """Laps follow one another from now to the flag, on the clock, on fuel that lasts."""
    mine = moment.race.laps.filter(pl.col("car_number") == answer.car_number)
    assert answer.stints[0].first_lap == mine.height + 1
    assert answer.stints[-1].last_lap == answer.laps
    assert answer.finish_ms >= answer.length_ms
    assert answer.stints[-1].end_ms == answer.finish_ms
    for before, after in pairwise(answer.stints):
        assert after.first_lap == before.last_lap + 1
        assert after.start_ms >= before.end_ms
    assert [stop.lap for stop in answer.stops] == [each.last_lap for each in answer.stints[:-1]]
    for stop in answer.stops:
        assert stop.first_lap <= stop.lap <= stop.latest_lap
    driven = sum(row.planned_ms for row in answer.drivers)
    assert abs(driven - sum(s.end_ms - s.start_ms for s in answer.stints)) <= len(answer.stints)
