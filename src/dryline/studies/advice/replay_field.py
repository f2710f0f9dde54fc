"""The field of a race as arrays: where everybody was on the road, and how fast that was."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.kernels.replay_road import FOREVER, ReplayField
from dryline.studies.advice.replay_reading import Reading

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CLEAR_ROAD = 0.8
"""Quantile of the field's speeds under a neutralisation that a car without a train drives."""
SPEEDS, USUAL_SPEED = (0.15, 0.95), 0.45
STANDING = 0.002
"""Share of green speed under a red flag."""
TROUBLE = 1.5
"""A lap that takes so many times those begun beside it, in green laps, is nobody's train."""
BESIDE = 9


def field_of(race: Reading) -> ReplayField:
    """The field of a race, and the road under its flags."""
    longest = max(part.height for part in race.laps.values())
    shape = (len(race.laps), longest)
    begin, end = np.full(shape, FOREVER), np.full(shape, FOREVER)
    at_line = np.full(shape, FOREVER)
    entered, follows, down = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    counts = np.zeros(len(race.laps), dtype=np.int64)
    for car, part in race.laps.items():
        i, n = race.row[car], part.height
        counts[i] = n
        end[i, :n] = part["elapsed_ms"].to_numpy() / 1000.0
        begin[i, :n] = part["start_ms"].fill_null(0).to_numpy() / 1000.0
        follows[i, :n] = 1.0
        at_line[i, :n] = end[i, :n]
        lead = race.lead(race.class_of[car])
        down[i, :n] = lead[part["lap"].to_numpy()] <= begin[i, :n]
        lane = race.lanes.get(race.class_of[car])
        times = part["pit_lane_ms"].to_numpy()
        for j in np.flatnonzero(part["pit_lane_ms"].is_not_null().to_numpy()):
            if lane is not None:
                begin[i, j] += (1.0 - lane.before_line) * times[j] / 1000.0
                entered[i, j] = 0.5 * lane.part
            follows[i, j] = float(begin[i, j] < end[i, j])
            if j > 0 and lane is not None:
                at_line[i, j - 1] -= lane.held_s(times[j] / 1000.0, race.green_s[car])
    knot, work, speed = _road(race)
    green = np.array([race.green_s[car] for car in race.laps])
    ran = end < FOREVER
    share = ((at_line - begin) / (green[:, None] * (1.0 - entered)))[ran]
    usual = _usual_beside(begin[ran], share)
    follows[ran] *= (share < TROUBLE) | (share < TROUBLE * usual)
    return ReplayField(
        begin, end, at_line, entered, follows, down, counts,
        green, _groups(race), np.array([a for a, _ in race.flags.slow]),
        np.array([b for _, b in race.flags.slow]), knot, work, speed,
    )  # fmt: skip


def _groups(race: Reading) -> Ints:
    names = sorted(set(race.class_of.values()))
    return np.array([names.index(race.class_of[car]) for car in race.laps], dtype=np.int64)


def _road(race: Reading) -> tuple[Floats, Floats, Floats]:
    """The speed of a clear road as a step function, and green seconds driven by each step."""
    since, kinds = race.flags.since_s, race.flags.kinds
    until = [*since[1:], math.inf]
    flying = race.race.laps.filter(
        ~pl.col("in_lap") & ~pl.col("out_lap") & (pl.col("lap") > 1) & (pl.col("lap_time_ms") > 0)
    )
    ends = flying["elapsed_ms"].to_numpy() / 1000.0
    times = flying["lap_time_ms"].to_numpy() / 1000.0
    green = np.array([race.green_s[car] for car in flying["car_number"]])
    slowed = np.zeros(len(ends))
    parts = []
    for kind, a, b in zip(kinds, since, until, strict=True):
        mine = np.clip(np.minimum(ends, b) - np.maximum(ends - times, a), 0.0, None)
        parts.append(mine)
        slowed += mine if kind != "green" else 0.0
    speed = []
    for kind, mine in zip(kinds, parts, strict=True):
        if kind == "green":
            speed.append(1.0)
            continue
        if kind == "red":
            speed.append(STANDING)
            continue
        only = (mine > 30.0) & (mine >= slowed - 1.0) & (times < 6.0 * green)
        only &= mine > 0.4 * times
        shown = (green[only] - (times[only] - mine[only])) / mine[only]
        found = float(np.quantile(shown, CLEAR_ROAD)) if len(shown) >= 3 else USUAL_SPEED
        speed.append(min(max(found, SPEEDS[0]), SPEEDS[1]))
    knot = np.array(since)
    work = np.concatenate([[0.0], np.cumsum(np.diff(knot) * np.array(speed[:-1]))])
    return knot, work, np.array(speed)


def _usual_beside(begins: Floats, share: Floats) -> Floats:
    """The median ``share`` of the laps that began next before and after each of them."""
    order = np.argsort(begins, kind="stable")
    rolled = pl.Series(share[order]).rolling_median(BESIDE, center=True, min_samples=1)
    out = np.empty(len(begins))
    out[order] = rolled.to_numpy()
    return out
