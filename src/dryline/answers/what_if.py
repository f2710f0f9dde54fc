"""What one change does to the rest of the race."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from dryline.answers.answer import Answer, means
from dryline.domain.fields import AtMs, Futures, Seed
from dryline.strategy.changes import Change
from dryline.strategy.what_if import CarChange, Changed, Found


class WhatIf(Answer, frozen=True, kw_only=True):
    """Our car first, then whom the change is about, then the top of our class."""

    question: Annotated[Change, means("the change that was asked about")]
    car_number: Annotated[str, means("the car that asks")]
    at_ms: AtMs
    simulated: Annotated[bool, means("always: both races are driven by the simulator")]
    replicates: Futures
    seed: Seed
    note: Annotated[str, means("the pit lane of each class, under a neutralisation")]
    cars: Annotated[tuple[CarChange, ...], means("what it does to whom")]

    @classmethod
    def of(cls, found: Found, question: Change, car_number: str) -> WhatIf:
        """From the strategy's."""
        return cls(
            question=question,
            car_number=car_number,
            at_ms=found.at_ms,
            simulated=True,
            replicates=found.replicates,
            seed=found.seed,
            note=found.note,
            cars=found.cars,
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
