"""From a command's race source to a race, with errors that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dryline.domain.errors import BadOption

if TYPE_CHECKING:
    from dryline.apps.cli.bundles import RaceSource
    from dryline.race.race import Race


def open_source(source: RaceSource, *, whole: bool = False) -> Race:
    """The race, read as if its files ended at ``--at``; ``whole`` leaves ``--at`` aside."""
    from dryline.engine.opening import open_race
    from dryline.engine.race_length import parse_length

    return open_race(
        source.race,
        series=source.series,
        year=source.year,
        length=None if source.length is None else parse_length(source.length),
        messages=source.messages,
        said=source.say or (),
        mapping=source.mapping,
        at=None if whole else source.at,
    )


def known_class(race: Race, name: str) -> str:
    """The class called ``name``, in any case and with or without spaces.

    Raises:
        BadOption: naming the classes that there are.
    """
    wanted = _key(name)
    for car_class in {entry.car_class for entry in race.entries.values()}:
        if _key(car_class) == wanted:
            return car_class
    classes = ", ".join(sorted({entry.car_class for entry in race.entries.values()}))
    raise BadOption(
        f"no class {name!r} in {race.info.name}",
        remedy=f"Classes: {classes}." if classes else "No car has crossed the line by then.",
    )


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
