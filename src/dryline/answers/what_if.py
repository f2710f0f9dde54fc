"""What one change does to the rest of the race."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.strategy import what_if
from dryline.strategy.changes import Change


class Changed(Part, frozen=True, kw_only=True, rename={"with_it": "with"}):
    """A quantity without and with the change, on the same luck."""

    without: Annotated[float, means("without the change")]
    with_it: Annotated[float, means("with it")]
    change: Annotated[float, means("the difference, paired future by future")]
    se: Annotated[float, means("its standard error: what more futures would change")]

    @classmethod
    def of(cls, each: what_if.Changed) -> Changed:
        """From the strategy's."""
        return cls(
            without=round(each.without, 4),
            with_it=round(each.with_it, 4),
            change=round(each.by.value, 4),
            se=round(each.by.se, 4),
        )


class CarChange(Part, frozen=True, kw_only=True):
    """What the change does to a car."""

    car_number: Annotated[str, means("the car's number, as text: 007 is not 7")]
    car_class: Annotated[str, means("the class as the feed calls it")]
    p_win_class: Annotated[Changed, means("probability of winning its class")]
    place: Annotated[Changed, means("place in class")]
    gap_s: Annotated[
        Changed, means("to the best rival of its class at the flag; negative is ahead", "s")
    ]


class WhatIf(Answer, frozen=True, kw_only=True):
    """Our car first, then whom the change is about, then the top of our class."""

    question: Annotated[Change, means("the change that was asked about")]
    car_number: Annotated[str, means("the car that asks")]
    at_ms: Annotated[int, means("the instant", "ms since the start")]
    simulated: Annotated[bool, means("always: both races are driven by the simulator")]
    replicates: Annotated[int, means("how many futures were drawn")]
    seed: Annotated[int, means("seed of the random numbers")]
    note: Annotated[str, means("the pit lane of each class, under a neutralisation")]
    cars: Annotated[tuple[CarChange, ...], means("what it does to whom")]

    @classmethod
    def of(cls, found: what_if.Found, question: Change, car_number: str) -> WhatIf:
        """From the strategy's."""
        return cls(
            question=question,
            car_number=car_number,
            at_ms=found.at_ms,
            simulated=True,
            replicates=found.replicates,
            seed=found.seed,
            note=found.note,
            cars=tuple(
                CarChange(
                    car_number=each.car_number,
                    car_class=each.car_class,
                    p_win_class=Changed.of(each.win),
                    place=Changed.of(each.place),
                    gap_s=Changed.of(each.gap_s),
                )
                for each in found.cars
            ),
        )

    def frame(self) -> pl.DataFrame:
        """A row per car: each quantity without the change, and what it changes."""
        return pl.DataFrame(
            [
                {"car_number": each.car_number, "car_class": each.car_class}
                | {
                    name: value
                    for what in ("p_win_class", "place", "gap_s")
                    for name, value in _columns(what, getattr(each, what))
                }
                for each in self.cars
            ]
        )

    def heading(self) -> str:
        """The change that was asked about."""
        return f"#{self.car_number}: {msgspec.json.encode(self.question).decode()}"


def _columns(name: str, changed: Changed) -> tuple[tuple[str, float], ...]:
    return (
        (name, changed.without),
        (f"{name}_change", changed.change),
        (f"{name}_change_se", changed.se),
    )
