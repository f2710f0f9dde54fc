"""The rain gauge kept between questions: what it has read once is not read again.

A gauge is a cache and nothing else. It gives what ``analysis.track.filter_track`` gives over the
same race at the same instant, bit for bit, however the questions came before: where the race has
changed in what was read already, it goes on from a copy made before the change.
"""

from __future__ import annotations

import copy
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from dryline.analysis.track.crossover import CLASSES, classes_frame, crossovers_frame
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import Crossing, crossings_of
from dryline.analysis.track.reading import (
    SAMPLES,
    STEP_MS,
    TYRES,
    TrackEstimate,
    TyreRow,
    belief_moves,
    sample_of,
    take_until,
    tyre_stints,
)
from dryline.analysis.track.reference import shipped_priors
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.weekend import priors_of
from dryline.analysis.track.words import in_words
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.series import Series
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind
from dryline.race.moment import Moment

KEEP_EVERY_MS, KEPT = 300_000, 24
RECENT = 13
"""States kept for the trend: six minutes."""
_GAUGES = 4

Said = Evidence | RaceControlMessage


@dataclass(frozen=True)
class TrackReading:
    """The track at an instant: ``recent`` are the states of the last six minutes, the last one's
    being the estimate's.
    """

    estimate: TrackEstimate
    recent: tuple[TrackState, ...]


@dataclass(frozen=True)
class _Kept:
    """A filter as it stood at ``at_ms``, having taken ``place`` crossings and messages.

    ``told`` is what was told of the tyres, ``rows`` how many samples, class rows and tyre rows
    there were.
    """

    at_ms: int
    place: tuple[int, int]
    live: TrackFilter
    recent: tuple[TrackState, ...]
    told: dict[str, float]
    rows: tuple[int, int, int]


class Gauge:
    """One race's rain gauge, asked again and again as the race goes on.

    ``priors`` are dry sector times of other races and sessions, ``kinds`` those of the tyres.
    """

    def __init__(
        self, priors: Sequence[DryPrior] | None = None, kinds: Sequence[TyreKind] = TWO_KINDS
    ) -> None:
        self._kinds = kinds
        self._priors = shipped_priors() if priors is None else priors
        self._now = self._beginning()
        self._kept: list[_Kept] = []
        self._crossings: Sequence[Crossing] = ()
        self._heard: Sequence[Said] = ()
        self._samples: list[tuple[float, ...]] = []
        self._classes: list[tuple[Any, ...]] = []
        self._tyres: list[TyreRow] = []

    def read(self, moment: Moment) -> TrackReading:
        """The track as it could be known at a moment."""
        race, at = moment.race, moment.at
        crossings = crossings_of(race.crossings, at.ms)
        heard = sorted(race.messages, key=lambda said: said.known_at.ms)
        self._go_back(crossings, heard, at.ms)
        self._crossings, self._heard = crossings, heard
        for step_ms in range(self._now.at_ms + STEP_MS, at.ms, STEP_MS):
            self._step(step_ms)
        now = self._now
        live = copy.deepcopy(now.live)
        take_until(live, crossings, heard, now.place, at.ms)
        last = live.advance(at.ms)
        recent = (*now.recent, last)
        stints = tyre_stints(live.one.tyres.segments, last.reference.doubt)
        return TrackReading(self._estimate(last, recent, stints), recent)

    def _step(self, at_ms: int) -> None:
        now = self._now
        place = take_until(now.live, self._crossings, self._heard, now.place, at_ms)
        state = now.live.advance(at_ms)
        recent = (*now.recent, state)[-RECENT:]
        told = dict(now.told)
        self._samples.append(sample_of(state))
        self._classes += classes_frame([state]).rows()
        self._tyres += belief_moves(state, told)
        rows = (len(self._samples), len(self._classes), len(self._tyres))
        self._now = _Kept(at_ms, place, now.live, recent, told, rows)
        if at_ms % KEEP_EVERY_MS == 0:
            kept = replace(self._now, live=copy.deepcopy(now.live))
            self._kept = [*self._kept, kept][-KEPT:]

    def _estimate(
        self, last: TrackState, recent: Sequence[TrackState], stints: pl.DataFrame
    ) -> TrackEstimate:
        classes = pl.DataFrame(
            [*self._classes, *classes_frame([last]).rows()], schema=CLASSES, orient="row"
        )
        tyres = [*self._tyres, *belief_moves(last, dict(self._now.told))]
        return TrackEstimate(
            samples=pl.DataFrame([*self._samples, sample_of(last)], schema=SAMPLES, orient="row"),
            tyres=pl.DataFrame(tyres, schema=TYRES, orient="row"),
            classes=classes,
            crossovers=crossovers_frame(classes),
            words=in_words(recent, self._kinds),
            filtered=True,
            last=last,
            stints=stints,
        )

    def _go_back(self, crossings: Sequence[Crossing], heard: Sequence[Said], at_ms: int) -> None:
        """Stand where everything that was taken is still said, and nothing earlier was added."""
        same = (_agreed(self._crossings, crossings), _agreed(self._heard, heard))

        def holds(kept: _Kept) -> bool:
            i, j = kept.place
            if kept.at_ms >= max(at_ms, 1) or i > same[0] or j > same[1]:
                return False
            return i == _by(crossings, kept.at_ms) and j == _told(heard, kept.at_ms)

        if holds(self._now):
            return
        self._kept = [kept for kept in self._kept if holds(kept)]
        last = self._kept[-1] if self._kept else self._beginning()
        self._now = replace(last, live=copy.deepcopy(last.live))
        samples, classes, tyres = last.rows
        del self._samples[samples:], self._classes[classes:], self._tyres[tyres:]

    def _beginning(self) -> _Kept:
        return _Kept(0, (0, 0), TrackFilter(self._priors), (), {}, (0, 0, 0))


def _agreed(before: Sequence[object], now: Sequence[object]) -> int:
    """How many items the two have in common from the start on."""
    both = min(len(before), len(now))
    if list(before[:both]) == list(now[:both]):
        return both
    return next(i for i in range(both) if before[i] != now[i])


def _by(crossings: Sequence[Crossing], at_ms: int) -> int:
    return bisect_left(crossings, at_ms + 1, key=lambda c: c.elapsed_ms) if at_ms else 0


def _told(heard: Sequence[Said], at_ms: int) -> int:
    return bisect_left(heard, at_ms + 1, key=lambda said: said.known_at.ms) if at_ms else 0


_OPEN: OrderedDict[tuple[object, ...], Gauge] = OrderedDict()
_LOCK = threading.Lock()


def read_track(moment: Moment, eyes: str = "all") -> TrackReading:
    """The track of a race at a moment, from the gauge that this process keeps for it.

    ``eyes`` tells apart those who know different things of one race.
    """
    with _LOCK:
        key = (moment.race.info.name, eyes, moment.race.weekend.dry)
        gauge = _OPEN.pop(key, None) or Gauge(
            priors_of(moment.race), Series.of(moment.race.series).tyres
        )
        _OPEN[key] = gauge
        while len(_OPEN) > _GAUGES:
            _OPEN.popitem(last=False)
        return gauge.read(moment)
