"""Which class is the faster: the class order of a season, from the series' file."""

from __future__ import annotations

from collections.abc import Iterable

from dryline.domain.car_class import class_key
from dryline.domain.series import Series, car_class


def season_classes(series: str | None, year: int | None) -> tuple[str, ...]:
    """The classes of that season, the fastest first; all known classes where it is unknown."""
    season = Series.of(series).season(year)
    return _in_general() if season is None else season.order


def class_order(series: str | None, year: int | None, classes: Iterable[str]) -> list[str]:
    """``classes`` with the fastest first, spelled as they came, without repetition.

    A class that the season does not know stands after the season's own, in the general order, one
    that is like another right after it; one that is wholly unknown comes last, alphabetically.
    """
    known = (*season_classes(series, year), *_in_general())
    place: dict[str, float] = {}
    for at, name in enumerate(known):
        place.setdefault(class_key(name), at)

    def rank(name: str) -> tuple[float, str]:
        like = class_key(car_class(name).like or "")
        return place.get(class_key(name), place.get(like, len(known)) + 0.5), name

    return sorted(set(classes), key=rank)


def _in_general() -> tuple[str, ...]:
    return Series.of(None).seasons[0].order
