"""A debrief: one car against another, the calls against the advice then, charts, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from dryline._version import __version__
from dryline.analysis.claims.tyres import tyre_calls
from dryline.analysis.debrief.account import Debrief, debrief, rival_of
from dryline.analysis.debrief.claims import CALLS, debrief_claims, debrief_tables
from dryline.answers.call import Call
from dryline.answers.debrief import CallThen, Debriefing, ToldSentence
from dryline.answers.rows import table_of
from dryline.domain.errors import DrylineError, NotKnown
from dryline.domain.instant import Instant
from dryline.engine.advising import advice_for
from dryline.engine.classify import classify
from dryline.engine.measured import services, track_told
from dryline.engine.questions import Aid, AskAdvice, AskDebrief
from dryline.engine.report_charts import drawn
from dryline.engine.reporting import Told
from dryline.present.charts.account import account, build_up
from dryline.present.charts.estimates import track_tables
from dryline.present.charts.gantt import stint_gantt
from dryline.present.charts.of_race import Asked as AskedChart
from dryline.present.charts.of_race import race_chart
from dryline.present.charts.theme import LIGHT
from dryline.present.charts.view import View
from dryline.present.report.arrange import Figure
from dryline.present.report.debrief_page import debrief_report
from dryline.present.report.debrief_prose import PARTS
from dryline.present.report.prose import Sentence, say_all
from dryline.race.moment import Moment
from dryline.race.race import Race

NEAR_LAPS = 1
"""A stop so many laps from the one advised agrees with the advice."""


@dataclass(frozen=True)
class Debriefed:
    """The answer, the account that it is made of, and the report that tells of it."""

    answer: Debriefing
    found: Debrief
    told: Told


def answer_debrief(moment: Moment, question: AskDebrief, aid: Aid) -> Debriefing:
    """Where a car's time went against another's, as far as both came by then."""
    return debrief_of(moment, question, aid, charts=False).answer


def debrief_of(
    moment: Moment, question: AskDebrief, aid: Aid | None = None, *, charts: bool = True
) -> Debriefed:
    """The answer with its report; ``charts``: with the pictures drawn.

    Raises:
        UnknownCar: where a car is not in the race.
        NotKnown: where there is nothing to compare.
        BadDecision: where a decision cannot be applied.
    """
    race, decisions = moment.race, question.decisions
    if race.laps.is_empty():
        raise NotKnown(f"{race.info.name} has no lap to tell of", remedy="Ask for a later instant.")
    car = race.known_car(question.car_number)
    official, _ = classify(race.moment(), decisions)
    extra = track_tables(race, track_told(race)) if question.track else {}
    found = debrief(
        race,
        car,
        rival_of(official, car) if question.against is None else race.known_car(question.against),
        official,
        decisions,
        services=services(race),
        wet=extra.get("wet"),
        tyres=tyre_calls(race.stints, extra["stint_tyres"], extra["wet"]) if extra else None,
    )
    asked = _calls(race, found, question, aid or Aid()) if question.calls else None
    frame = None if asked is None else table_of(asked, CALLS)
    tables = debrief_tables(race.info.name, found, frame)
    sentences = say_all(debrief_claims(tables))
    answer = Debriefing.of(
        found, asked, _told(sentences), race=race.info.name, simulated=race.info.simulated
    )
    report = debrief_report(
        answer,
        sentences,
        _figures(race, found, answer, extra.get("stint_tyres")) if charts else {},
        kicker=_kicker(race, answer),
        version=__version__,
    )
    return Debriefed(answer, found, Told(report, tuple(sentences), tables))


def _told(sentences: Sequence[Sentence]) -> tuple[ToldSentence, ...]:
    return tuple(
        ToldSentence(
            id=each.claim.id,
            certainty=each.claim.certainty,
            text=each.text,
            section=each.claim.section,
        )
        for each in sentences
    )


def _calls(race: Race, found: Debrief, question: AskDebrief, aid: Aid) -> tuple[CallThen, ...]:
    """The advice at the start of the in-lap of every stop that the car chose."""
    own = found.stops.filter(
        (pl.col("car_number") == found.car_number)
        & (pl.col("under") != "red")
        & (pl.col("exception").is_null() | (pl.col("exception") == "from_out_lap"))
    )
    told = []
    for done, (number, lap) in enumerate(own.select("number", "lap").iter_rows(), start=1):
        asked = CallThen(number=number, lap=lap, at_ms=0)
        told.append(_call(race, found.car_number, asked, question))
        aid.tell(done / own.height)
    return tuple(told)


def _call(race: Race, car: str, asked: CallThen, question: AskDebrief) -> CallThen:
    """One advice, against what was done: the candidate that boxes on the stop's own lap."""
    lap = asked.lap
    before = race.laps.filter((pl.col("car_number") == car) & (pl.col("lap") == lap - 1))
    if before.is_empty():
        return replace(asked, refused="the race had no lap of it yet")
    at = Instant(int(before["elapsed_ms"][0]))
    asked = replace(asked, at_ms=at.ms)
    try:
        call = AskAdvice(car_number=car, replicates=question.replicates, seed=question.seed)
        advice = advice_for(race.moment(at), call)
    except DrylineError as error:
        return replace(asked, refused=str(error).splitlines()[0].rstrip("."))
    ranking, best = advice.ranking, Call.of(advice)
    aimed = best.lap if best.lap is not None else best.until_lap
    asked = replace(
        asked,
        action=best.action,
        advised_lap=best.lap,
        until_lap=best.until_lap,
        tyres=best.tyres.kind if best.tyres else None,
        agrees=aimed is not None and abs(aimed - lap) <= NEAR_LAPS,
    )
    same = [each for each in ranking.order if each.action == "box" and each.lap == lap]
    if not same:
        return asked
    gap, gap_s = ranking.margin(ranking.call, same[0]), ranking.margin_s(ranking.call, same[0])
    return replace(
        asked,
        behind=None if gap is None else gap.value,
        se=None if gap is None else gap.se,
        unit=ranking.utility.unit,
        behind_s=None if gap_s is None else gap_s.value,
    )


def _kicker(race: Race, answer: Debriefing) -> str:
    info = race.info
    parts = [info.series and info.series.upper(), info.year and str(info.year), answer.car_class]
    return " · ".join(str(part) for part in ("Debrief", *parts) if part)


def _figures(
    race: Race, found: Debrief, answer: Debriefing, tyres: pl.DataFrame | None
) -> dict[str, tuple[Figure, ...]]:
    cars = (found.car_number, found.against)
    view = View(theme=LIGHT, cars=(cars[1], cars[0]))
    parts = pl.DataFrame(
        [(PARTS[row.part], row.ms) for row in answer.by_heading()],
        schema={"heading": pl.String, "ms": pl.Int64},
        orient="row",
    )
    sign = pl.when(pl.col("car_number") == cars[0]).then(1).otherwise(-1)
    grown = found.ledger.group_by("lap", "part").agg(ms=(pl.col("ms") * sign).sum())
    names = f"#{cars[0]} and #{cars[1]}"
    stints = stint_gantt(
        race.stints.filter(pl.col("car_number").is_in(cars)),
        race.neutralisations,
        stops=race.stops.filter(pl.col("car_number").is_in(cars)),
        tyres=tyres,
        view=View(theme=LIGHT),
    )
    return {
        "account": (
            drawn("account", f"{names}: seconds under each heading",
                  account(parts, cars, view=view)),
            drawn("build-up", f"{names}: the account lap by lap",
                  build_up(grown, cars, PARTS, view=view)),
        ),
        "luck": (
            drawn("debrief-gap", f"Gap to #{cars[1]}; below the line is behind",
                  race_chart(race, "gap", AskedChart(view=view))),
        ),
        "stops": (drawn("debrief-stints", f"{names}: who drove when", stints),),
        "pace": (
            drawn("debrief-laps", f"{names}: every lap",
                  race_chart(race, "laps", AskedChart(view=view))),
        ),
    }  # fmt: skip
