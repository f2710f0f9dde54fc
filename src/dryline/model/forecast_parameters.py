"""The fitted parameters of the statistical forecast, as shipped with the package.

Coefficients and ratings only; no timing data. Rebuilt by `forecast_learning.learn`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from dryline.domain.errors import BrokenInvariant
from dryline.model.crew.history import NO_HISTORY, CrewHistory
from dryline.model.features import ClassPrior
from dryline.model.ratings import NO_RATINGS, Ratings
from dryline.model.running import Floats

VERSION = 3
RESOURCE = "forecast.json"


class Knot(msgspec.Struct, frozen=True):
    """Weights fitted around one fraction of the race; between knots they are interpolated."""

    fraction: float
    winner: list[float]
    podium: list[float]
    pairs: list[float]


class ForecastParameters(msgspec.Struct, frozen=True):
    """Everything the statistical forecast has learned; ``races`` counts those it learned from.

    ``car_scale`` [34] and ``pair_scale`` [4F] divide the designs. ``retire``: weights of
    `outlook.retire_design`. ``stops_ahead``: weights of `stops_ahead.stops_design`.
    """

    version: int
    races: int
    car_scale: list[float]
    pair_scale: list[float]
    knots: list[Knot]
    retire: list[float]
    stops_ahead: list[float]
    classes: dict[str, tuple[float, float]]
    ratings: Ratings = NO_RATINGS
    crews: CrewHistory = NO_HISTORY

    def class_priors(self) -> dict[str, ClassPrior]:
        """Running on one fill and time in the lane per class."""
        return {k: ClassPrior(r, p) for k, (r, p) in self.classes.items()}

    def at(self, fraction: float) -> tuple[Floats, Floats, Floats]:
        """Weights of winner, podium and pairs at a fraction, divided by their scales."""
        where = np.array([k.fraction for k in self.knots])
        x = float(np.clip(fraction, where[0], where[-1]))
        high = int(np.clip(np.searchsorted(where, x), 1, len(where) - 1)) if len(where) > 1 else 0
        low = max(high - 1, 0)
        span = where[high] - where[low]
        share = (x - where[low]) / span if span > 0 else 0.0
        a, b = self.knots[low], self.knots[high]

        def mix(one: list[float], two: list[float], scale: list[float]) -> Floats:
            weights = (1 - share) * np.array(one) + share * np.array(two)
            return np.asarray(weights / np.array(scale), dtype=float)

        return (
            mix(a.winner, b.winner, self.car_scale),
            mix(a.podium, b.podium, self.car_scale),
            mix(a.pairs, b.pairs, self.pair_scale),
        )


@cache
def shipped() -> ForecastParameters:
    """The parameters in the package."""
    raw = files("dryline.data").joinpath("priors", RESOURCE).read_bytes()
    return decode(raw)


def decode(raw: bytes) -> ForecastParameters:
    """Parameters from their JSON."""
    found = msgspec.json.decode(raw, type=ForecastParameters)
    if found.version != VERSION:
        raise BrokenInvariant(
            f"{RESOURCE} has version {found.version}, this Dryline reads {VERSION}"
        )
    return found


def encode(parameters: ForecastParameters) -> bytes:
    """Their JSON, one top-level entry per line."""
    plain = msgspec.to_builtins(parameters)
    lines = (
        f"{msgspec.json.encode(k).decode()}: {msgspec.json.encode(v).decode()}"
        for k, v in plain.items()
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
