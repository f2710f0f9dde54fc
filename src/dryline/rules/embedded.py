"""The events that Dryline ships as facts: entries, grid, classification and timeline.

No timing of these races is public. Each row carries its sources and a confidence; what nobody
published stays ``None`` (a classified place whose car is unknown has no car number).
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import TypeVar

import msgspec

from dryline.domain.clock_text import parse_ms, parse_race_clock
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.entry import Driver, Entry, Rating
from dryline.domain.errors import BadTime, RaceNotFound
from dryline.domain.race_info import RaceInfo, RaceLength

EMBEDDED_EVENTS = ("imola-2024",)
_T = TypeVar("_T")


class Origin(msgspec.Struct, frozen=True):
    """Who says so, and how far it is believed; ``sources`` are ids of the event's source list."""

    sources: tuple[str, ...]
    confidence: str


class EntryFact(msgspec.Struct, frozen=True):
    """An entry, and whether it scores for its manufacturer or in the privateers' cup."""

    entry: Entry
    registration: str | None  # "manufacturer", "world_cup_team"; None outside Hypercar
    rating_notes: dict[str, str]  # driver -> the text of an inferred or doubtful rating
    origin: Origin


class GridRow(msgspec.Struct, frozen=True):
    """A place on the grid; times in milliseconds, ``None`` where not found."""

    position: int
    position_in_class: int
    car_number: str
    car_class: str
    qualifying_driver: str
    qualifying_ms: int | None
    hyperpole_ms: int | None
    note: str
    origin: Origin


class ClassificationRow(msgspec.Struct, frozen=True):
    """A place in a classification. ``gap_ms`` only where thousandths are published."""

    position: int | None
    position_in_class: int | None
    car_number: str | None
    car_class: str
    team: str | None
    drivers: tuple[str, ...]
    laps: int | None
    gap_ms: int | None
    gap_text: str
    status: str
    best_lap: str
    note: str
    origin: Origin


class NeutralisationFact(msgspec.Struct, frozen=True):
    """A neutralisation as reported; ``None`` where its start or end was not found."""

    kind: str
    start_ms: int | None
    end_ms: int | None
    cars: tuple[str, ...]
    note: str
    origin: Origin


class TimelineRow(msgspec.Struct, frozen=True):
    """Something that happened; ``at_ms`` and ``until_ms`` where the sources give a race time."""

    race_time: str
    at_ms: int | None
    until_ms: int | None
    lap: int | None
    precision: str
    event: str
    cars: tuple[str, ...]
    detail: str
    origin: Origin


class StandingRow(msgspec.Struct, frozen=True):
    """A row of a championship table as published, or as derived where ``basis`` says so."""

    championship: str
    position: int | None
    car_number: str | None
    names: tuple[str, ...]
    points: int
    at_least: bool  # the points are a lower bound
    basis: str
    note: str
    origin: Origin


class ArticleClaim(msgspec.Struct, frozen=True):
    """A statement of the federation's own race report, and where it must come from."""

    id: str
    section: str
    claim: str
    value: str
    where_it_must_come_from: str


class Source(msgspec.Struct, frozen=True):
    """One public source of facts."""

    id: str
    section: str
    source: str
    used_for: str


class EmbeddedEvent(msgspec.Struct, frozen=True):
    """All that is shipped about one event."""

    info: RaceInfo
    round: int
    circuit: str
    circuit_length_m: int
    winner_laps: int
    neutralisation_counts: dict[str, int]
    entry_facts: tuple[EntryFact, ...]
    grid: tuple[GridRow, ...]
    on_the_road: tuple[ClassificationRow, ...]
    official: tuple[ClassificationRow, ...]
    decisions: tuple[Decision, ...]
    neutralisations: tuple[NeutralisationFact, ...]
    timeline: tuple[TimelineRow, ...]
    standings_before: tuple[StandingRow, ...]
    standings_after: tuple[StandingRow, ...]
    claims: tuple[ArticleClaim, ...]
    sources: tuple[Source, ...]

    @property
    def entries(self) -> dict[str, Entry]:
        """The entries by car number."""
        return {fact.entry.car_number: fact.entry for fact in self.entry_facts}


@lru_cache(maxsize=len(EMBEDDED_EVENTS))
def embedded_event(event_id: str) -> EmbeddedEvent:
    """The shipped facts of ``event_id``.

    Raises:
        RaceNotFound: where no event of that id is shipped.
    """
    if event_id not in EMBEDDED_EVENTS:
        raise RaceNotFound(
            f"no event {event_id!r} is shipped",
            remedy=f"Shipped: {', '.join(EMBEDDED_EVENTS)}.",
        )
    head = tomllib.loads(_text(event_id, "event.toml"))
    facts = _rows(event_id, "entries.csv", _entry)
    decisions = _decisions(event_id)
    official = _classification(event_id, {fact.entry.car_number: fact.entry for fact in facts})
    length = RaceLength(ms=head["scheduled_ms"], source="event file")
    info = RaceInfo(
        name=head["name"],
        series=head["series"],
        year=head["year"],
        event=event_id,
        length=length,
        sources=_ids(head["sources"]),
    )
    counts = head["neutralisation_counts"]
    return EmbeddedEvent(
        info=info,
        round=head["round"],
        circuit=head["circuit"],
        circuit_length_m=head["circuit_length_m"],
        winner_laps=head["winner_laps"],
        neutralisation_counts={kind: counts[kind] for kind in ("fcy", "safety_car")},
        entry_facts=facts,
        grid=_rows(event_id, "grid.csv", _grid),
        on_the_road=_without_added_time(official, decisions),
        official=official,
        decisions=decisions,
        neutralisations=_rows(event_id, "neutralisations.csv", _neutralisation),
        timeline=_rows(event_id, "timeline.csv", _timeline),
        standings_before=_rows(event_id, "standings_after_r1.csv", _standing),
        standings_after=_rows(event_id, "standings_after_r2.csv", _standing),
        claims=_rows(event_id, "article_claims.csv", lambda row: ArticleClaim(**row)),
        sources=_rows(event_id, "sources.csv", lambda row: Source(**row)),
    )


def _text(event_id: str, name: str) -> str:
    return (resources.files("dryline.data") / event_id / name).read_text(encoding="utf-8")


def _rows(event_id: str, name: str, make: Callable[[dict[str, str]], _T]) -> tuple[_T, ...]:
    return tuple(make(row) for row in csv.DictReader(io.StringIO(_text(event_id, name))))


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _origin(row: dict[str, str]) -> Origin:
    return Origin(_ids(row["sources"]), row["confidence"])


def _number(text: str) -> int | None:
    return int(text) if text else None


def _entry(row: dict[str, str]) -> EntryFact:
    drivers, notes = [], {}
    for seat in (1, 2, 3):
        name, stated = row[f"driver{seat}"], row[f"driver{seat}_category"]
        if not name:
            continue
        rating = stated.split(" ")[0].casefold() if stated else None
        known = rating in {each.value for each in Rating}
        if (stated and stated.casefold() != rating) or (stated and not known):
            notes[name] = stated
        drivers.append(Driver(name, Rating(rating) if rating is not None and known else None))
    entry = Entry(
        car_number=row["number"],
        car_class=row["class"],
        team=row["team"],
        manufacturer=row["manufacturer"],
        vehicle=row["car_model"],
        drivers=tuple(drivers),
    )
    return EntryFact(entry, row["hypercar_registration"] or None, notes, _origin(row))


def _grid(row: dict[str, str]) -> GridRow:
    def lap(text: str) -> int | None:
        return parse_ms(text) if text else None

    return GridRow(
        position=int(row["grid_overall"]),
        position_in_class=int(row["class_pos"]),
        car_number=row["number"],
        car_class=row["class"],
        qualifying_driver=row["qualifying_driver"],
        qualifying_ms=lap(row["qualifying_time"]),
        hyperpole_ms=lap(row["hyperpole_time"]),
        note=row["note"],
        origin=_origin(row),
    )


def _classification(event_id: str, entries: dict[str, Entry]) -> tuple[ClassificationRow, ...]:
    def make(row: dict[str, str]) -> ClassificationRow:
        entry = entries.get(row["number"])
        exact = re.fullmatch(r"\+(\d+\.\d{3})", row["gap"])
        return ClassificationRow(
            position=_number(row["overall"]),
            position_in_class=_number(row["class_pos"]),
            car_number=row["number"] or None,
            car_class=row["class"],
            team=None if entry is None else entry.team,
            drivers=() if entry is None else tuple(each.name for each in entry.drivers),
            laps=_number(row["laps"]),
            gap_ms=0 if row["gap"] == "0" else parse_ms(exact[1]) if exact else None,
            gap_text=row["gap"],
            status=row["status"],
            best_lap=row["best_lap"],
            note=row["note"],
            origin=_origin(row),
        )

    return _rows(event_id, "classification.csv", make)


def _without_added_time(
    official: tuple[ClassificationRow, ...], decisions: tuple[Decision, ...]
) -> tuple[ClassificationRow, ...]:
    added = {
        each.car_number: round((each.seconds or 0) * 1000)
        for each in decisions
        if each.kind is DecisionKind.TIME_PENALTY
    }
    return tuple(
        row
        if row.gap_ms is None or row.car_number not in added
        else msgspec.structs.replace(
            row,
            gap_ms=row.gap_ms - added[row.car_number],
            gap_text=f"+{(row.gap_ms - added[row.car_number]) / 1000:.3f}",
        )
        for row in official
    )


def _decisions(event_id: str) -> tuple[Decision, ...]:
    def make(row: dict[str, str]) -> Decision:
        return Decision(
            car_number=row["car_number"],
            kind=DecisionKind(row["kind"]),
            seconds=float(row["seconds"]) if row["seconds"] else None,
            reason=row["reason"],
            race=row["race"],
        )

    return _rows(event_id, "decisions.csv", make)


def _clock(text: str) -> int | None:
    try:
        return parse_race_clock(text) if text else None
    except BadTime:
        return None


def _neutralisation(row: dict[str, str]) -> NeutralisationFact:
    return NeutralisationFact(
        kind=row["kind"],
        start_ms=_clock(row["start"]),
        end_ms=_clock(row["end"]),
        cars=_ids(row["cars"]),
        note=row["note"],
        origin=_origin(row),
    )


def _timeline(row: dict[str, str]) -> TimelineRow:
    first, _, last = row["race_time"].strip("~").partition("-")
    lap = re.search(r"lap (\d+)", f"{row['race_time']} {row['precision']}")
    return TimelineRow(
        race_time=row["race_time"],
        at_ms=_clock(first),
        until_ms=_clock(last),
        lap=int(lap[1]) if lap else None,
        precision=row["precision"],
        event=row["event"],
        cars=_ids(row["cars"]),
        detail=row["detail"],
        origin=_origin(row),
    )


def _standing(row: dict[str, str]) -> StandingRow:
    return StandingRow(
        championship=row["championship"],
        position=_number(row["pos"]),
        car_number=row["number"] or None,
        names=tuple(name.strip() for name in row["name"].split(" / ")),
        points=int(row["points"].removeprefix(">=")),
        at_least=row["points"].startswith(">="),
        basis=row["basis"],
        note=row["note"],
        origin=_origin(row),
    )
