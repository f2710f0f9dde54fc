"""Championship questions over files: seasons, rule books with overrides, what-ifs, ledgers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dryline.answers.championship import (
    CupTable,
    Points,
    ScoredTable,
    Standings,
    StandingsChanges,
    TitleChances,
)
from dryline.answers.drive_times import DriveTimes
from dryline.domain.decision import Decision
from dryline.domain.errors import BadOption, NotKnown
from dryline.engine.classify import classify
from dryline.engine.questions import Aid, AskLedger, AskPoints
from dryline.engine.session_files import read_override, read_text
from dryline.engine.stopped_early import share_paid
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.book import Override, RuleBook, rule_book
from dryline.rules.changes import standings_changes
from dryline.rules.crews import crew_findings
from dryline.rules.drive_time import Ledger, drive_time_ledger
from dryline.rules.endurance_cup import endurance_awards
from dryline.rules.scoring import RoundResult, pays_as_qualifying
from dryline.rules.season import (
    Season,
    finishes_of,
    if_it_ended,
    read_season,
    shipped_season,
    shipped_seasons,
    standings,
)
from dryline.rules.standings import StandingsTable, championship_tables
from dryline.rules.title import title_arithmetic

HOUR_MS = 3_600_000


def open_season(season: str, rules: Path | None = None) -> Season:
    """The season shipped under that id, or the season file of that path.

    Raises:
        NotKnown: where neither is there.
        BadRuleBook: where a file has an unknown key or a gap.
    """
    override = read_override(rules)
    path = Path(season)
    if season not in shipped_seasons() and path.is_file():
        return read_season(path.name, read_text(path), override)
    return shipped_season(season, override)


@dataclass(frozen=True)
class Ended:
    """A race as if it had ended at a moment, with what the stewards have decided of it."""

    at: Moment
    decisions: Sequence[Decision] = ()


def season_standings(
    season: Season,
    after: int | None = None,
    ended: Ended | None = None,
) -> Standings:
    """The tables after a round, or as if the race of the next one had ended at a moment.

    Raises:
        BadOption: where the season has no such round, or the race is another season's.
    """
    number = round_of(season, after, ended)
    return Standings(
        tables=scored(season_tables(season, after, ended)),
        round=number,
        simulated=ended is not None and ended.at.race.info.simulated,
        season=season.text.title,
        round_name=season.round(number).name,
        if_it_ended=ended is not None,
        endurance_cup=() if ended is None else cup_of(ended.at, season.book, ended.decisions),
    )


def season_changes(
    season: Season,
    after: int | None = None,
    ended: Ended | None = None,
) -> StandingsChanges:
    """What a round changed, table by table, in words.

    Raises:
        BadOption: where the season has no such round, or the race is another season's.
    """
    number = round_of(season, after, ended)
    tables = season_tables(season, after, ended)
    earlier = {table.title: table for table in season_tables(season, number - 1)}
    return StandingsChanges(
        round=number,
        changes={
            table.title: tuple(standings_changes(earlier[table.title], table))
            for table in tables
            if table.title in earlier
        },
        round_name=season.round(number).name,
    )


def season_titles(season: Season, after: int | None = None) -> TitleChances:
    """Who can still win each table of the season after a round.

    Raises:
        NotKnown: where a scale of a round that is left is not known.
    """
    tables = season.book.text.tables
    return TitleChances(
        titles=tuple(title_arithmetic(season, rule.title, after) for rule in tables)
    )


def round_of(season: Season, after: int | None, ended: Ended | None) -> int:
    """The round that tables stand after: that of the race that ended, where the season links it."""
    if ended is None:
        return season.last_round if after is None else after
    if after is not None:
        return after + 1
    event = ended.at.race.info.event
    linked = (each.round for each in season.text.rounds if event and each.event == event)
    return next(linked, season.last_round + 1)


def scored(tables: Sequence[StandingsTable]) -> tuple[ScoredTable, ...]:
    """The rules' tables as answers have them."""
    return tuple(ScoredTable.of(table) for table in tables)


def season_tables(
    season: Season,
    after: int | None = None,
    ended: Ended | None = None,
) -> tuple[StandingsTable, ...]:
    """The rules' own tables after a round, or as if a race of the next round had ended.

    Raises:
        BadOption: where the season has no such round, or the race is another season's.
    """
    if ended is None:
        return standings(season, after)
    race = ended.at.race
    _same_season(season, race)
    order, _ = classify(ended.at, ended.decisions)
    info = race.info
    return if_it_ended(
        season,
        order,
        round_number=None if after is None else after + 1,
        entries=race.entries,
        event=info.event,
        hours=None if info.length is None or info.length.ms is None else info.length.ms / HOUR_MS,
    )


def _same_season(season: Season, race: Race) -> None:
    ours, theirs = (season.book.series, season.book.year), (race.info.series, race.info.year)
    for own, other in zip(ours, theirs, strict=True):
        if other is not None and str(other).casefold() != str(own).casefold():
            named = " ".join(str(part) for part in theirs if part is not None)
            raise BadOption(
                f"{race.info.name} is of {named}, not of {season.text.title}",
                remedy="Name a race of that season, or the season of that race.",
            )


def split_what_if(text: str) -> tuple[str, str]:
    """``RACE@3:55:00`` as race and instant.

    Raises:
        BadOption: where there is no instant behind an ``@``.
    """
    found = re.fullmatch(r"(.+)@([^@/\\]+)", text)
    if found is None:
        raise BadOption(f"{text!r} names no instant", remedy="Write RACE@H:MM:SS.")
    return found[1], found[2]


def book_of(race: Race, rules: Override | None = None) -> RuleBook:
    """The rule book of a race's season, with the user's override.

    Raises:
        NotKnown: where the series or the year is unknown, or no rule book covers them.
    """
    if race.info.series is None or race.info.year is None:
        missing = "series" if race.info.series is None else "year"
        raise NotKnown(
            f"the {missing} of {race.info.name} is not in its files",
            remedy="Say --series and --year.",
        )
    return rule_book(race.info.series, race.info.year, rules)


def known_book(race: Race, rules: Override | None = None) -> RuleBook | None:
    """The rule book of a race's season; ``None`` where none is known to cover it.

    Raises:
        NotKnown: where none is and the caller gives ``rules`` to stand over it.
    """
    try:
        return book_of(race, rules)
    except NotKnown:
        if rules is not None:
            raise
        return None


def answer_points(moment: Moment, question: AskPoints, _: Aid) -> Points:
    """What the race pays as it stands."""
    race = moment.race
    return Points(
        race=race.info.name,
        simulated=race.info.simulated,
        tables=scored(paid_tables(moment, question.decisions, question.rules)),
        endurance_cup=cup_of(moment, book_of(race, question.rules), question.decisions),
    )


def cup_of(
    moment: Moment, book: RuleBook, decisions: Sequence[Decision] = ()
) -> tuple[CupTable, ...]:
    """What the race has paid of the endurance cup by then; nothing where it is not of the cup."""
    race = moment.race
    if not book.text.endurance_cup.marks_h:
        return ()
    order, _ = classify(moment, decisions)
    awards = endurance_awards(
        book,
        race.info.event or race.info.name,
        race.crossings,
        order,
        so_far_ms=None if moment.is_over else moment.at_ms,
    )
    return CupTable.all_of(awards)


def paid_tables(
    moment: Moment, decisions: Sequence[Decision] = (), rules: Override | None = None
) -> tuple[StandingsTable, ...]:
    """What one race alone pays, in every table of its season; nobody has a point for pole.

    Raises:
        NotKnown: where the season's scales, or the race's length, are not known.
    """
    race = moment.race
    book = book_of(race, rules)
    length = race.info.length
    if length is None or length.ms is None:
        raise NotKnown(
            f"how long {race.info.name} is meant to last is not known", remedy="Say --length."
        )
    order, _ = classify(moment, decisions)
    share, note = share_paid(moment, book, length.ms)
    result = RoundResult(
        share=share,
        note=note,
        round=1,
        name=race.info.name,
        hours=length.ms / HOUR_MS,
        finishes=finishes_of(order, book, None, race.entries),
        qualifying_race=pays_as_qualifying(book, race.info.event or race.info.name),
    )
    return championship_tables(book, (result,))


def answer_ledger(moment: Moment, question: AskLedger, _: Aid) -> DriveTimes:
    """The drive-time account of every driver, and crews that the rules do not allow."""
    race = moment.race
    return DriveTimes.of(
        ledger(moment, question.rules),
        crew_findings(book_of(race, question.rules), race.entries.values()),
        race.info.name,
        simulated=race.info.simulated,
    )


def ledger(moment: Moment, rules: Override | None = None) -> Ledger:
    """The drive-time ledger of every car.

    Raises:
        NotKnown: where no rule book covers the race's season.
    """
    race, length = moment.race, moment.race.info.length
    return drive_time_ledger(
        book_of(race, rules),
        race.laps,
        race.entries,
        instant=moment.at,
        length_ms=None if length is None else length.ms,
        neutralisations=race.neutralisations,
    )
