"""The track at a moment of a race that goes on, from the gauge that is kept between questions."""

from __future__ import annotations

import polars as pl

from dryline.analysis.stops.fuel_range import range_filtered
from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.track.crossover import tyre_contrasts
from dryline.analysis.track.model import FULL_WETNESS
from dryline.analysis.track.state import TrackState
from dryline.answers.live_track import SECTORS, LiveRange, LiveTrack, StintTyres, TyreBelief
from dryline.answers.quantities import WetsAgainstSlicks
from dryline.answers.spells import water_of
from dryline.answers.track import CrossoverAhead
from dryline.answers.tyre_kinds import KindsOfStints
from dryline.engine.live.gauge import TrackReading, read_track
from dryline.engine.measured import crossovers_ahead
from dryline.engine.questions import Aid, AskLiveTrack
from dryline.race.moment import Moment

TREND_MS = 180_000
MOVED = 0.1
NORMAL_10_TO_90 = 2.563
"""Standard deviations between a normal distribution's first and last tenth."""


def answer_live_track(moment: Moment, question: AskLiveTrack, _: Aid) -> LiveTrack:
    """The track, the tyres and the ranges as everybody may know them."""
    moment = moment.for_all()
    reading = read_track(moment)
    state = reading.estimate.last
    ahead = crossovers_ahead(state, question.seed)
    kinds = KindsOfStints(moment.race, reading.estimate)
    sample = reading.estimate.samples.row(-1, named=True)
    stints = reading.estimate.stints.select("car_number", "from_ms", "p_wet_tyre")
    return LiveTrack(
        at_ms=moment.at_ms,
        simulated=moment.race.info.simulated,
        words=reading.estimate.words,
        **water_of(moment.race, reading.estimate),
        wetness=tuple(round(sample[f"w{k}"], 3) for k in SECTORS),
        sd=tuple(round(sample[f"sd{k}"], 3) for k in SECTORS),
        p_wet=tuple(round(float(p), 3) for p in state.p_wet),
        p_rain=tuple(round(float(p), 3) for p in state.p_rain),
        trend=_trend(reading),
        classes={
            each.car_class: WetsAgainstSlicks(
                wet_minus_slick_ms=round(each.wet_minus_slick_ms),
                sd_ms=round(each.sd_ms),
                p_wet_faster=round(each.p_wet_faster, 3),
            )
            for each in tyre_contrasts(state)
        },
        tyres={
            car: TyreBelief(p_wet=round(p, 3), seen=seen, kinds=kinds.at(car, moment.at_ms, p))
            for car, (p, seen) in state.tyres.items()
        },
        stints=tuple(
            StintTyres(car_number=car, stop_ms=from_ms, p_wet=round(p, 2))
            for car, from_ms, p in stints.iter_rows()
            if p >= MOVED
        ),
        ranges=_ranges(moment),
        crossovers_ahead=None
        if ahead is None
        else tuple(CrossoverAhead.of(each) for each in ahead),
    )


def _trend(reading: TrackReading) -> tuple[str, ...]:
    """Per sector ``raining``, ``wetting``, ``drying`` or ``steady``, over three minutes."""
    now = reading.recent[-1]
    before = [s for s in reading.recent if s.at_ms <= now.at_ms - TREND_MS]
    return tuple(_sector_trend(now, before[-1] if before else now, k) for k in range(3))


def _sector_trend(now: TrackState, before: TrackState, k: int) -> str:
    if now.p_rain[k] > 0.5 and now.p_wet[k] > 0.5:
        return "raining"
    change = float(now.level[k] - before.level[k]) / FULL_WETNESS
    if abs(change) < MOVED / 2:
        return "steady"
    return "wetting" if change > 0 else "drying"


def _ranges(moment: Moment) -> dict[str, LiveRange]:
    known = moment.race.laps
    laps = dict(known.group_by("car_number").agg(pl.col("lap").max()).iter_rows())
    return {
        car: LiveRange(
            laps_left=round(left.p50_laps, 2),
            sd=round((left.p90_laps - left.p10_laps) / NORMAL_10_TO_90, 2),
            lap=laps[car],
        )
        for car, left in range_filtered(
            known, moment.at_ms, stop_priors().range, sprint=moment.is_sprint
        ).items()
    }
