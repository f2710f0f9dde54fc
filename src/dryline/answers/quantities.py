"""The quantities that occur in many answers: each has one shape, everywhere."""

from __future__ import annotations

from typing import Annotated

from dryline.answers.answer import Part, means


class Quantiles(Part, frozen=True, kw_only=True):
    """A distribution of whole numbers by three of its quantiles; the unit is the field's own."""

    p10: Annotated[int, means("one in ten lies below")]
    p50: Annotated[int, means("the middle: as often below as above")]
    p90: Annotated[int, means("one in ten lies above")]

    @classmethod
    def of(cls, values: tuple[int, int, int]) -> Quantiles:
        """From the three in order."""
        low, middle, high = values
        return cls(p10=low, p50=middle, p90=high)


class Neighbour(Part, frozen=True, kw_only=True):
    """Who may be next on the road."""

    car_number: Annotated[str | None, means("the car; null: nobody")]
    p: Annotated[float, means("probability that it is this one")]
