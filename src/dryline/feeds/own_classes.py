"""Classes of a user's own, within or across the official ones, from a small file (TOML).

One table for each class::

    ["LMP2 Pro-Am"]
    within = "LMP2"                 # optional: only cars that the timing has in this class
    cars = ["20", "22", "83"]       # car numbers, as text
    groups = ["Pro-Am"]             # or what the timing's column GROUP holds

Cars that no table names keep the class that the timing gives them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from dryline.domain.car_class import class_key
from dryline.domain.choice import offered
from dryline.domain.errors import InputError
from dryline.domain.legible import legible_tree

_KEYS = ("within", "cars", "groups")


@dataclass(frozen=True)
class OwnClass:
    """One class of the user's own: which cars are in it."""

    name: str
    within: str | None = None
    cars: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def has(self) -> pl.Expr:
        """Whether a crossing is by a car of this class."""
        named = pl.col("car_number").is_in(self.cars)
        grouped = pl.col("group").str.to_lowercase().is_in([name.lower() for name in self.groups])
        whole = self.within is not None and not self.cars and not self.groups
        found = pl.lit(value=True) if whole else named | grouped.fill_null(value=False)
        if self.within is None:
            return found
        keys = pl.col("car_class").map_elements(class_key, return_dtype=pl.String)
        return found & (keys == class_key(self.within))


def read_own_classes(data: bytes, name: str) -> tuple[OwnClass, ...]:
    """The classes in the file, which ``name`` names in errors.

    Raises:
        InputError: no TOML, no class, an unknown key, or a value of the wrong kind.
    """
    try:
        tree = legible_tree(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"this is no TOML: {error}"[:200], file=name, remedy='Write ["Pro-Am"] and its cars.'
        ) from error
    except RecursionError as error:
        raise InputError("nested too deeply", file=name, remedy="Use plain tables.") from error
    if not tree:
        raise InputError("it names no class", file=name, remedy='Write ["Pro-Am"] and its cars.')
    return tuple(_own_class(title, table, name) for title, table in tree.items())


def _own_class(title: str, table: Any, file: str) -> OwnClass:
    if not isinstance(table, Mapping):
        raise InputError(
            f"{title} is no table",
            file=file,
            remedy=f'Write ["{title}"], and cars = ["7"] below it.',
        )
    for key in table:
        if key not in _KEYS:
            raise InputError(
                f"class {title}: {key[:40]!r} is not known",
                file=file,
                remedy=offered(key, list(_KEYS), "Keys"),
            )
    within = table.get("within")
    cars, groups = (_texts(table.get(key, []), f"{title}: {key}", file) for key in _KEYS[1:])
    if within is not None and not isinstance(within, str):
        raise InputError(f"class {title}: within is no text", file=file)
    if not (cars or groups or within):
        raise InputError(
            f"class {title} has no car", file=file, remedy='Give cars = ["7", "8"] or groups.'
        )
    return OwnClass(title, within, cars, groups)


def _texts(values: Any, what: str, file: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(
            f"class {what} is no list of texts", file=file, remedy='Write it as ["7", "007"].'
        )
    return tuple(values)


def with_own_classes(
    crossings: pl.DataFrame, classes: tuple[OwnClass, ...], name: str, *, whole: bool
) -> pl.DataFrame:
    """Crossings whose cars are in the classes of their user's own.

    Of a ``whole`` race every car and class that the file names must be in it.

    Raises:
        InputError: for one that is not, or a car that two classes claim.
    """
    seen = crossings["car_number"].unique(maintain_order=True).to_list()
    official = {class_key(each) for each in crossings["car_class"].drop_nulls().unique().to_list()}
    renamed = pl.col("car_class")
    owner: dict[str, str] = {}
    for each in classes:
        if whole:
            for car in each.cars:
                if car not in seen:
                    remedy = offered(car, seen, "Cars")
                    raise InputError(
                        f"class {each.name}: no car {car[:40]!r}", file=name, remedy=remedy
                    )
            if each.within is not None and class_key(each.within) not in official:
                there = crossings["car_class"].drop_nulls().unique(maintain_order=True).to_list()
                raise InputError(
                    f"class {each.name}: within no class that there is",
                    file=name,
                    remedy=offered(each.within, there, "Classes"),
                )
        for car in crossings.filter(each.has())["car_number"].unique().to_list():
            if car in owner:
                raise InputError(
                    f"car {car} is in two classes, {owner[car]} and {each.name}",
                    file=name,
                    remedy="Leave it in one.",
                )
            owner[car] = each.name
        renamed = pl.when(each.has()).then(pl.lit(each.name)).otherwise(renamed)
    return crossings.with_columns(car_class=renamed)
