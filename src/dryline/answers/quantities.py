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


class RealQuantiles(Part, frozen=True, kw_only=True):
    """The same of a quantity whose quantiles need not be whole."""

    p10: Annotated[float, means("one in ten lies below")]
    p50: Annotated[float, means("the middle: as often below as above")]
    p90: Annotated[float, means("one in ten lies above")]


class Difference(Part, frozen=True, kw_only=True):
    """How far two things differ on the same luck; the unit is the field's own or beside it."""

    value: Annotated[float | None, means("the difference; null: there is none")]
    se: Annotated[float | None, means("its standard error: what more futures would change")]

    @property
    def known(self) -> tuple[float, float] | None:
        """Value and standard error, where there is a difference."""
        return None if self.value is None or self.se is None else (self.value, self.se)


class Worth(Difference, frozen=True, kw_only=True):
    """A difference of what is maximised."""

    unit: Annotated[str, means("of the value: class places, points, s or a probability")]


class OpenQuantiles(Part, frozen=True, kw_only=True):
    """Quantiles of something that may lie beyond what was looked at; the unit is the field's."""

    p10: Annotated[int | None, means("one in ten lies below; null: beyond what was looked at")]
    p50: Annotated[int | None, means("the middle; null: beyond what was looked at")]
    p90: Annotated[int | None, means("one in ten lies above; null: beyond what was looked at")]

    @classmethod
    def of(cls, low: int | None, middle: int | None, high: int | None) -> OpenQuantiles:
        """From the three in order."""
        return cls(p10=low, p50=middle, p90=high)


class WetsAgainstSlicks(Part, frozen=True, kw_only=True):
    """Wets against slicks for a class."""

    wet_minus_slick_ms: Annotated[
        int, means("a lap on wets less one on slicks: negative means that wets are faster", "ms")
    ]
    sd_ms: Annotated[int, means("its standard deviation", "ms")]
    p_wet_faster: Annotated[float, means("probability that wets are the faster tyre")]
