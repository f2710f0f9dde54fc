"""The rain gauge read for a call: from the first lap, and coarser where time is short."""

from __future__ import annotations

import polars as pl

from dryline.analysis.track.crossover import classes_frame, crossovers_frame
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import crossings_of
from dryline.analysis.track.reading import (
    SAMPLES,
    STEP_MS,
    TYRES,
    TrackEstimate,
    TyreRow,
    belief_moves,
    filter_track,
    sample_of,
    take_until,
    tyre_stints,
)
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.weekend import priors_of
from dryline.analysis.track.words import in_words
from dryline.domain.series import Series
from dryline.race.moment import Moment
from dryline.race.team_evidence import evidence_of

COARSE_MS, FINE_FOR_MS = 120_000, 2_400_000
"""In a hurry the gauge steps by two minutes, but for the last forty: P(wet) differs by 0.04."""


def read_track(moment: Moment, *, hurried: bool = False) -> TrackEstimate:
    """The track at a moment, in the eyes of whoever asks; hurried takes half the time."""
    laps, upto_ms = moment.race.laps, moment.at_ms
    messages = (*moment.race.messages, *evidence_of(moment.inputs))
    priors, kinds = priors_of(moment.race), Series.of(moment.race.series).tyres
    if not hurried:
        return filter_track(laps, upto_ms, messages, priors=priors, kinds=kinds)
    live = TrackFilter(priors)
    crossings = crossings_of(laps, upto_ms)
    heard = sorted(messages, key=lambda event: event.known_at.ms)
    states: list[TrackState] = []
    told: dict[str, float] = {}
    rows: list[TyreRow] = []
    place = (0, 0)
    for at in _instants(upto_ms):
        place = take_until(live, crossings, heard, place, at)
        states.append(live.advance(at))
        rows += belief_moves(states[-1], told)
    classes = classes_frame(states)
    return TrackEstimate(
        pl.DataFrame([sample_of(state) for state in states], schema=SAMPLES, orient="row"),
        pl.DataFrame(rows, schema=TYRES, orient="row"),
        classes,
        crossovers_frame(classes),
        in_words(states, kinds),
        True,
        states[-1],
        tyre_stints(live.one.tyres.segments, states[-1].reference.doubt),
    )


def _instants(upto_ms: int) -> list[int]:
    fine = max(0, upto_ms - FINE_FOR_MS) // COARSE_MS * COARSE_MS
    coarse = range(COARSE_MS, fine + 1, COARSE_MS)
    return [*coarse, *range(fine + STEP_MS, upto_ms, STEP_MS), upto_ms]
