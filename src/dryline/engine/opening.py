"""From whatever names a race to a ``Race``: a file, a folder, a library id.

Only the whole race is opened here; ``Race.cut`` takes what was known at an instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import polars as pl

from dryline.domain.decision import Decision
from dryline.domain.entry import Driver, Rating
from dryline.domain.errors import BadOption, RaceNotFound, UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.domain.series import Series
from dryline.domain.session_kind import SessionKind
from dryline.domain.tables import WEATHER, empty
from dryline.engine.naming import known_series, race_name, series_of, titled, year_of
from dryline.engine.race_length import known_length
from dryline.engine.session_files import (
    SessionFiles,
    find_session,
    is_stated,
    read_file,
    read_session,
    stated_in,
)
from dryline.engine.session_kinds import kind_of, taken_away
from dryline.engine.stored import race_from_library
from dryline.engine.weekend import with_weekend
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.decisions import parse_decisions
from dryline.feeds.messages import parse_messages, parse_said
from dryline.feeds.own_classes import read_own_classes, with_own_classes
from dryline.feeds.remarks import Remarks
from dryline.race.race import Race
from dryline.rules.embedded import EMBEDDED_EVENTS
from dryline.store.library import Library

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, kw_only=True)
class SaidOfFiles:
    """What a user says of a race's files; each field is told of at ``facade.open_race``."""

    series: str | None = None
    year: int | None = None
    length: RaceLength | None = None
    session: SessionKind | None = None
    messages: Path | None = None
    words: Sequence[str] = ()
    mapping: Path | None = None
    weekend: Sequence[str | Path] = ()
    classes: Path | None = None
    entries: Path | None = None


_NOTHING = SaidOfFiles()


def open_race(
    source: str | Path,
    said: SaidOfFiles = _NOTHING,
    *,
    library: Library | None = None,
    at: Instant | str | None = None,
) -> Race:
    """The race that ``source`` names, with what is ``said`` of its files.

    ``at`` reads the race as if its files ended at that instant.

    Raises:
        RaceNotFound: where nothing of that name exists.
        UnreadableFile: where the files are not what they should be.
    """
    if not str(source).strip():
        raise RaceNotFound("no race is named", remedy="Name a file, a folder or a library id.")
    path = Path(source)
    now = None if at is None else Race.instant(at)
    if path.exists():
        race = _from_path(path, said, now)
    elif str(source) in EMBEDDED_EVENTS:
        from dryline.engine.embedded_race import simulated_race  # brings the simulator along

        race = simulated_race(str(source))
    else:
        race = _from_library(str(source), library or Library())
    race = _with_said(race, said)
    if said.classes is not None:
        own = read_own_classes(read_file(said.classes), said.classes.name)
        rows = with_own_classes(race.crossings, own, said.classes.name, whole=now is None)
        race = replace(race, info=_of_series(race), crossings=rows, causal=None)
    race = _with_messages(race, said.messages, said.words)
    if said.entries is not None:
        race = replace(race, crews=entered_crews(parse_entries(said.entries)))
    alike = SaidOfFiles(mapping=said.mapping)
    race = with_weekend(race, [open_race(other, alike, library=library) for other in said.weekend])
    return race if now is None else replace(race.cut(now), findings=race.findings)


def _from_path(path: Path, said: SaidOfFiles, at: Instant | None) -> Race:
    files = find_session(path, as_laps=said.mapping is not None)
    session = read_session(files, said.mapping, at=at)
    length, findings = known_length(path)
    kind, remarks = kind_of(files.path_in(path), session.crossings, session.kind)
    if said.session is not None:
        kind, remarks = said.session, ()
    if not kind.is_race and at is None and said.mapping is None and session.kind is None:
        remarks += taken_away(files.laps[1], files.laps[0], session.crossings)
    if session.length is not None and (length is None or findings):
        length, findings = session.length, ()
    info = RaceInfo(
        name=race_name(path),
        series=series_of(session.crossings["car_class"].unique().to_list(), path),
        year=year_of(path),
        session_kind=kind,
        length=length,
        sources=tuple(name for name, _ in files.named()),
    )
    return Race(
        info=info,
        crossings=session.crossings,
        messages=session.messages,
        weather=session.weather if session.weather is not None else empty(WEATHER),
        findings=(*session.findings, *findings, *remarks),
        stated=session.results if is_stated(session.findings) else None,
        extras=session.extras,
    )


def _from_library(text: str, library: Library) -> Race:
    looks_like_path = text.endswith((".csv", ".CSV")) or text.startswith((".", "/", "~"))
    if looks_like_path:
        raise RaceNotFound(f"no file or folder {text!r}", remedy="Check the path.")
    return race_from_library(library, library.resolve(text))


def _with_said(race: Race, words: SaidOfFiles) -> Race:
    """The race with what the user said of it; their word beats inference."""
    info, year, length = race.info, words.year, words.length
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadOption(f"--year {year} is not a season", remedy="Give four digits, like 2024.")
    said = RaceInfo(
        name=titled(info.name, race.findings),
        series=info.series if words.series is None else known_series(words.series),
        year=info.year if year is None else year,
        event=info.event,
        session=info.session,
        session_kind=info.session_kind if words.session is None else words.session,
        length=info.length if length is None else length,
        simulated=info.simulated,
        sources=info.sources,
    )
    findings = (*race.findings, *_borrowed(said.series))
    if length is not None:
        findings = tuple(f for f in findings if f.kind != "length_inferred")
    return replace(race, info=said, findings=findings)


def _of_series(race: Race) -> RaceInfo:
    """Its series by the official classes, which are about to be renamed."""
    return msgspec.structs.replace(race.info, series=race.series)


def _borrowed(series: str | None) -> tuple[Finding, ...]:
    """One sentence where what is believed before the race was not measured in its own series."""
    words = Series.of(series).believed.words
    remedy = "Say --series where you know it." if series is None else None
    found = Finding(kind="beliefs_borrowed", severity=Severity.NOTE, message=words, remedy=remedy)
    return (found,) if words else ()


def _with_messages(race: Race, path: Path | None, said: Sequence[str]) -> Race:
    told = list(parse_said(said))
    remarks = Remarks("" if path is None else path.name)
    if path is not None:
        told += parse_messages(read_file(path), path.name, remarks)
    if not told:
        return race
    merged = sorted((*race.messages, *told), key=lambda message: message.known_at)
    findings = (*race.findings, *remarks.findings)
    return replace(race, messages=tuple(merged), findings=findings)


def official_results(
    source: str | Path, results: Path | None, library: Library | None = None
) -> pl.DataFrame:
    """The official result: the file named, or the one in the session's folder or library entry.

    Raises:
        UnreadableFile: where there is none.
    """
    if results is not None:
        return parse_results(read_file(results), results.name).results
    path = Path(source)
    if not path.exists():
        shelf = Library() if library is None else library
        kept = shelf.open(shelf.resolve(str(source))).results
        if kept is not None:
            return kept
    stated = stated_in(path) if path.is_file() else None
    if stated is not None:
        return stated
    files: SessionFiles | None = find_session(path) if path.is_dir() else None
    if files is None or files.results is None:
        raise UnreadableFile(
            f"no official result for {source}", remedy="Name it with --results FILE."
        )
    return parse_results(files.results[1], files.results[0]).results


def parse_entries(path: Path) -> pl.DataFrame:
    """An entry list, in the columns of an official result: schema ``RESULTS``.

    Raises:
        UnreadableFile: where it is none.
    """
    return parse_results(read_file(path), path.name).results


def entered_crews(entries: pl.DataFrame) -> dict[str, tuple[Driver, ...]]:
    """Names and licences of each car's crew, as an entry list or a result has them."""
    return {
        number: tuple(Driver(d["name"], Rating(d["rating"]) if d["rating"] else None) for d in crew)
        for number, crew in entries.select("car_number", "drivers").drop_nulls().iter_rows()
    }


def open_decisions(
    path: Path, race: str | None = None, remarks: Remarks | None = None
) -> Sequence[Decision]:
    """The stewards' decisions in ``path``; rows of other races are left out.

    What had to be mended to read the file is added to ``remarks``.

    Raises:
        BadDecision: naming file, line and remedy.
    """
    return parse_decisions(read_file(path), path.name, race=race, remarks=remarks)
