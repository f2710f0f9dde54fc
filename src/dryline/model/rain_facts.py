"""How often it rains in races, and for how long: counted by the rain gauge, pooled, with its doubt.

A spell is a stretch of wet track (two sectors at once likelier wet than not). A race that has
been dry so far and one that has been wet are counted apart: rain comes back far sooner than it
comes. Few races are wet, so the counts are kept, and whoever draws from them draws the rates too.

These spells are no list for people (``analysis.track.spells``): a forecast needs rain in the
measure in which the simulator makes it, wet in two sectors for three minutes, or its rates would
count every damp corner as an onset. Whoever asks whether it has been wet asks in that measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.track.reading import TrackEstimate

Floats = NDArray[np.float64]
Spell = tuple[float, float, float]
"""A wet stretch in ms: its start, its end, and how much of it rain fell."""
P_WET, SECTORS = 0.5, 2
JOINED_MS, SHORTEST_MS = 600_000.0, 180_000.0
"""Stretches nearer than this are one; a shorter one is no spell."""
WET_START_MS = 1_200_000.0
"""A spell that begins earlier was there at the start: no onset."""
HALF = 0.5
"""Counts begin at a half (Jeffreys), so that what was never seen is not impossible."""


@dataclass(frozen=True)
class RainFacts:
    """One race: its spells, and how long it lasted, ms."""

    spells: tuple[Spell, ...]
    length_ms: float

    @property
    def dry_hours(self) -> float:
        """Hours before any water."""
        first = self.spells[0][0] if self.spells else self.length_ms
        return 0.0 if self.started_wet else first / 3.6e6

    @property
    def started_wet(self) -> bool:
        """Whether it was wet at the start."""
        return bool(self.spells) and self.spells[0][0] < WET_START_MS

    @property
    def between_hours(self) -> float:
        """Hours of dry track after the first water."""
        if not self.spells:
            return 0.0
        wet = sum(end - start for start, end, _ in self.spells)
        return max(0.0, self.length_ms - self.spells[0][0] - wet) / 3.6e6


def rain_facts(track: TrackEstimate, length_ms: float) -> RainFacts:
    """Count a race's spells from what the rain gauge said as it went."""
    samples = track.samples
    at = samples["at_ms"].cast(pl.Float64).to_numpy()
    wet = (samples.select("p_wet1", "p_wet2", "p_wet3").to_numpy() > P_WET).sum(axis=1) >= SECTORS
    raining = samples["p_rain"].to_numpy() > P_WET
    step = float(np.median(np.diff(at))) if len(at) > 1 else 0.0
    edges: list[list[float]] = []
    for t in at[wet & (at <= length_ms)].tolist():
        if edges and t - edges[-1][1] <= JOINED_MS:
            edges[-1][1] = t
        else:
            edges.append([t, t])
    spells = tuple(
        (a, b, step * float(raining[(at >= a) & (at <= b)].sum()))
        for a, b in edges
        if b - a >= SHORTEST_MS
    )
    return RainFacts(spells, length_ms)


def learn_rain(races: Iterable[RainFacts]) -> dict[str, float]:
    """Pool races: onsets and returns with the dry hours they came in, and the law of rain's length.

    ``rain_mu`` and ``rain_sd`` are of the log of minutes of rain in a spell.
    """
    known = list(races)
    rains = [max(1.0, ms / 60000.0) for race in known for *_, ms in race.spells]
    logs = np.log(rains) if len(rains) >= 3 else np.log([15.0, 45.0, 135.0])
    first = sum(1 for race in known if race.spells and not race.started_wet)
    spells = sum(len(race.spells) for race in known)
    wet_starts = sum(1 for race in known if race.started_wet)
    return {
        "onsets": float(first),
        "dry_hours": sum(race.dry_hours for race in known),
        "returns": float(spells - first - wet_starts),
        "between_hours": sum(race.between_hours for race in known),
        "rain_mu": float(np.mean(logs)),
        "rain_sd": max(0.3, float(np.std(logs))),
    }


def onsets_per_hour(prior: Mapping[str, float], has_been_wet: bool) -> float:
    """How often rain comes per dry hour: the mean of what the counts leave possible."""
    n, hours = rain_counts(prior, has_been_wet)
    return n / hours


def rain_counts(prior: Mapping[str, float], has_been_wet: bool) -> tuple[float, float]:
    """Shape and hours of the rate of onsets, which is gamma distributed."""
    if has_been_wet:
        return prior["returns"] + HALF, max(1.0, prior["between_hours"])
    return prior["onsets"] + HALF, max(1.0, prior["dry_hours"])
