"""The report of a race: claims gathered, charts drawn, files written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dryline._version import __version__
from dryline.analysis.claims.forecast import forecasts as forecast_claims
from dryline.analysis.claims.forecast import weighed
from dryline.analysis.claims.of_event import event_claims, event_tables
from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.claims.result import classes
from dryline.analysis.claims.tables import Tables
from dryline.analysis.claims.tyres import tyre_calls
from dryline.analysis.debrief.costs import costs, seen_penalties
from dryline.domain.decision import Decision
from dryline.domain.errors import BadDecision, DrylineError, InputError, NotKnown, writing
from dryline.engine.championship import paid_tables
from dryline.engine.classify import classify
from dryline.engine.embedded_race import replayed
from dryline.engine.measured import track_told
from dryline.engine.opening import official_results
from dryline.engine.report_charts import event_figures, race_figures
from dryline.engine.report_worm import win_tables
from dryline.engine.session_reporting import page_of_session
from dryline.present.charts.estimates import track_tables
from dryline.present.charts.render import page, script_bundle
from dryline.present.report import tables as shown
from dryline.present.report.arrange import (
    Figure,
    Report,
    ReportTable,
    charts_that_fit,
    headline,
    sections,
    story,
)
from dryline.present.report.arrange_race import (
    mentioned_once,
    most_words,
    race_story,
    within_words,
)
from dryline.present.report.page import html, markdown
from dryline.present.report.prose import Sentence, say_all
from dryline.present.report.words import count
from dryline.race.race import Race
from dryline.rules.embedded import EmbeddedEvent, embedded_event
from dryline.strategy.replayed import Replayed

REPLICATES = 1000
MOST_BYTES = 2_900_000
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """A report, its sentences with their claims, and what it was read from."""

    report: Report
    sentences: tuple[Sentence, ...]
    tables: Tables


def report_of_race(
    race: Race,
    decisions: Sequence[Decision] = (),
    *,
    results: pl.DataFrame | None = None,
    whole: bool = True,
    track: bool = True,
    forecasts: bool = True,
    charts: bool = True,
    tell: Tell = print,
) -> Told:
    """The report of a race from its timing; of any other session a page in its own words.

    Args:
        race: the whole race, or the race as known at an instant.
        decisions: the stewards'.
        results: the official result (schema ``RESULTS``), only compared and never used.
        whole: nobody has cut the race; then its last crossing is its end, and the report says so.
        track: estimate the track from the laps (seconds; more for a day's race).
        forecasts: forecast the race along its way (a few seconds), where its length is known.
        charts: draw them.
        tell: told what is being done.

    Raises:
        NotKnown: where the race holds no lap, or is not over and not whole.
        BadDecision: where a decision cannot be applied.
    """
    _tellable(race, whole=whole or not race.is_race)
    if not race.is_race:
        _refuse_decisions(race, decisions)
        return Told(*page_of_session(race, charts=charts, tell=tell))
    official, _ = classify(race.moment(), decisions)
    extra = _read_track(race, tell) if track else {}
    read: dict[str, pl.DataFrame] = {
        name: extra[name] for name in ("wet", "tyre_changes", "reference") if name in extra
    }
    if results is not None:
        read["official"] = results.filter(pl.col("position").is_not_null()).select(
            "car_number", official="position"
        )
    read |= _paid(race, decisions)
    read |= {"costs": costs(race, official, read.get("wet")), "seen": seen_penalties(race)}
    tables = race_tables(race, official, decisions, read)
    claims = list(race_claims(tables))
    if forecasts:
        tell("forecasting it from what was known then")
        tables = Tables({**tables.frames, **win_tables(race, claims)})
        claims = [*weighed(claims, tables), *forecast_claims(tables)]
    sentences = say_all(claims)
    figures: dict[str, tuple[Figure, ...]] = {}
    if charts:
        tell("drawing the charts")
        figures = race_figures(race, official, {**extra, **_worm(tables)})
    return _told(
        tables,
        sentences,
        figures,
        {
            "results": (shown.classification(tables.frames["classification"]),),
            "won-and-lost": _race_tables(race, tables),
            "penalties": shown.seen(tables.frames["seen"]),
            "retirements": shown.missing(claims),
        },
        length_ms=race.end.ms,
        simulated=race.info.simulated,
    )


def _tellable(race: Race, *, whole: bool) -> None:
    """Raises ``NotKnown`` where there is nothing to tell yet."""
    if race.laps.is_empty():
        raise NotKnown(f"{race.info.name} has no lap to tell of", remedy="Ask for a later instant.")
    if race.finish is None and not whole:
        raise NotKnown(
            f"{race.info.name} is not over by then: who won cannot be told",
            remedy="Ask for a later instant, or for the whole race.",
        )


def _refuse_decisions(race: Race, decisions: Sequence[Decision]) -> None:
    """Raises ``BadDecision`` where there are some: a race's are of times and laps."""
    if decisions:
        raise BadDecision(
            f"{race.info.name} is {race.info.session_kind.words}: decisions change races",
            remedy="Leave --decisions out, or say --session race.",
        )


def _read_track(race: Race, tell: Tell) -> dict[str, pl.DataFrame]:
    """What the rain gauge says: wet spells, and who changed between slicks and wets when."""
    tell("reading the track")
    estimate = track_told(race)
    found = track_tables(race, estimate)
    found["reference"] = pl.DataFrame(
        [{**asdict(estimate.last.reference), "hindsight": not estimate.filtered}]
    )
    found["tyre_changes"] = tyre_calls(race.stints, found["stint_tyres"], found["wet"])
    return found


def _paid(race: Race, decisions: Sequence[Decision]) -> dict[str, pl.DataFrame]:
    """What the race pays in the drivers' tables of its season, where a rule book says so."""
    try:
        tables = paid_tables(race.moment(), decisions)
    except DrylineError:
        return {}
    rows = [
        (table.title, row.position, row.car_number, " / ".join(row.names), row.points)
        for table in tables
        if table.by == "drivers" and table.confirmed
        for row in table.rows
    ]
    schema = ("championship", "position", "car_number", "names", "points")
    return {"paid": pl.DataFrame(rows, schema=schema, orient="row")} if rows else {}


def _worm(tables: Tables) -> dict[str, pl.DataFrame]:
    return {"win_probability": tables.frames["win"]} if "win" in tables else {}


def report_of_event(
    event: EmbeddedEvent,
    *,
    seed: int = 1,
    found: Replayed | None = None,
    tell: Tell = print,
) -> Told:
    """The report of an event that ships as facts; what is simulated in it says so.

    ``found`` is its last hours raced again, where the caller has done that already.
    """
    if found is None:
        tell("racing the last hours again")
        found = replayed(event.info.event or "", replicates=REPLICATES, seed=seed)
    tables = event_tables(event, {"what_ifs": what_ifs(found)})
    sentences = say_all(event_claims(tables))
    tell("drawing the charts")
    return _told(
        tables,
        sentences,
        event_figures(tables),
        {
            "results": (shown.classification(tables.frames["classification"]),),
            "won-and-lost": (shown.timeline(tables.frames["timeline"]),),
            "championship": tuple(shown.standings(tables.frames["standings_after"])),
        },
        sources=tuple((each.id, f"{each.source} ({each.used_for})") for each in event.sources),
    )


def results_beside(source: str) -> pl.DataFrame | None:
    """The official result that lies beside a race's laps, where there is one that can be read."""
    try:
        return official_results(source, None)
    except InputError:
        return None


def report_of_embedded(event_id: str, *, tell: Tell = print) -> Told:
    """The report of the event shipped under that id.

    Raises:
        RaceNotFound: where none is.
    """
    return report_of_event(embedded_event(event_id), tell=tell)


def write_report(
    told: Told,
    folder: Path,
    *,
    trace: bool = False,
    interactive: bool = False,
    name: str = "report",
) -> list[Path]:
    """``report.html`` and ``report.md``; their paths.

    With ``trace`` also ``trace.json``; with ``interactive`` also ``charts.html``, the charts with
    their values under the pointer: one page that fetches nothing, of at most ``MOST_BYTES``.

    Raises:
        UnreadableFile: where the folder cannot be written.
    """
    texts = {f"{name}.html": html(told.report), f"{name}.md": markdown(told.report)}
    if trace:
        texts["trace.json"] = json.dumps(traced(told.sentences), ensure_ascii=False, indent=1)
    if interactive:
        room = MOST_BYTES - len(script_bundle().encode())
        texts["charts.html"] = page(*charts_that_fit(told.report, room))
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    return [folder / file for file in texts]


def traced(sentences: Iterable[Sentence]) -> dict[str, Any]:
    """Claim, sentence, queries and rows, in the order of the claims."""
    return {
        "claims": [
            {
                "id": each.claim.id,
                "kind": each.claim.kind,
                "section": each.claim.section.value,
                "certainty": each.claim.certainty.value,
                "importance": round(each.claim.importance, 3),
                "sentence": each.text,
                "values": each.claim.values,
                "sources": list(each.claim.sources),
                "grounds": [
                    {"query": ground.query, "rows": list(ground.rows)}
                    for ground in each.claim.grounds
                ],
            }
            for each in sentences
        ]
    }


def what_ifs(found: Replayed) -> pl.DataFrame:
    """What other calls would have changed, from the event's scenario raced many times."""
    rows = [
        {
            "id": each.id,
            "text": each.text,
            "own_call": len(each.swings) < len(found.classes) // 2,
            "car_number": swing.car_number,
            "car_class": found.classes[swing.car_number],
            "p_win_class": swing.p_win_class,
            "p_win_class_as_made": swing.p_win_class_as_made,
            "seconds": swing.seconds,
            "seconds_se": swing.seconds_se,
            "replicates": found.replicates,
        }
        for each in found.what_ifs
        for swing in each.swings
    ]
    return pl.DataFrame(rows)


def _race_tables(race: Race, tables: Tables) -> tuple[ReportTable, ...]:
    found = []
    if race.stops.height:
        order = tables.frames["classification"]["car_number"].to_list()
        found.append(shown.stops(race.stops, order))
    if race.neutralisations.height:
        found.append(shown.neutralisations(race.neutralisations))
    return tuple(found)


def _told(
    tables: Tables,
    sentences: list[Sentence],
    figures: dict[str, tuple[Figure, ...]],
    page_tables: dict[str, tuple[ReportTable, ...]],
    *,
    length_ms: int | None = None,
    simulated: bool = False,
    sources: tuple[tuple[str, str], ...] = (),
) -> Told:
    """The report of these sentences; ``length_ms``: of a timed race, told in so many words."""
    names = classes(tables)
    text, claim = headline(sentences)
    first, left = story(sentences), sentences
    if length_ms is not None:
        first = race_story(sentences, names)
        left = within_words(sentences, first, names, most_words(length_ms, len(names)))
        teams = tables.ask("select car_number, team from classification").rows
        pairs = [(row["car_number"] or "", row["team"]) for row in teams]
        order = [
            *first,
            *(e for part in sections(left, names, first, {}, {}) for e in part.sentences),
        ]
        said = mentioned_once(order, pairs)
        first = [said[each.claim.id] for each in first]
        left = [said[each.claim.id] for each in left]
        sentences = [said.get(each.claim.id, each) for each in sentences]
    return Told(
        report=Report(
            title=text,
            headline=text,
            headline_claim=claim,
            kicker=_kicker(tables),
            story=tuple(first),
            parts=tuple(sections(left, names, first, page_tables, figures)),
            classes=tuple(names),
            simulated=simulated,
            sources=sources,
            version=__version__,
        ),
        sentences=tuple(sentences),
        tables=tables,
    )


def _kicker(tables: Tables) -> str:
    row = tables.ask("select series, year, cars, length_ms from race").rows[0]
    parts = [
        None if row["series"] is None else str(row["series"]).upper(),
        None if row["year"] is None else str(row["year"]),
        f"{row['cars']} cars",
        None if row["length_ms"] is None else f"scheduled for {_scheduled(row['length_ms'])}",
    ]
    return " · ".join(part for part in parts if part)


def _scheduled(ms: int) -> str:
    hours, minutes = divmod(round(ms / 60_000), 60)
    parts = (count(hours, "hour") if hours else "", count(minutes, "minute") if minutes else "")
    return " ".join(part for part in parts if part)
