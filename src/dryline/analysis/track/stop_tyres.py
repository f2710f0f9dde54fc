"""The tyres that cars came in on and went out on, stop by stop."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from dryline.analysis.track.doubt import NONE, Reference
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import crossings_of
from dryline.analysis.track.reading import STEP_MS, TrackEstimate, take_until, tyre_stints
from dryline.analysis.track.reference import shipped_priors
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage

QUIET, QUIET_FOR_MS, FIRST_MS = 0.05, 600_000, 1_800_000
COARSE_MS = 120_000
"""After ten minutes in which no sector was likelier wet than 5 %, but not in the first half hour,
the gauge steps by two minutes: half the work in a dry race, and the tyres within 0.002."""


@dataclass(frozen=True)
class TyresAtStop:
    """Probability of wets on the in-lap and from the out-lap on; None where nobody knows."""

    wet_before: float | None = None
    wet_after: float | None = None


NOT_READ = TyresAtStop()


@dataclass(frozen=True)
class TyreStints:
    """Every car's tyres between its stops (schema ``TYRES``), as believed at an instant, and what
    the track is measured against then.
    """

    stints: pl.DataFrame
    reference: Reference

    @classmethod
    def of(cls, estimate: TrackEstimate) -> TyreStints:
        """Those of an estimate that is at hand."""
        return cls(estimate.stints, estimate.last.reference)

    def at_stops(self, stops: pl.DataFrame) -> dict[tuple[str, int], TyresAtStop]:
        """The tyres at each stop (schema ``STOPS``) of the same race, by car and in-lap.

        Nothing is known before the field has driven a free lap, nor of a car that is still in.
        """
        if self.reference.source == NONE:
            return {}
        begun: dict[str, list[tuple[int, float]]] = {}
        rows = self.stints.sort("from_ms").select("car_number", "from_ms", "p_wet_tyre")
        for car, from_ms, p in rows.iter_rows():
            begun.setdefault(car, []).append((from_ms, p))
        timed = stops.select("car_number", "lap", "in_ms", "out_ms")
        return {
            (car, lap): _at_stop(begun.get(car, []), in_ms, out_ms)
            for car, lap, in_ms, out_ms in timed.iter_rows()
        }


def _at_stop(stints: list[tuple[int, float]], in_ms: int, out_ms: int | None) -> TyresAtStop:
    """The last stint begun before the stop, and the one that began at it."""
    here = bisect_left(stints, (in_ms, 0.0))
    before = stints[here - 1][1] if here else None
    if out_ms is None or here == len(stints) or stints[here][0] >= out_ms:
        return TyresAtStop(before)
    return TyresAtStop(before, stints[here][1])


def read_tyres(
    laps: pl.DataFrame,
    messages: Iterable[Evidence | RaceControlMessage] = (),
    *,
    priors: Iterable[DryPrior] | None = None,
    tell: Callable[[float], None] | None = None,
) -> TyreStints:
    """Every car's tyres as could be known at the last crossing: the gauge, in a hurry when dry.

    Args:
        laps: schema ``LAPS`` or ``CROSSINGS``.
        messages: race control and outside evidence.
        priors: dry sector times of other races; those shipped where left out.
        tell: hears the share done, in [0, 1].
    """
    live = TrackFilter(shipped_priors() if priors is None else tuple(priors))
    crossings = crossings_of(laps)
    heard = sorted(messages, key=lambda said: said.known_at.ms)
    end = crossings[-1].elapsed_ms if crossings else 0
    at = loud = 0
    place = (0, 0)
    state = live.advance(at)
    while at < end:
        quiet = at > FIRST_MS and at - loud > QUIET_FOR_MS
        at = min(end, at + (COARSE_MS if quiet else STEP_MS))
        place = take_until(live, crossings, heard, place, at)
        state = live.advance(at)
        if state.p_wet.max() > QUIET + state.reference.doubt:
            loud = at
        if tell:
            tell(at / end)
    stints = tyre_stints(live.one.tyres.segments, state.reference.doubt)
    return TyreStints(stints, state.reference)
