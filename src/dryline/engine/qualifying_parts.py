"""The parts of one qualifying, found beside one another, and what each car did in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dryline.analysis.practice.runs import run_laps
from dryline.domain.errors import BadOption, InputError
from dryline.domain.qualifying_part import PartLap, part_rank
from dryline.domain.session_kind import SessionKind
from dryline.engine.opening import open_race
from dryline.engine.session_kinds import named_kind
from dryline.engine.timed_sessions import placed_cars
from dryline.feeds.alkamel.file_names import timing_name
from dryline.race.race import Race
from dryline.store.library import Library
from dryline.store.slug import DEFAULT_SESSION

_ENDINGS = (".csv", ".json", ".txt", ".xml")


def part_laps(*parts: Race) -> tuple[PartLap, ...]:
    """Every car's best lap in each of these parts of a qualifying.

    Raises:
        BadOption: where one is a race, or two parts of one class have names that tell no order.
    """
    for race in parts:
        if race.info.session_kind is not SessionKind.QUALIFYING:
            raise BadOption(
                f"{race.info.name} is {race.info.session_kind.words}, no part of a qualifying",
                remedy="Name the other parts of the same qualifying with --with.",
            )
    found = [_laps_of(race) for race in parts]
    _refuse_alike(found)
    return tuple(lap for laps in found for lap in laps)


def _laps_of(race: Race) -> list[PartLap]:
    name = _part_name(race)
    cars = placed_cars(race, run_laps(race.laps, race.taken_away))
    rows = cars.select("car_number", "car_class", "team", "best_ms", "at_ms").iter_rows()
    return [
        PartLap(
            part=name, later=part_rank(name), car_number=number, car_class=car_class, team=team,
            lap_time_ms=best, at_ms=at,
        )
        for number, car_class, team, best, at in rows
    ]  # fmt: skip


def _refuse_alike(parts: Sequence[Sequence[PartLap]]) -> None:
    seen: dict[tuple[str | None, tuple[int, int]], str] = {}
    for place, laps in enumerate(parts):
        for lap in laps:
            other = seen.setdefault((lap.car_class, lap.later), f"{place} {lap.part}")
            if other != f"{place} {lap.part}":
                raise BadOption(
                    f"{lap.part!r} and {other.split(' ', 1)[1]!r} do not say which came first",
                    remedy="Name the files Q1 and Q2, or Qualifying and Hyperpole.",
                )


def parts_beside(source: str, race: Race, library: Library | None = None) -> tuple[PartLap, ...]:
    """The laps of its qualifying where other parts lie beside it, in its folder or its event.

    None where no class was in two parts, or their names tell no order.
    """
    if race.info.session_kind is not SessionKind.QUALIFYING:
        return ()
    path = Path(source)
    others = _in_folder(path) if path.exists() else _in_library(race, library or Library())
    try:
        laps = part_laps(race, *others)
    except BadOption:
        return ()
    parts = {(lap.car_class, lap.later) for lap in laps}
    return laps if len(parts) > len({car_class for car_class, _ in parts}) else ()


def _part_name(race: Race) -> str:
    if race.info.session != DEFAULT_SESSION:
        return race.info.session.replace("-", " ")
    said = timing_name(Path(race.info.sources[0]).stem) if race.info.sources else None
    return race.info.name if said is None else said.session


def _in_folder(path: Path) -> list[Race]:
    if path.is_dir():
        return []
    found = []
    for other in sorted(path.parent.iterdir()):
        named = other.suffix.casefold() in _ENDINGS and named_kind(other) is SessionKind.QUALIFYING
        if named and other != path:
            found += _opened(str(other))
    return found


def _opened(source: str, library: Library | None = None) -> list[Race]:
    try:
        race = open_race(source, library=library)
    except InputError:
        return []  # a result, weather
    return [race] if race.info.session_kind is SessionKind.QUALIFYING else []


def _in_library(race: Race, library: Library) -> list[Race]:
    event = "/".join(race.info.name.split("/")[:3]) + "/"
    ids = [each for each in library.list()["id"] if each.startswith(event)]
    return [found for each in ids if each != race.info.name for found in _opened(each, library)]
