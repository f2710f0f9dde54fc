"""A class of cars: how it is shown, what kind of car it is, whose measurements it borrows."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

Colour = Literal["first", "second", "third", "gt", "pro"]
Family = Literal["top", "lmp2", "lmp3", "gt_pro", "gt_am"]


class CarClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is asked of a class, wherever it races.

    ``short`` stands where the name is too long, ``colour`` is a place in the palette. ``family``
    is the kind of class that priors are pooled by. ``like`` names the class whose measurements
    it borrows where it has none.
    """

    short: str = ""
    colour: Colour | None = None
    family: Family = "gt_am"
    prototype: bool = False
    like: str | None = None


NEVER_SEEN = CarClass()


@lru_cache(maxsize=4096)
def class_key(car_class: str) -> str:
    """The class name as it is compared: without case, spaces and hyphens (``GTD Pro``)."""
    return "".join(character for character in car_class.casefold() if character.isalnum())
