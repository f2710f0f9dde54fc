"""The futures against which calls are compared: track, rain and everybody's tyres, drawn once.

A future holds what one block of replicates shares: how wet each sector is now, where and for how
long it rains, how the classes answer to water, and who is on which tyre. All of it comes from the
rain gauge's own distribution at the instant, never from later laps. Every candidate runs on the
same futures and the same seeds, so that a difference between two calls is the calls' own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.track.crossover import COLD_SLICKS, RESPONSE_SD
from dryline.analysis.track.model import (
    LEVELS,
    STANDING,
    WET_FROM,
    TrackModel,
    kin_of,
    response_of,
)
from dryline.analysis.track.state import TrackState
from dryline.kernels import race_columns as col
from dryline.sim.params import FieldPlans, RaceParams, SimState

Floats = NDArray[np.float64]
FULL = STANDING
"""The simulator's wetness 1, as the rain gauge's level."""
WET_BLOCK, DRY_BLOCK = 8, 64
"""Replicates that share one future: few where the track's state is in doubt."""
DAMP_P, RAIN_P = 0.1, 0.15
"""A track counts as dry below these probabilities of water and of rain."""
DRIES_PER_MIN = 1.0 / 18.0
RAIN_GAIN = 0.05
"""Wetness per minute of usual rain: the median of 35 rains in sectors of five other races, smoothed
by the gauge (docs/advice.md)."""
RAIN_LOG_SD = 0.5
"""How those rains differ in intensity."""
CREW_THRESHOLDS = {
    col.CLASS_TO_WET: 0.02,
    col.CLASS_TO_WET_SD: 0.02,
    col.CLASS_TO_SLICK: 0.006,
    col.CLASS_TO_SLICK_SD: 0.01,
    col.CLASS_DELAY: 2.0,
}
"""When crews change tyres, as a share of the lap to be gained, and after how many laps: assumed."""


@dataclass(frozen=True)
class Future:
    """One block of replicates: its inputs, and what is true in it.

    ``contrast_ms`` is wets minus slicks for the car's class at the start, ``rain_min`` for how many
    minutes from then on it rains anywhere, 0 where it does not rain at the start.
    """

    params: RaceParams
    state: SimState
    contrast_ms: float
    rain_min: float


@dataclass(frozen=True)
class Futures:
    """A race's futures by block number, the same for the same seed.

    ``track`` is None where the rain gauge has nothing to say; ``on_wets`` is what the car that
    asks is on: its team knows, as it does of its ``sisters`` (by index). ``plans`` are stops of
    other cars that the team announced. ``rain_in`` lets rain begin now in a sector (0, 1, 2).
    ``replicates`` share a block.
    """

    params: RaceParams
    state: SimState
    classes: tuple[str, ...]
    cars: tuple[str, ...]
    car: int
    track: TrackState | None
    on_wets: bool
    seed: int
    plans: FieldPlans | None = None
    sisters: Mapping[int, bool] = field(default_factory=dict)
    rain_in: int | None = None

    @property
    def wet(self) -> bool:
        """Whether water or rain is likely enough to matter."""
        return self.track is not None and (self.rain_in is not None or is_wet(self.track))

    @property
    def replicates(self) -> int:
        """Replicates in a block."""
        return WET_BLOCK if self.wet else DRY_BLOCK

    def block(self, number: int) -> Future:
        """The future of a block."""
        track = self.track
        if track is None or not self.wet:
            return Future(self.params, self.state, 0.0, 0.0)
        rng = np.random.Generator(np.random.Philox(key=[self.seed & (2**63 - 1), number]))
        level, raining = _drawn(track, rng)
        if self.rain_in is not None:
            raining[self.rain_in] = 1.0
        doubt = float(rng.normal(0.0, RESPONSE_SD))
        rains = _rain(self.params.length_ms, track.at_ms, raining, TrackModel(), rng)
        rain = replace(
            self.params.rain,
            gain_per_min=RAIN_GAIN * float(np.exp(RAIN_LOG_SD * rng.normal())),
            dry_per_min=DRIES_PER_MIN,
            given=rains,
        )
        cls = responses(self.params.cls, self.classes, track, doubt)
        cars = self.state.cars.copy()
        cars[:, col.STATE_TYRE] = _tyres(self.cars, track.tyres, rng)
        for car, on_wets in {**self.sisters, self.car: self.on_wets}.items():
            cars[car, col.STATE_TYRE] = float(on_wets)
        wetness = np.zeros((1, 4))
        wetness[0, :3] = np.minimum(1.0, LEVELS[level] / FULL)
        k = int(self.params.car[self.car, col.CAR_CLASS])
        return Future(
            replace(self.params, cls=cls, rain=rain),
            replace(self.state, cars=cars, particles=wetness),
            _contrast_ms(cls[k], wetness[0, :3], track.share),
            _minutes_of_rain(rains, track.at_ms),
        )


def is_wet(track: TrackState) -> bool:
    """Whether water or rain is likely enough to matter for a call."""
    return bool(track.as_seen().p_wet.max() > DAMP_P or track.p_rain.max() > RAIN_P)


def _drawn(track: TrackState, rng: np.random.Generator) -> tuple[NDArray[np.int64], Floats]:
    """Each sector's level and whether it rains there, drawn from the filter's masses."""
    g = len(LEVELS)
    level, raining = np.zeros(3, np.int64), np.zeros(3)
    for k in range(3):
        joint = np.concatenate([track.masses[k] - track.rain_masses[k], track.rain_masses[k]])
        joint = np.maximum(joint, 0.0)
        at = int(np.searchsorted(np.cumsum(joint / joint.sum()), rng.random()))
        at = min(at, 2 * g - 1)
        level[k], raining[k] = at % g, float(at >= g)
    return level, raining


def _rain(
    length_ms: float, at_ms: float, raining: Floats, model: TrackModel, rng: np.random.Generator
) -> Floats:
    """Rain by minute and sector (M, 3): it ends, comes back and spreads at the gauge's rates."""
    begin = int(at_ms / 60_000)
    minutes = max(begin + 1, int(length_ms / 60_000) + 40)
    out = np.zeros((minutes, 3))
    now = raining.copy()
    luck = rng.random((minutes - begin, 3))
    for m in range(begin, minutes):
        out[m] = now
        reaches = model.rain_begins + (model.rain_reaches if now.any() else 0.0)
        u = luck[m - begin]
        now = np.where(now > 0.0, u >= model.rain_ends, u < reaches).astype(np.float64)
    return out


def _minutes_of_rain(rains: Floats, at_ms: float) -> float:
    """Minutes from now until it rains nowhere."""
    to_come = rains[int(at_ms / 60_000) :]
    dry = np.flatnonzero(to_come.sum(axis=1) == 0.0)
    return float(dry[0]) if len(dry) else float(len(to_come))


def _tyres(
    cars: Sequence[str], believed: Mapping[str, tuple[float, bool]], rng: np.random.Generator
) -> Floats:
    luck = rng.random(len(cars))
    chance = np.array([believed.get(number, (0.0, False))[0] for number in cars])
    return (luck < chance).astype(np.float64)


def responses(cls: Floats, classes: Sequence[str], track: TrackState, doubt: float) -> Floats:
    """The classes' rows (K, CLASS_*) with their answer to water.

    ``doubt`` shifts wets against slicks, as a share of the lap: no crew knows it before a car of
    the class's kin has driven a flying lap on the other kind.
    """
    out = cls.copy()
    kin = [kin_of(name) for name in classes]
    for k, name in enumerate(classes):
        slick, dry, wet = wet_curve(name, track)
        out[k, col.CLASS_SLICK_GAIN], out[k, col.CLASS_SLICK_POWER] = slick, 1.0
        out[k, col.CLASS_WET_DRY], out[k, col.CLASS_WET_WET] = dry, wet
        out[k, col.CLASS_WET_DOUBT], out[k, col.CLASS_KIN] = doubt, kin.index(kin[k])
        for column, value in CREW_THRESHOLDS.items():
            out[k, column] = value
        out[k, col.CLASS_SHARE_1], out[k, col.CLASS_SHARE_2] = track.share[0], track.share[1]
    return out


def wet_curve(car_class: str, track: TrackState) -> tuple[float, float, float]:
    """The simulator's form of a class's response: slick gain, wets on a dry and a wet track.

    Fitted by least squares so that wets minus slicks follows the rain gauge's own contrast.
    """
    gain = response_of(car_class).slick
    if car_class in track.classes:
        contrast = track.contrast[track.classes.index(car_class)]
    else:
        response = response_of(car_class)
        contrast = response.wet_dry + (response.wet_slope - response.slick) * LEVELS
    loss = gain * LEVELS + contrast - COLD_SLICKS * (np.arange(len(LEVELS)) >= WET_FROM)
    w = LEVELS / FULL
    rows = w <= 1.0
    design = np.column_stack([(1.0 - w) ** 2, w])
    found = np.linalg.lstsq(design[rows], loss[rows], rcond=None)[0]
    return gain * FULL, float(found[0]), float(found[1])


def _contrast_ms(row: Floats, wetness: Floats, share: Floats) -> float:
    slick = row[col.CLASS_SLICK_GAIN] * wetness
    on_dry, on_wet = row[[col.CLASS_WET_DRY, col.CLASS_WET_WET]] + row[col.CLASS_WET_DOUBT]
    wet = on_dry * (1.0 - wetness) ** 2 + on_wet * wetness
    return float(row[col.CLASS_BASE_MS] * (share @ (wet - slick)))
