"""Which class is the faster: the class order of a season, from the regulations."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

import msgspec

from dryline.domain.errors import BadRuleBook

FILE = "rules/classes.toml"


class _Season(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    series: str
    from_year: int
    order: tuple[str, ...]
    source: str
    confidence: str
    to_year: int | None = None

    def covers(self, series: str, year: int) -> bool:
        last = year if self.to_year is None else self.to_year
        return self.series == series and self.from_year <= year <= last


class _Otherwise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    order: tuple[str, ...]
    source: str
    confidence: str


class _ClassOrders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seasons: tuple[_Season, ...]
    otherwise: _Otherwise


def class_key(car_class: str) -> str:
    """The class name as it is compared: without case, spaces and hyphens (``GTD Pro``)."""
    return "".join(character for character in car_class.casefold() if character.isalnum())


def season_classes(series: str | None, year: int | None) -> tuple[str, ...]:
    """The classes of that season, the fastest first; all known classes where it is unknown."""
    orders = _orders()
    if series is not None and year is not None:
        for season in orders.seasons:
            if season.covers(series.casefold(), year):
                return season.order
    return orders.otherwise.order


def class_order(series: str | None, year: int | None, classes: Iterable[str]) -> list[str]:
    """``classes`` with the fastest first, spelled as they came, without repetition.

    A class that the season does not know stands after the season's own, in the general order;
    one that is wholly unknown comes last, alphabetically.
    """
    known = (*season_classes(series, year), *_orders().otherwise.order)
    rank: dict[str, int] = {}
    for place, name in enumerate(known):
        rank.setdefault(class_key(name), place)
    return sorted(set(classes), key=lambda name: (rank.get(class_key(name), len(known)), name))


@lru_cache(maxsize=1)
def _orders() -> _ClassOrders:
    text = (resources.files("dryline.data") / FILE).read_text(encoding="utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), _ClassOrders)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadRuleBook(str(error), file=FILE, remedy="Reinstall Dryline.") from error
