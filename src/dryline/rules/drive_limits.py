"""The limits on time at the wheel that hold for a driver: by class, rating and race length."""

from __future__ import annotations

import msgspec

from dryline.domain.car_class import class_key
from dryline.domain.entry import Entry, Rating
from dryline.domain.errors import BadRuleBook
from dryline.rules.book import RuleBook
from dryline.rules.schema import DriveTime, Stated
from dryline.rules.scoring import name_key

HOUR_MS = 3_600_000


class DriverLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a driver; ``None``: no such limit is known. In minutes and hours."""

    minimum_min: Stated[float] | None = None
    maximum_min: Stated[float] | None = None
    window_h: Stated[float] | None = None
    window_max_min: Stated[float] | None = None
    continuous_max_min: Stated[float] | None = None
    rest_min: Stated[float] | None = None
    needs_rating: bool = False  # a limit may hold, but depends on a rating nobody stated


def driver_limits(
    rulebook: RuleBook, car_class: str, rating: Rating | None, length_ms: int | None
) -> DriverLimits:
    """The limits of the rule book for a driver of that class and rating in such a race."""
    limits = DriverLimits()
    for each in rulebook.text.drive_time.limits:
        if not _covers(each, car_class, length_ms):
            continue
        if each.ratings and rating is None:
            limits = msgspec.structs.replace(limits, needs_rating=True)
        elif not each.ratings or (rating is not None and rating.value in each.ratings):
            limits = _narrowed(limits, each)
    return limits


def driver_rating(rulebook: RuleBook, entry: Entry | None, driver: str) -> Rating | None:
    """The rating of a driver: the rule file's word, else the entry list's.

    Raises:
        BadRuleBook: where the rule file states a rating that does not exist.
    """
    wanted = name_key(driver)
    for name, stated in rulebook.text.drive_time.ratings.items():
        if name_key(name) == wanted:
            try:
                return Rating(stated.value.casefold())
            except ValueError as error:
                raise BadRuleBook(
                    f"drive_time.ratings: {stated.value!r} is not a rating",
                    file=stated.source,
                    remedy="Write platinum, gold, silver or bronze.",
                ) from error
    crew = () if entry is None else entry.drivers
    return next((each.rating for each in crew if name_key(each.name) == wanted), None)


def limit_ms(stated: Stated[float] | None) -> int | None:
    """A limit in minutes as whole milliseconds."""
    return None if stated is None else round(stated.value * 60_000)


def _covers(limit: DriveTime, car_class: str, length_ms: int | None) -> bool:
    if length_ms is None:
        return False
    ours = class_key(car_class) in {class_key(name) for name in limit.classes}
    return ours and limit.from_h <= length_ms / HOUR_MS <= limit.to_h


def _narrowed(limits: DriverLimits, found: DriveTime) -> DriverLimits:
    if found.window_h is not None:
        return msgspec.structs.replace(
            limits, window_h=found.window_h, window_max_min=found.maximum_min
        )
    return msgspec.structs.replace(
        limits,
        minimum_min=found.minimum_min or limits.minimum_min,
        maximum_min=found.maximum_min or limits.maximum_min,
        continuous_max_min=found.continuous_max_min or limits.continuous_max_min,
        rest_min=found.rest_min or limits.rest_min,
    )
