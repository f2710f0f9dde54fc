"""The page of a practice or a qualifying: claims from its answer, charts, arranged as a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import polars as pl

from dryline._version import __version__
from dryline.analysis.claims.of_session import session_claims
from dryline.analysis.claims.tables import Tables, slug
from dryline.answers.rows import flat_rows
from dryline.answers.timed_session import (
    SessionRun,
    TakenAwayLap,
    TimedCar,
    TimedClass,
    TimedSession,
)
from dryline.engine.questions import AskSession, ask
from dryline.engine.report_charts import drawn
from dryline.present.charts.of_race import Asked, race_chart
from dryline.present.charts.theme import LIGHT
from dryline.present.charts.view import View
from dryline.present.names import class_label
from dryline.present.report.arrange import Figure, Report
from dryline.present.report.prose import Sentence, say_all
from dryline.present.report.session_page import session_report
from dryline.present.report.words import count
from dryline.race.race import Race


class SessionPage(NamedTuple):
    """A page with its sentences, and the tables that they were read from."""

    report: Report
    sentences: tuple[Sentence, ...]
    tables: Tables


def page_of_session(race: Race, *, charts: bool, tell: Callable[[str], None]) -> SessionPage:
    """The page of a session that the best lap decides.

    Raises:
        NotKnown: where it is a race.
    """
    answer = ask(race.moment(), AskSession())
    tables = session_tables(race, answer)
    sentences = say_all(session_claims(tables))
    figures: Mapping[str, tuple[Figure, ...]] = {}
    if charts:
        tell("drawing the charts")
        figures = _figures(race, answer)
    page = session_report(
        answer, sentences, figures, kicker=_kicker(race, answer), version=__version__
    )
    return SessionPage(page, tuple(sentences), tables)


def session_tables(race: Race, answer: TimedSession) -> Tables:
    """The tables that the claims of ``session_claims`` ask."""
    periods = race.neutralisations.with_columns(
        ms=pl.col("end_ms").fill_null(race.end.ms) - pl.col("start_ms")
    )
    frames = {
        "session": pl.DataFrame(
            {
                "name": [answer.race],
                "kind": [answer.session_kind.value],
                "end_ms": [answer.at_ms],
                "simulated": [answer.simulated],
            }
        ),
        "classes": flat_rows(TimedClass, answer.classes),
        "cars": flat_rows(TimedCar, answer.cars),
        "runs": flat_rows(SessionRun, answer.runs),
        "taken_away": flat_rows(TakenAwayLap, answer.taken_away),
        "segments": pl.DataFrame(
            [(" / ".join(part.classes), part.from_ms, part.to_ms) for part in answer.segments],
            schema={"classes": pl.String, "from_ms": pl.Int64, "to_ms": pl.Int64},
            orient="row",
        ),
        "neutralised": periods.group_by("kind", maintain_order=True).agg(
            periods=pl.len().cast(pl.Int64),
            total_ms=pl.col("ms").sum(),
            inferred=(pl.col("source") == "inferred").any(),
        ),
    }
    return Tables(frames)


def _figures(race: Race, answer: TimedSession) -> dict[str, tuple[Figure, ...]]:
    """For every class with a time, how its best laps came down."""
    found: dict[str, tuple[Figure, ...]] = {}
    for each in answer.classes:
        if each.timed:
            name = each.car_class or ""
            view = View(theme=LIGHT, car_class=name)
            spec = race_chart(race, "best-laps", Asked(view=view))
            text = f"{class_label(name)}: the best lap of each car as the session went"
            found[name] = (drawn(f"best-laps-{slug(name)}", text, spec),)
    return found


def _kicker(race: Race, answer: TimedSession) -> str:
    info = race.info
    parts = [
        info.series and info.series.upper(),
        info.year and str(info.year),
        answer.session_kind.name_in_words,
        count(len(answer.cars), "car"),
        f"{race.laps.height:,} laps",
    ]
    return " · ".join(part for part in parts if part)
