"""What a race pays that was stopped before its time."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import NotKnown
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.scoring import half_points_share


def share_paid(moment: Moment, book: RuleBook, scheduled_ms: int) -> tuple[float, str]:
    """The share of the points that it pays, and a note where it is over before its time.

    All of them while it goes on, where it went its distance, and where the season's rule is not
    known. It ran until the flag, or until the stoppage after which the flag was shown.
    """
    race, finish = moment.race, moment.race.finish
    if finish is None or finish > moment.at or finish.ms >= scheduled_ms:
        return 1.0, ""
    leader = race.at(finish).cars[0]
    length = race.info.length
    if length is not None and length.laps is not None and leader.laps >= length.laps:
        return 1.0, ""
    own = race.laps.filter(pl.col("car_number") == leader.car_number)
    run_ms = _run_ms(moment, finish.ms)
    told = f"over after {format_clock(run_ms)} of {format_clock(scheduled_ms)}"
    try:
        share = half_points_share(book, run_ms, scheduled_ms, int((own["under"] == "green").sum()))
    except NotKnown:
        return 1.0, f"{told}; what that pays is not known for this season: all points are shown"
    words = {0.0: "no points", 0.5: "half points", 1.0: "all points"}[share]
    return share, f"{told}: {words}"


def _run_ms(moment: Moment, finish_ms: int) -> int:
    """Until the flag, or the begin of the stoppage that it ended."""
    red = moment.race.neutralisations.filter(
        (pl.col("kind") == "red")
        & (pl.col("start_ms") < finish_ms)
        & (pl.col("end_ms").is_null() | (pl.col("end_ms") >= finish_ms))
    )
    began = red["start_ms"].min()
    return int(began) if isinstance(began, int) else finish_ms
