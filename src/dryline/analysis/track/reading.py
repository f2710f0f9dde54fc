"""Read the track: how wet each sector is, who is on wets, and which tyre is faster.

The field is the rain gauge: every car's sector times against its own dry expectation, each class
answering to water in its own way, each car's tyre a hidden state that changes only at a stop.
``filter_track`` says what could be known at an instant; ``smooth_track`` what is known now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dryline.analysis.track.crossover import classes_frame, crossovers_frame
from dryline.analysis.track.doubt import OUTSIDE, Reference
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import Crossing, crossings_of
from dryline.analysis.track.model import FULL_WETNESS, TrackModel
from dryline.analysis.track.one_pass import OnePass
from dryline.analysis.track.own_dry_laps import own_pace, own_reference
from dryline.analysis.track.reference import Sectors, shipped_priors
from dryline.analysis.track.smoother import smoothed_states
from dryline.analysis.track.state import TrackState, on_wets
from dryline.analysis.track.tyres import Segment, TyreBook, tyre_name
from dryline.analysis.track.words import in_words
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind

STEP_MS = 30_000
"""How far apart the samples lie."""

AFTER_STEP_MS = 60_000
"""How far apart the filter revises what it believes where its laps are smoothed after it."""

SCALE_DOUBT = 0.15
"""What is not known of the classes' response to water, as a share of the loss."""

SAMPLES = {
    "at_ms": pl.Int64,
    **{f"w{k}": pl.Float64 for k in (1, 2, 3)},  # wetness in [0, 1]
    **{f"sd{k}": pl.Float64 for k in (1, 2, 3)},
    **{f"p_wet{k}": pl.Float64 for k in (1, 2, 3)},  # costs more than 2.5 % for its water
    **{f"loss{k}": pl.Float64 for k in (1, 2, 3)},  # of an average car on slicks, log time
    "p_rain": pl.Float64,
}
TYRES = {
    "car_number": pl.String,
    "from_ms": pl.Int64,
    "p_wet_tyre": pl.Float64,
    "tyre": pl.String,  # wet, slick or unknown
    "seen": pl.Boolean,
}


TyreRow = tuple[str, int, float, str, bool]
"""A row of ``TYRES``."""
BELIEF_STEP = 0.05


@dataclass(frozen=True)
class TrackEstimate:
    """What is believed of the track over a race.

    Args:
        samples: schema ``SAMPLES``, one row per half minute.
        tyres: schema ``TYRES``; filtered: a row per change of belief of more than 0.05;
            smoothed: a row per car and stop.
        classes: schema ``crossover.CLASSES``.
        crossovers: schema ``crossover.CROSSOVERS``.
        words: the present state in one sentence.
        filtered: whether every row uses only what was known at its time.
        last: the state at the end, for forecasts.
        stints: schema ``TYRES``, a row per car and stop (and start), as believed at the end; empty
            where nobody has asked for it.
    """

    samples: pl.DataFrame
    tyres: pl.DataFrame
    classes: pl.DataFrame
    crossovers: pl.DataFrame
    words: str
    filtered: bool
    last: TrackState
    stints: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TYRES))


def filter_track(
    laps: pl.DataFrame,
    upto_ms: int | None = None,
    messages: Iterable[Evidence | RaceControlMessage] = (),
    *,
    priors: Sequence[DryPrior] | None = None,
    without: str | None = None,
    model: TrackModel | None = None,
    kinds: Sequence[TyreKind] = TWO_KINDS,
) -> TrackEstimate:
    """The track as it could be known, up to an instant: only rows with elapsed <= t are used.

    Args:
        laps: schema ``LAPS`` or ``CROSSINGS``.
        upto_ms: the instant; the last crossing where left out.
        messages: race control and outside evidence, used from ``known_at`` on.
        priors: dry sector times of other races; those shipped where left out.
        without: race (of ``priors``) to leave out, for backtests.
        model: constants.
        kinds: the series' kinds of tyre, for the words.
    """
    live = TrackFilter(shipped_priors() if priors is None else priors, without, model)
    states, tyres = run_filter(live, laps, messages, upto_ms)
    stints = tyre_stints(live.one.tyres.segments, states[-1].reference.doubt)
    return _estimate(states, tyres, stints, kinds, filtered=True)


def smooth_track(
    laps: pl.DataFrame,
    messages: Iterable[Evidence | RaceControlMessage] = (),
    *,
    priors: Sequence[DryPrior] | None = None,
    without: str | None = None,
    model: TrackModel | None = None,
    kinds: Sequence[TyreKind] = TWO_KINDS,
    tell: Callable[[float], None] | None = None,
) -> TrackEstimate:
    """The track as it is known after the race: every lap speaks about every moment.

    Args as ``filter_track``; ``tell`` hears the share done, in [0, 1].
    """
    dry = shipped_priors() if priors is None else priors
    tyres, states = run_smoother(laps, messages, dry, without, model, tell)
    stints = tyre_stints(tyres.segments, states[-1].reference.doubt)
    return _estimate(states, stints, stints, kinds, filtered=False)


def run_smoother(
    laps: pl.DataFrame,
    messages: Iterable[Evidence | RaceControlMessage],
    priors: Sequence[DryPrior],
    without: str | None = None,
    model: TrackModel | None = None,
    tell: Callable[[float], None] | None = None,
) -> tuple[TyreBook, list[TrackState]]:
    """Every car's smoothed tyres, and the smoothed states; args as ``smooth_track``.

    Where no dry times of the circuit are known, those that the race itself has shown take their
    place; where they show that it began in the wet, it is read once more against them.
    """
    heard = list(messages)
    live = TrackFilter(priors, without, model, keep=True)
    states, _ = run_filter(live, laps, heard, None, AFTER_STEP_MS)
    one = live.one
    reference, shown = shown_since(laps, live.reference)
    if shown:
        one = OnePass(priors, without, model, keep=True, shown=shown)
        run_filter(one, laps, heard, None, AFTER_STEP_MS)
    return one.tyres, smoothed_states(one, states[-1].at_ms, STEP_MS, reference, tell)


def shown_since(
    laps: pl.DataFrame, first: Reference
) -> tuple[Reference, dict[str, Sectors] | None]:
    """What to measure a race against after it, and the dry times to read it again with, if any.

    ``first``: what it was measured against as it came.
    """
    own = own_pace(laps) if first.source not in OUTSIDE else None
    return own_reference(own, first) if own else (first, None)


def run_filter(
    live: TrackFilter | OnePass,
    laps: pl.DataFrame,
    messages: Iterable[Evidence | RaceControlMessage] = (),
    upto_ms: int | None = None,
    step_ms: int = STEP_MS,
) -> tuple[list[TrackState], pl.DataFrame]:
    """Run a filter over a race on race time; its states, and the tyre beliefs as they moved."""
    crossings = crossings_of(laps, upto_ms)
    heard = sorted(messages, key=lambda e: e.known_at.ms)
    end = upto_ms if upto_ms is not None else (crossings[-1].elapsed_ms if crossings else 0)
    states: list[TrackState] = []
    told: dict[str, float] = {}
    rows: list[TyreRow] = []
    place = (0, 0)
    for at in [*range(step_ms, end, step_ms), end]:
        place = take_until(live, crossings, heard, place, at)
        state = live.advance(at)
        states.append(state)
        rows += belief_moves(state, told)
    return states, pl.DataFrame(rows, schema=TYRES, orient="row")


def take_until(
    live: TrackFilter | OnePass,
    crossings: Sequence[Crossing],
    heard: Sequence[Evidence | RaceControlMessage],
    place: tuple[int, int],
    at_ms: int,
) -> tuple[int, int]:
    """Hand a filter what became known by ``at_ms``; ``place`` counts what it has, then and now."""
    i, j = place
    while i < len(crossings) and crossings[i].elapsed_ms <= at_ms:
        while j < len(heard) and heard[j].known_at.ms < crossings[i].elapsed_ms:
            live.hear(heard[j])
            j += 1
        live.take(crossings[i])
        i += 1
    while j < len(heard) and heard[j].known_at.ms <= at_ms:
        live.hear(heard[j])
        j += 1
    return i, j


def belief_moves(state: TrackState, told: dict[str, float]) -> list[TyreRow]:
    """Rows of ``TYRES`` for the cars whose tyres are believed otherwise than ``told`` so far."""
    rows = []
    for car, (p, seen) in state.tyres.items():
        if abs(p - told.get(car, -1.0)) > BELIEF_STEP:
            told[car] = p
            rows.append((car, state.at_ms, p, tyre_name(p), seen))
    return rows


def tyre_stints(segments: Iterable[Segment], doubt: float) -> pl.DataFrame:
    """Every car's tyres between its stops, as believed now: schema ``TYRES``.

    ``doubt`` is the probability that what is taken as dry was wet, where the segments know nothing
    of it.
    """
    rows = []
    for s in segments:
        seen = s.seen >= 0
        p = on_wets(s.p_wet, seen, doubt)
        rows.append((s.car, s.stop_ms, p, tyre_name(p), seen))
    return pl.DataFrame(rows, schema=TYRES, orient="row").sort("car_number", "from_ms")


def sample_of(state: TrackState) -> tuple[float, ...]:
    """A state as a row of ``SAMPLES``."""
    level_sd = np.hypot(state.level_sd, SCALE_DOUBT * state.level)
    return (
        state.at_ms,
        *(min(1.0, float(x) / FULL_WETNESS) for x in state.level),
        *(min(1.0, float(x) / FULL_WETNESS) for x in level_sd),
        *map(float, state.p_wet),
        *map(float, state.level),
        float(state.p_rain.max()),
    )


def _estimate(
    states: Sequence[TrackState],
    tyres: pl.DataFrame,
    stints: pl.DataFrame,
    kinds: Sequence[TyreKind],
    *,
    filtered: bool,
) -> TrackEstimate:
    """The estimate that a filter's or smoother's states tell, from first to last."""
    classes = classes_frame(states)
    return TrackEstimate(
        pl.DataFrame([sample_of(s) for s in states], schema=SAMPLES, orient="row"),
        tyres,
        classes,
        crossovers_frame(classes),
        in_words(states, kinds),
        filtered,
        states[-1],
        stints,
    )
