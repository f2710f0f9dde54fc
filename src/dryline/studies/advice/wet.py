"""Wet calls against what they were worth between matched cars.

At every stop of a wave of tyre changes whose car has a match that changed about three laps later:
what the simulator said of changing now against changing three laps later, and what came of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.track.crossover import classes_frame, crossovers_frame, tyre_contrasts
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.reading import (
    SAMPLES,
    TrackEstimate,
    run_filter,
    sample_of,
    smooth_track,
)
from dryline.analysis.track.state import TrackState
from dryline.domain.dry_prior import DryPrior
from dryline.domain.instant import Instant
from dryline.kernels import race_columns as col
from dryline.model.race_priors import Priors
from dryline.race.race import Race
from dryline.sim.params import FieldPlans
from dryline.sim.simulate import simulate_path
from dryline.strategy.candidates import Candidate
from dryline.strategy.futures import Future, Futures
from dryline.strategy.utility import SimulatedFinishes
from dryline.studies.advice.field import Field, field_at, mean_and_se
from dryline.studies.advice.hindsight import Hindsight
from dryline.studies.matched_cars import alike, gained
from dryline.studies.track_scores import class_group
from dryline.studies.tyre_waves import TyreChange, Wave, tyre_changes, waves_of

Row = dict[str, Any]
Floats = NDArray[np.float64]
LATER = 3
"""Laps that the change is put off."""
SETTLED = 2
"""Laps after the later stop's in-lap over which both are compared: the out-lap and one more."""
NEAR = (1.5, 4.5)
"""A match changed so many laps later."""
ENTRY = 0.9
"""Share of a lap before the pit entry."""
FUTURES = 128
FEWEST_FUTURES = 8
MISHAP_S = 120.0
"""A future that parts two calls by more has a mishap in one of them, as no match may have."""
SOON_S = 1.0
"""A realised difference below this many seconds has no sign to speak of."""


@dataclass(frozen=True)
class Pair:
    """What came of changing first: ``gain_s`` over the match, which changed ``laps`` later."""

    match: str
    laps: float
    gain_s: float
    raw_s: float
    lane_s: float
    pace_s: float
    minutes: float


def wet_rows(
    name: str,
    race: Race,
    length_ms: int,
    reference: Sequence[Mapping[str, object]],
    dry: Sequence[DryPrior],
    priors: Priors,
    seed: int,
    futures: int = FUTURES,
) -> list[Row]:
    """A row per early changer with a match, and one per wave that gives none."""
    after = smooth_track(race.laps, race.messages, priors=dry, without=name)
    classes = {number: entry.car_class for number, entry in race.entries.items()}
    changes = tyre_changes(after.tyres, race.stops, classes)
    sizes: dict[str, int] = {}
    for car_class in classes.values():
        sizes[class_group(car_class)] = sizes.get(class_group(car_class), 0) + 1
    waves = waves_of(changes, sizes, reference)
    if not waves:
        return []
    seen = Hindsight.of(race)
    live = Live(*run_filter(TrackFilter(dry, name), race.laps, race.messages))
    out: list[Row] = []
    for wave in waves:
        out += _wave_rows(name, seen, wave, live, length_ms, priors, seed, futures)
    return out


@dataclass(frozen=True)
class Live:
    """The rain gauge as it went: its states, and the tyre beliefs as they moved."""

    states: Sequence[TrackState]
    tyres: pl.DataFrame

    def at(self, ms: float) -> TrackEstimate:
        """What it said at an instant: its last state by then, and those before."""
        ends = [state.at_ms for state in self.states]
        known = self.states[: max(1, int(np.searchsorted(ends, ms, side="right")))]
        classes = classes_frame(known[-1:])
        return TrackEstimate(
            pl.DataFrame([sample_of(state) for state in known], schema=SAMPLES, orient="row"),
            self.tyres.filter(pl.col("from_ms") <= known[-1].at_ms),
            classes,
            crossovers_frame(classes),
            "",
            True,
            known[-1],
        )


def _wave_rows(
    name: str,
    seen: Hindsight,
    wave: Wave,
    live: Live,
    length_ms: int,
    priors: Priors,
    seed: int,
    futures: int,
) -> list[Row]:
    about = {
        "part": "wet", "race": name, "class_group": wave.group, "change_to": wave.change_to,
        "wave_min": round(wave.begin_min, 2), "source": wave.source,
    }  # fmt: skip
    out: list[Row] = []
    left_out = 0
    for change in wave.changes:
        pairs, halted = _pairs(seen, change, wave.changes)
        left_out += halted
        if not pairs:
            continue
        at = _decided_ms(seen, change)
        track = live.at(at)
        field = field_at(seen.race, Instant(int(at)), length_ms, priors, track)
        said = _predicted(field, change, track.last, seed, futures)
        out.append({**about, "scored": True, **_what(change, at), **said, **_came(pairs, said)})
    if not out:
        why = "every pair was neutralised" if left_out else _why_none(wave)
        out.append({**about, "scored": False, "why": why, "changes_read": len(wave.changes)})
    return out


def _why_none(wave: Wave) -> str:
    return "no matched cars two to four laps apart" if wave.changes else "no change could be read"


def _decided_ms(seen: Hindsight, change: TyreChange) -> float:
    """The last moment to decide: before the pit entry of the in-lap, by the car's lap before."""
    run = seen.runs[change.car]
    begin = run.ended(change.lap - 1)
    return min(begin + ENTRY * run.lap_around(begin - 1.0), change.in_ms - 1.0)


def _what(change: TyreChange, at_ms: float) -> Row:
    return {
        "car_number": change.car, "car_class": change.car_class, "lap": change.lap,
        "at_ms": int(at_ms),
    }  # fmt: skip


def _pairs(
    seen: Hindsight, change: TyreChange, others: Sequence[TyreChange]
) -> tuple[list[Pair], int]:
    """The matches of an early changer, and how many a neutralisation spoilt."""
    one = seen.runs[change.car]
    begin = one.ended(change.lap - 1)
    out, halted = [], 0
    for other in others:
        if other.car == change.car or other.car_class != change.car_class:
            continue
        two = seen.runs[other.car]
        apart = (other.in_ms - change.in_ms) / max(1.0, one.lap_around(begin - 1.0))
        slower = alike(seen.paces, seen.runs, (change.car, other.car), begin)
        if not NEAR[0] <= apart <= NEAR[1] or not math.isfinite(slower):
            continue
        out_ms = two.ended(other.lap + 1)
        if seen.slowed(begin, out_ms):
            halted += 1
            continue
        end = min(two.ended(other.lap + SETTLED), seen.next_slow(out_ms))
        alone = len(one.stopped_between(begin, end)) == len(two.stopped_between(begin, end)) == 1
        if not math.isfinite(end) or not alone:
            continue
        if seen.mishap((change.car, other.car), change.car_class, begin, end):
            continue
        gain = gained(one, two, begin, end, slower)
        if gain is not None:
            minutes = (end - begin) / 60_000
            out.append(
                Pair(other.car, apart, gain.seconds, gain.raw_s, gain.lane_s, gain.pace_s, minutes)
            )
    return out, halted


def _predicted(field: Field, change: TyreChange, track: TrackState, seed: int, futures: int) -> Row:
    """Change now against three laps later, over the same laps, in the same futures."""
    to_slick = change.change_to == "slick"
    drawn = _with_fuel(field.futures(change.car, track, on_wets=to_slick, seed=seed))
    now, later = (
        Candidate(f"box+{n}", "box", change.lap + n, change.change_to, "full", n)
        for n in (0, LATER)
    )
    window, places, race_s, contrasts, rains = [], [], [], [], []
    for number in range(futures):
        future = drawn.block(number)
        runs = [_run(drawn, future, each, change.lap, seed, number) for each in (now, later)]
        apart = (runs[1][0] - runs[0][0]) / 1000.0
        window.append(apart if abs(apart) <= MISHAP_S else math.nan)
        places.append(float(runs[1][1].place[0] - runs[0][1].place[0]))
        gone = bool(runs[0][1].retired[0] or runs[1][1].retired[0])
        race_s.append(math.nan if gone else float(runs[1][1].seconds[0] - runs[0][1].seconds[0]))
        contrasts.append(future.contrast_ms)
        rains.append(future.rain_min)
    return _said(field, change, track, drawn, np.array(window), places, race_s, contrasts, rains)


def _with_fuel(drawn: Futures) -> Futures:
    """The same with fuel for either call: the question is the tyres' alone."""
    cars = drawn.state.cars.copy()
    least = float(LATER + SETTLED + 2)
    cars[drawn.car, col.STATE_FUEL] = max(least, cars[drawn.car, col.STATE_FUEL])
    return replace(drawn, state=replace(drawn.state, cars=cars))


def _said(
    field: Field,
    change: TyreChange,
    track: TrackState,
    drawn: Futures,
    window: Floats,
    places: Sequence[float],
    race_s: Sequence[float],
    contrasts: Sequence[float],
    rains: Sequence[float],
) -> Row:
    known = window[np.isfinite(window)]
    margin, se = mean_and_se(window) if len(known) >= FEWEST_FUTURES else (None, None)
    place, place_se = mean_and_se(np.array(places))
    over_race, over_race_se = mean_and_se(np.array(race_s))
    faster = [each for each in tyre_contrasts(track) if each.car_class == change.car_class]
    return {
        "margin_s": margin, "se_s": se, "futures": len(known),
        "sd_s": float(known.std(ddof=1)) if len(known) > 1 else None,
        "p_now": float((known > 0).mean()) if len(known) else None,
        "race_margin_s": over_race, "race_se_s": over_race_se,
        "race_margin_places": place, "race_se_places": place_se,
        "wet_in_futures": drawn.wet,
        "p_wets_faster": faster[0].p_wet_faster if faster else None,
        "wet_minus_slick_s": faster[0].wet_minus_slick_ms / 1000 if faster else None,
        "contrast_s": float(np.mean(contrasts)) / 1000, "rain_min": float(np.mean(rains)),
        "level": [round(float(x), 4) for x in track.level],
        "p_rain": round(float(track.p_rain.max()), 3),
        "p_own_wets": round(track.tyres.get(change.car, (0.0, False))[0], 3),
        "fuel_laps": round(float(field.state.cars[field.index(change.car), col.STATE_FUEL]), 1),
    }  # fmt: skip


def _run(
    drawn: Futures, future: Future, which: Candidate, lap: int, seed: int, number: int
) -> tuple[float, SimulatedFinishes]:
    """When the car ends the last lap compared, its own time in the lane left out, and its finish.

    nan where it does not get there, or a neutralisation is met on the way.
    """
    params, car = future.params, drawn.car
    plans = FieldPlans.none(params.cars).with_car(car, which.planned, which.allowed)
    out, path = simulate_path(params, future.state, plans, seed=seed, replicate=number)
    mine = path[path[:, col.PATH_CAR] == car]
    last = lap + LATER + SETTLED
    span = mine[mine[:, col.PATH_LAP] <= last]
    k = int(params.car[car, col.CAR_CLASS])
    finish = SimulatedFinishes.of(out, car, float(params.cls[k, col.CLASS_BASE_MS]))
    end = span[span[:, col.PATH_LAP] == last]
    if not len(end) or bool((span[:, col.PATH_FLAG] > 0).any()):
        return math.nan, finish
    return float(end[0, col.PATH_T_MS] - span[:, col.PATH_PIT_MS].sum()), finish


def _came(pairs: Sequence[Pair], said: Row) -> Row:
    """What the matches show, and whether it is what was said."""
    gains = np.array([each.gain_s for each in pairs])
    came = float(np.median(gains))
    margin, se = said["margin_s"], said["se_s"]
    sure = margin is not None and se is not None and abs(margin) > 2.0 * se
    return {
        "realised_s": came,
        "realised_sd_s": float(gains.std(ddof=1)) if len(gains) > 1 else None,
        "matches": len(pairs),
        "counts": bool(sure and abs(came) >= SOON_S),
        "right": None if margin is None else bool((margin > 0) == (came > 0)),
        "pairs": [vars(each) for each in pairs],
    }
