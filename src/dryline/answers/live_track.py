"""The track, the tyres and the ranges at one moment of a race that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.answers.quantities import WetsAgainstSlicks
from dryline.answers.spells import Against, Contradictions, Spells
from dryline.answers.track import CrossoverAhead
from dryline.answers.tyre_kinds import PKinds
from dryline.domain.fields import (
    AtMs,
    CarNumber,
    PRainBySector,
    PWetBySector,
    Seen,
    Simulated,
    TrendBySector,
    WetnessBySector,
)

SECTORS = (1, 2, 3)


class TyreBelief(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What is believed of a car's tyres now."""

    p_wet: Annotated[float, means("probability that the car is on wets")]
    seen: Seen
    kinds: Annotated[
        PKinds | None,
        means(
            "probability of each kind of tyre by name; left out where the series has slicks and "
            "wets only"
        ),
    ] = None


class StintTyres(Part, frozen=True, kw_only=True):
    """A stint that may have been on wets."""

    car_number: CarNumber
    stop_ms: Annotated[int, means("when the stint began", "ms since the start")]
    p_wet: Annotated[float, means("probability that it was on wets")]


class LiveRange(Part, frozen=True, kw_only=True):
    """How far a car still goes."""

    laps_left: Annotated[float, means("laps before it must stop, the middle")]
    sd: Annotated[float, means("their standard deviation")]
    lap: Annotated[int, means("the laps that it had completed")]


class LiveTrack(Answer, frozen=True, kw_only=True):
    """How wet the track is and where it is going, which tyres are on, how far everybody goes."""

    at_ms: AtMs
    simulated: Simulated
    words: Annotated[str, means("the present state in one sentence")]
    reference: Against
    spells: Spells
    contradictions: Contradictions
    wetness: WetnessBySector
    sd: Annotated[tuple[float, ...], means("their standard deviations")]
    p_wet: PWetBySector
    p_rain: PRainBySector
    trend: TrendBySector
    classes: Annotated[Mapping[str, WetsAgainstSlicks], means("wets against slicks, by class")]
    tyres: Annotated[Mapping[str, TyreBelief], means("by car")]
    stints: Annotated[tuple[StintTyres, ...], means("those with 10 % or more for wets")]
    ranges: Annotated[Mapping[str, LiveRange], means("by car")]
    crossovers_ahead: Annotated[
        tuple[CrossoverAhead, ...] | None,
        means(
            "when the faster tyre changes next, for the classes whose dry lap time is known; "
            "null on a dry track"
        ),
    ]

    def frame(self) -> pl.DataFrame:
        """A row per sector."""
        names = ("wetness", "sd", "p_wet", "p_rain", "trend")
        return pl.DataFrame({"sector": SECTORS} | {name: getattr(self, name) for name in names})

    def heading(self) -> str:
        """The present in words."""
        return self.words
