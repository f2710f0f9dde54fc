"""The report of a race: claims gathered, charts drawn, files written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dryline._version import __version__
from dryline.analysis.claims import Tables
from dryline.analysis.claims_of_event import event_claims, event_tables
from dryline.analysis.claims_of_race import race_claims, race_tables
from dryline.analysis.claims_result import classes
from dryline.domain.decision import Decision
from dryline.domain.errors import InputError, NotKnown, UnreadableFile
from dryline.engine.classify import classify
from dryline.engine.embedded_race import replayed
from dryline.engine.measured import track_of
from dryline.engine.opening import official_results
from dryline.engine.report_charts import event_figures, race_figures
from dryline.present.charts.estimates import track_tables
from dryline.present.report import tables as shown
from dryline.present.report.arrange import Figure, Report, Table, headline, sections, story
from dryline.present.report.page import html, markdown
from dryline.present.report.prose import Sentence, say_all
from dryline.race.race import Race
from dryline.rules.embedded import EmbeddedEvent, embedded_event

REPLICATES = 1000
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
    tell: Tell = print,
) -> Told:
    """The report of a race from its timing.

    Args:
        race: the whole race, or the race as known at an instant.
        decisions: the stewards'.
        results: the official result (schema ``RESULTS``), only compared and never used.
        whole: nobody has cut the race; then its last crossing is its end, and the report says so.
        track: estimate the track from the laps (seconds; more for a day's race).
        tell: told what is being done.

    Raises:
        NotKnown: where the race holds no lap, or is not over and not whole.
        BadDecision: where a decision cannot be applied.
    """
    if race.laps.is_empty():
        raise NotKnown(f"{race.info.name} has no lap to tell of", remedy="Ask for a later instant.")
    if race.finish is None and not whole:
        raise NotKnown(
            f"{race.info.name} is not over by then: who won cannot be told",
            remedy="Ask for a later instant, or for the whole race.",
        )
    official, _ = classify(race, decisions=decisions)
    extra: dict[str, pl.DataFrame] = {}
    if track:
        tell("reading the track")
        extra = track_tables(race, track_of(race, live=True))
    read = {"wet": extra["wet"]} if track else {}
    if results is not None:
        read["official"] = results.filter(pl.col("position").is_not_null()).select(
            "car_number", official="position"
        )
    tables = race_tables(race, official, decisions, read)
    sentences = say_all(race_claims(tables))
    tell("drawing the charts")
    figures = race_figures(race, official, extra)
    return _told(
        tables,
        sentences,
        figures,
        {
            "results": (shown.classification(tables.frames["classification"]),),
            "won-and-lost": _race_tables(race, tables),
        },
        simulated=race.info.simulated,
    )


def report_of_event(event: EmbeddedEvent, *, seed: int = 1, tell: Tell = print) -> Told:
    """The report of an event that ships as facts; what is simulated in it says so."""
    tell("racing the last hours again")
    tables = event_tables(event, {"what_ifs": what_ifs(event, seed)})
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


def write_report(told: Told, folder: Path, *, trace: bool = False) -> list[Path]:
    """``report.html`` and ``report.md``, with ``trace`` also ``trace.json``; their paths.

    Raises:
        UnreadableFile: where the folder cannot be written.
    """
    texts = {"report.html": html(told.report), "report.md": markdown(told.report)}
    if trace:
        texts["trace.json"] = json.dumps(traced(told.sentences), ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(
            f"cannot write it: {error.strerror or error}", file=str(folder)
        ) from error
    return [folder / name for name in texts]


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


def what_ifs(event: EmbeddedEvent, seed: int) -> pl.DataFrame:
    """What other calls would have changed, from the event's scenario raced many times."""
    found = replayed(event.info.event or "", replicates=REPLICATES, seed=seed)
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


def _race_tables(race: Race, tables: Tables) -> tuple[Table, ...]:
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
    page_tables: dict[str, tuple[Table, ...]],
    *,
    simulated: bool = False,
    sources: tuple[tuple[str, str], ...] = (),
) -> Told:
    first = story(sentences)
    names = classes(tables)
    text, claim = headline(sentences)
    return Told(
        report=Report(
            title=text,
            headline=text,
            headline_claim=claim,
            kicker=_kicker(tables),
            story=tuple(first),
            parts=tuple(sections(sentences, names, first, page_tables, figures)),
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
    hours = None if row["length_ms"] is None else row["length_ms"] / 3_600_000
    parts = [
        None if row["series"] is None else str(row["series"]).upper(),
        None if row["year"] is None else str(row["year"]),
        f"{row['cars']} cars",
        None if hours is None else f"scheduled for {hours:.4g} hours",
    ]
    return " · ".join(part for part in parts if part)
