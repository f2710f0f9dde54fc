"""The queue behind the safety car at a moment."""

from __future__ import annotations

import polars as pl

from dryline.answers.queue import SafetyCarQueue
from dryline.engine.championship import book_of
from dryline.engine.questions import Aid, AskQueue
from dryline.race.moment import Moment
from dryline.rules.pass_around import pass_around


def answer_queue(moment: Moment, question: AskQueue, _: Aid) -> SafetyCarQueue:
    """Who queues behind the safety car, or would if it came now, and who may be waved past.

    Raises:
        NotKnown: where no rule book covers the race's season.
    """
    race, at = moment.race, moment.at
    book = book_of(race, question.rules)
    return SafetyCarQueue(
        race=race.info.name,
        simulated=race.info.simulated,
        at_ms=at.ms,
        since_ms=_out_since_ms(moment),
        rows=tuple(pass_around(book, race.crossings, at, event=race.info.event)),
    )


def _out_since_ms(moment: Moment) -> int | None:
    running = moment.race.neutralisations.filter(
        (pl.col("kind") == "safety_car")
        & (pl.col("start_ms") <= moment.at_ms)
        & (pl.col("end_ms").is_null() | (pl.col("end_ms") > moment.at_ms))
    )
    return None if running.is_empty() else int(running["start_ms"][0])
