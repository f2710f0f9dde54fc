"""A championship season: its rounds, who took which place, and the tables after any of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
import polars as pl

from dryline.domain.entry import Entry
from dryline.domain.errors import BadOption, NotKnown
from dryline.rules.book import Override, RuleBook, rule_book
from dryline.rules.not_classified import NOT_CLASSIFIED
from dryline.rules.scoring import Finish, RoundResult, name_key
from dryline.rules.season_file import (
    RoundText,
    SeasonCar,
    SeasonText,
    read_season_text,
    season_cars,
    stated_results,
)
from dryline.rules.standings import StandingsTable, championship_tables


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """A season ready to be scored: its rule book, cars, calendar and the results so far."""

    text: SeasonText
    book: RuleBook
    cars: dict[str, SeasonCar]
    results: tuple[RoundResult, ...]

    @property
    def last_round(self) -> int:
        """The last round with a result, 0 before the first."""
        return len(self.results)

    def round(self, number: int) -> RoundText:
        """The calendar's round of that number.

        Raises:
            BadOption: where the season has no such round.
        """
        for each in self.text.rounds:
            if each.round == number:
                return each
        raise BadOption(
            f"{self.text.title} has no round {number}",
            remedy=f"Its rounds are 1 to {len(self.text.rounds)}.",
        )


def shipped_seasons() -> dict[str, Traversable]:
    """The season files of the package by what they are asked for as: ``wec/2024``."""
    folder = resources.files("dryline.data") / "rules" / "seasons"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    named = [(file.name.removesuffix(".toml"), file) for file in files]
    return {"/".join(name.rsplit("-", 1)): file for name, file in named if name != file.name}


def shipped_season(season_id: str, override: Override | None = None) -> Season:
    """The season shipped as ``season_id``, for instance ``wec/2024``.

    Raises:
        NotKnown: where no such season is shipped.
    """
    shipped = shipped_seasons()
    if season_id not in shipped:
        raise NotKnown(
            f"no season {season_id!r} is shipped",
            remedy=f"Shipped: {', '.join(shipped)}; or give a season file of your own.",
        )
    file = shipped[season_id]
    return read_season(f"rules/seasons/{file.name}", file.read_text(encoding="utf-8"), override)


def read_season(name: str, text: str, override: Override | None = None) -> Season:
    """A season from the text of its TOML file; ``name`` is for messages.

    Raises:
        BadRuleBook: an unknown key, a car that the season does not have, or a gap in the rounds.
        NotKnown: where there is no rule book for the season.
    """
    parsed = read_season_text(name, text)
    return Season(
        text=parsed,
        book=rule_book(parsed.series, parsed.year, override),
        cars=season_cars(parsed),
        results=stated_results(parsed, name),
    )


def standings(season: Season, after: int | None = None) -> tuple[StandingsTable, ...]:
    """The championship tables after round ``after``; after the last known one by default.

    Raises:
        NotKnown: where that round has no result here.
        BadOption: where the season has no such round.
    """
    after = season.last_round if after is None else after
    named = season.round(after)
    if after > season.last_round:
        raise NotKnown(
            f"round {after} ({named.name}) has no result in this season",
            remedy=f"The last round with a result is {season.last_round}.",
        )
    return championship_tables(season.book, season.results[:after])


def if_it_ended(
    season: Season,
    classification: pl.DataFrame,
    *,
    round_number: int | None = None,
    entries: Mapping[str, Entry] | None = None,
    event: str | None = None,
    hours: float | None = None,
) -> tuple[StandingsTable, ...]:
    """The tables if ``classification`` were the result of a round, by default the next one.

    ``classification`` has ``car_number``, ``car_class``, ``position_in_class``, ``laps``,
    ``team`` and ``status``; ``entries`` are the race's. A round that the season file links to
    ``event`` is that one. ``hours`` is the race's scheduled length where it is not the round's.
    The earlier rounds count as they are, later ones are left out, and nobody has the point for
    pole unless the season file says who.

    Raises:
        NotKnown: where an earlier round has no result.
        BadOption: where the season has no such round.
    """
    own = next((each.round for each in season.text.rounds if event and each.event == event), None)
    number = round_number or own or season.last_round + 1
    text = season.round(number)
    if number > season.last_round + 1:
        raise NotKnown(f"round {season.last_round + 1} has no result yet, before round {number}")
    result = RoundResult(
        round=number,
        name=text.name,
        hours=hours or text.hours,
        finishes=finishes_of(classification, season.book, season.cars, entries),
        pole=text.pole,
        note=f"as if the race had ended then, scored as one of {hours or text.hours:g} h",
    )
    return championship_tables(season.book, (*season.results[: number - 1], result))


def finishes_of(
    classification: pl.DataFrame,
    book: RuleBook,
    cars: Mapping[str, SeasonCar] | None = None,
    entries: Mapping[str, Entry] | None = None,
) -> tuple[Finish, ...]:
    """A classification's rows as a championship sees them.

    ``entries`` gives crews and makes. With the season's ``cars`` given, any other car is a
    guest. Below the share of the winner's distance that the rule book asks for, a car is not
    classified.
    """
    entries = {} if entries is None else entries
    share = book.text.classified.min_share_of_distance
    most = classification["laps"].max() or 0
    least = 0.0 if share is None else share.value * float(most)  # type: ignore[arg-type]
    finishes = []
    for row in classification.iter_rows(named=True):
        car = None if cars is None else cars.get(row["car_number"])
        enough = row["laps"] is None or row["laps"] >= least
        enough &= row.get("status") != NOT_CLASSIFIED
        disqualified = row.get("status") == "disqualified"
        status = "disqualified" if disqualified else "classified" if enough else "not_classified"
        entry = entries.get(row["car_number"])
        finishes.append(
            Finish(
                car_class=row["car_class"],
                position_in_class=row["position_in_class"],
                car_number=row["car_number"],
                drivers=_crew(car, () if entry is None else tuple(d.name for d in entry.drivers)),
                team=row.get("team") if car is None else car.team,
                manufacturer=_make(car, entry),
                registration=None if car is None else car.registration,
                guest=cars is not None and car is None,
                status=status,
            )
        )
    return tuple(finishes)


def disqualified(result: RoundResult, car_number: str) -> RoundResult:
    """``result`` after a disqualification: the car's place is gone and those behind close up.

    Raises:
        BadOption: where the car was not in that race.
    """
    if all(each.car_number != car_number for each in result.finishes):
        raise BadOption(f"car {car_number} was not in {result.name}")
    finishes = tuple(
        msgspec.structs.replace(each, status="disqualified")
        if each.car_number == car_number
        else each
        for each in result.finishes
    )
    return msgspec.structs.replace(result, finishes=finishes)


def with_result(season: Season, result: RoundResult) -> Season:
    """``season`` with that round's result put in, or put in place of the one it had."""
    earlier = tuple(each for each in season.results if each.round < result.round)
    later = tuple(each for each in season.results if each.round > result.round)
    if len(earlier) != result.round - 1:
        raise NotKnown(f"round {len(earlier) + 1} has no result yet, before round {result.round}")
    return msgspec.structs.replace(season, results=(*earlier, result, *later))


def _make(car: SeasonCar | None, entry: Entry | None) -> str | None:
    if car is not None:
        return car.manufacturer
    return None if entry is None else entry.manufacturer


def _crew(car: SeasonCar | None, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Drivers seen, spelled as the season spells them; the usual crew where all are of it."""
    if car is None:
        return seen
    usual = {name_key(name): name for name in car.drivers}
    if all(name_key(name) in usual for name in seen):
        return car.drivers
    return tuple(usual.get(name_key(name), name) for name in seen)
