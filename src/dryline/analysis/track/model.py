"""What water does to a car's sector time, and how a track gets wet and dries.

Wetness is carried on a grid of levels: the share of time that a GT car on slicks loses in the
sector for its water (0.10: ten per cent). Every other response is stated against it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dryline.domain.series import car_class as known_class

Floats = npt.NDArray[np.float64]

BIN_MS = 15_000
"""Length of a time bin."""

LEVELS = np.array(
    [0, 0.006, 0.012, 0.018, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.115, 0.13,
     0.15, 0.17, 0.20, 0.23, 0.27, 0.32, 0.40, 0.48, 0.57, 0.67, 0.78]
)  # fmt: skip
"""Loss of a GT car on slicks, as log time, per level."""

STANDING = 0.40
"""From this level on water stands: it does not drain while it rains."""

WET_FROM = 4
"""First level that counts as wet: more than 2.5 % for its water."""

FULL_WETNESS = 0.30
"""The loss on slicks that is called wetness 1."""


@dataclass(frozen=True)
class ClassResponse:
    """How one class answers to water: log time lost, against a GT car on slicks.

    ``slick`` multiplies the level; on wets a car loses ``wet_dry`` on a dry track and
    ``wet_slope`` times the level more.
    """

    slick: float = 0.8
    wet_dry: float = 0.075
    wet_slope: float = 0.22
    noise: float = 0.010


RESPONSES = {
    "prototype": ClassResponse(slick=1.35, wet_dry=0.075, wet_slope=0.25, noise=0.014),
    "LMP2": ClassResponse(slick=1.35, wet_dry=0.085, wet_slope=0.3, noise=0.014),
    "GT": ClassResponse(),
}


def response_of(car_class: str) -> ClassResponse:
    """The prior response of a class, by its kind of car."""
    described = known_class(car_class)
    own = RESPONSES.get(car_class) or RESPONSES.get(described.like or "")
    return own or RESPONSES["prototype" if described.prototype else "GT"]


def kin_of(car_class: str) -> str:
    """The classes whose cars answer to water alike: GT cars together, prototypes by class."""
    described = known_class(car_class)
    return (described.like or car_class) if described.prototype else "GT"


@dataclass(frozen=True)
class TrackModel:
    """Every constant of the rain gauge. Rates are per minute; scales are in log time."""

    rain_begins: float = 1 / 240
    rain_reaches: float = 1 / 6
    rain_ends: float = 1 / 60
    rain_moves: float = 0.12
    rain_wets: float = 0.2
    dries: float = 1 / 18
    wet_noise: float = 0.022
    lean_lap: float = 30.0
    lean_sector: float = 5.0
    spread_slick: float = 0.25
    spread_wet: float = 0.05
    outlier: float = 0.04
    temper: float = 0.45
    wet_tells: float = 0.4
    tyre_temper: float = 0.22
    least_change: float = 0.015
    greatest_change: float = 0.93
    change_scale: float = 0.02
    change_shift: float = 0.0
    routine_stop: float = 0.04
    urgent_stop: float = 0.35
    patience: float = 0.03
    behaviour: float = 1.5
    cold_loss: float = 0.012
    wet_start: float = 0.07
    reference_sd: float = 0.02
    window_bins: int = 40
    responses: dict[str, ClassResponse] = field(default_factory=lambda: dict(RESPONSES))

    def steps(self) -> tuple[Floats, Floats, Floats]:
        """Steps of the level in one bin: without rain, as rain begins, while it rains.

        Each (G, G), rows sum to 1.
        """
        minutes = BIN_MS / 60_000
        g = len(LEVELS)
        dry, onset, rain = np.zeros((g, g)), np.zeros((g, g)), np.zeros((g, g))
        for i, level in enumerate(LEVELS):
            down = 0.0
            if i:
                rate = max(level, 0.04) * self.dries * minutes
                down = min(0.85, rate / (level - LEVELS[i - 1]))
                dry[i, i - 1] = down
            up = 0.004 if i + 1 < g else 0.0
            dry[i, i] = 1 - down - up
            onset[i, i] = rain[i, i] = 1.0
            if i + 1 < g:
                dry[i, i + 1] = up
                jumps = np.exp(-(LEVELS[i + 1 :] - level) / 0.06)
                onset[i] *= 0.3
                onset[i, i + 1 :] = 0.7 * jumps / jumps.sum()
                steps = np.exp(-(LEVELS[i + 1 :] - level) / 0.03)
                rises = self.rain_moves * math.exp(-level / self.rain_wets)
                rain[i] *= 1 - self.rain_moves
                rain[i, i + 1 :] = rises * steps / steps.sum()
                drains_to = i if level >= STANDING else max(i - 1, 0)
                rain[i, drains_to] += self.rain_moves - rises
        return dry, onset, rain

    def rain_chances(self) -> tuple[float, float, float]:
        """Chances per bin that rain begins, reaches the next sector, ends."""
        minutes = BIN_MS / 60_000
        return self.rain_begins * minutes, self.rain_reaches * minutes, self.rain_ends * minutes

    def switching(self) -> Floats:
        """Least and greatest chance of a change at a stop, its scale and shift, (4,)."""
        return np.array(
            [self.least_change, self.greatest_change, self.change_scale, self.change_shift]
        )

    def stop_chance(self, advantage: Floats) -> Floats:
        """Chance that a car stops on a lap, by what the tyres not on it would gain."""
        wrong = 1 / (1 + np.exp(-(advantage - self.patience) / 0.012))
        return self.routine_stop + self.urgent_stop * wrong

    def start_dry(self) -> Floats:
        """State of a sector believed dry, (2G,)."""
        state = np.zeros(2 * len(LEVELS))
        state[:4] = [0.5, 0.3, 0.15, 0.04]
        state[4] = 0.01
        return np.asarray(state / state.sum())

    def start_wet(self) -> Floats:
        """State of a sector believed wet, how wet unknown, (2G,)."""
        g = len(LEVELS)
        state = np.full(2 * g, 1e-4)
        state[6:g] = 0.5
        state[g + 6 :] = 0.5
        return np.asarray(state / state.sum())

    def tables(self, classes: list[str]) -> tuple[Floats, Floats]:
        """Loss on slicks and on wets per class and level, each (K, G)."""
        slick = np.zeros((len(classes), len(LEVELS)))
        wet = np.zeros_like(slick)
        for i, r in enumerate(response_of(c) for c in classes):
            slick[i] = r.slick * LEVELS
            wet[i] = r.wet_dry + r.wet_slope * LEVELS
        return slick, wet

    def noise_of(self, car_class: str, sector_ms: float) -> float:
        """Scale of a clean dry sector time, in log time."""
        return response_of(car_class).noise * 0.8 + 120.0 / max(sector_ms, 1000.0)
