"""Run a forecast under the weather that may come: from the rain gauge's state, and from history.

Where the track is wet, or may be, blocks of replicates share a future drawn from the gauge (how wet
each sector is, who is on which tyre, how classes answer to water); how long its rain goes on, and
when it comes back, is drawn from what races have shown. A dry track gets the chance of rain that
races had, replicate by replicate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.track.model import TrackModel
from dryline.analysis.track.reading import TrackEstimate
from dryline.kernels import race_columns as col
from dryline.model.race_params import FittedRace
from dryline.model.rain_facts import P_WET, onsets_per_hour, rain_counts, rain_facts
from dryline.model.statistical import TrackOutlook
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import RaceParams, Rain, SimState
from dryline.sim.simulate import simulate
from dryline.strategy.futures import (
    DRIES_PER_MIN,
    RAIN_GAIN,
    WET_BLOCK,
    Futures,
    is_wet,
    responses,
)

Floats = NDArray[np.float64]
MINUTE_MS = 60_000.0
LIGHT = 0.5
"""Intensity of a light rain; half of the rains that come are light."""
LONGEST_MIN = 600.0


@dataclass(frozen=True)
class Weather:
    """What is believed of the track at the instant, and how often it rains (``[rain]``)."""

    track: TrackEstimate
    prior: Mapping[str, float]

    @property
    def has_been_wet(self) -> bool:
        """Whether there has been water on the track in this race."""
        return bool(rain_facts(self.track, float(self.track.last.at_ms)).spells)

    @property
    def is_wet(self) -> bool:
        """Whether water or rain is likely enough to be simulated from the gauge's state."""
        return is_wet(self.track.last)

    def rained_min(self) -> float:
        """For how many minutes it has been raining without a break; 0 where it does not rain."""
        samples = self.track.samples
        dry = samples.filter(samples["p_rain"] <= P_WET)["at_ms"]
        since = int(dry[-1]) if len(dry) else 0
        return (self.track.last.at_ms - since) / MINUTE_MS


class Weathers:
    """The inputs of each replicate: its weather put into the race's parameters and state.

    ``block`` replicates share theirs; with a dry track all do, and each draws its own rain.
    """

    def __init__(
        self, fit: FittedRace, params: RaceParams, state: SimState, weather: Weather, seed: int
    ) -> None:
        self.params, self.state, self.weather = params, state, weather
        self.track, self.seed = weather.track.last.as_seen(), seed
        self.p_wets = self.track.tyres.get(fit.cars[0], (0.0, False))[0]
        self.futures = Futures(
            params, state, fit.classes, fit.cars, 0, self.track, self.p_wets > P_WET, seed
        )
        self.block = WET_BLOCK if weather.is_wet else 0
        self.rain = _Rain(weather, params.length_ms)
        self.dry = replace(
            params,
            cls=responses(params.cls, fit.classes, self.track, 0.0),
            rain=_chance_of_rain(weather.prior, weather.has_been_wet),
        )

    def of(self, number: int) -> tuple[RaceParams, SimState]:
        """Parameters and state of a block, by its number."""
        if not self.block:
            return self.dry, self.state
        future = self.futures.block(number)
        rng = np.random.Generator(np.random.Philox(key=[self.seed & (2**63 - 1), 2**32 + number]))
        cars = future.state.cars.copy()
        cars[0, col.STATE_TYRE] = float(rng.random() < self.p_wets)
        raining = future.params.rain.given[int(self.track.at_ms / MINUTE_MS)]
        rain = replace(future.params.rain, given=self.rain(raining, rng))
        return replace(future.params, rain=rain), replace(future.state, cars=cars)

    def of_replicate(self, replicate: int) -> tuple[RaceParams, SimState]:
        """Parameters and state of one replicate."""
        return self.of(replicate // self.block if self.block else 0)


def simulate_weather(
    weathers: Weathers,
    *,
    replicates: int,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Outcomes:
    """The rest of the race under its weather, ``replicates`` times.

    The same bits for any ``threads``; the first N replicates are the same however many follow.
    """
    seed, size = weathers.seed, weathers.block
    if not size:
        params, state = weathers.of(0)
        return simulate(
            params, state, seed=seed, replicates=replicates, threads=threads, progress=progress
        )

    def block(number: int) -> Outcomes:
        params, state = weathers.of(number)
        many = min(replicates - number * size, size)
        out = simulate(params, state, seed=seed, first=number * size, replicates=many)
        if progress is not None:
            progress(many)
        return out

    numbers = range(-(-replicates // size))
    if threads <= 1:
        return Outcomes.joined([block(number) for number in numbers])
    with ThreadPoolExecutor(threads) as pool:
        return Outcomes.joined(list(pool.map(block, numbers)))


def track_outlook(weather: Weather, length_ms: float) -> TrackOutlook:
    """What the forecast says of the track."""
    now = weather.track.last
    hours = max(0.0, length_ms - now.at_ms) / 3.6e6
    shape, seen = rain_counts(weather.prior, weather.has_been_wet)
    return TrackOutlook(
        p_wet=tuple(map(float, now.p_wet)),
        p_rain=tuple(map(float, now.p_rain)),
        p_rain_later=float(1.0 - (seen / (seen + hours)) ** shape),
        wet=weather.is_wet,
    )


def _chance_of_rain(prior: Mapping[str, float], has_been_wet: bool) -> Rain:
    """The simulator's rain for a dry track."""
    rate = onsets_per_hour(prior, has_been_wet)
    usual = float(np.exp(prior["rain_mu"] + 0.5 * prior["rain_sd"] ** 2))
    rates = np.zeros((3, 3))
    rates[0, 1] = rates[0, 2] = 0.5 * rate
    rates[1, 0] = rates[2, 0] = 60.0 / usual
    return Rain(
        gain_per_min=RAIN_GAIN, dry_per_min=DRIES_PER_MIN, rates=rates,
        intensity=np.array([0.0, LIGHT, 1.0]),
    )  # fmt: skip


class _Rain:
    """Draws rain by minute and sector from an instant to the end."""

    def __init__(self, weather: Weather, length_ms: float) -> None:
        self.prior, self.reaches = weather.prior, TrackModel().rain_reaches
        self.begin = int(weather.track.last.at_ms / MINUTE_MS)
        self.minutes = max(self.begin + 1, int(length_ms / MINUTE_MS) + 40)
        self.rained = weather.rained_min()

    def __call__(self, raining: Floats, rng: np.random.Generator) -> Floats:
        """Intensity (M, 3): rain ends everywhere at once, begins in one sector and spreads."""
        shape, hours = rain_counts(self.prior, has_been_wet=True)
        rate = float(rng.gamma(shape)) / hours / 60.0
        out, now = np.zeros((self.minutes, 3)), raining.copy()
        left = self._length(rng, self.rained) if now.any() else 0.0
        luck = rng.random((self.minutes - self.begin, 4))
        for m, u in enumerate(luck, self.begin):
            out[m] = now
            if now.any():
                left -= 1.0
                now = np.where((now > 0.0) | (u[:3] < self.reaches), float(left > 0.0), 0.0)
            elif u[3] < rate:
                now[int(3.0 * u[0])] = 1.0
                left = self._length(rng, 0.0)
        return out

    def _length(self, rng: np.random.Generator, so_far: float) -> float:
        """Minutes of rain still to come, given that it has rained for ``so_far``."""
        drawn = np.exp(self.prior["rain_mu"] + self.prior["rain_sd"] * rng.normal(size=64))
        longer = drawn[drawn > so_far]
        return float(min(longer[0] - so_far if len(longer) else 30.0, LONGEST_MIN))
