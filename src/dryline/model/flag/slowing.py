"""How often, how long and how much neutralisations slow a race: from it and from other races."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.model.race_facts import KIND, RaceFacts, family

Floats = NDArray[np.float64]
VSC, SAFETY_CAR, RED = 2, 3, 4
KINDS = (1, VSC, SAFETY_CAR)
"""The kinds that may begin; a red flag is not foreseen."""
BELIEVED_HOURS = 8.0
"""How many hours of other races a race's own rate is weighed against."""
WHOLE = 0.99
"""A lap is wholly neutralised from this share on."""
BELIEVED_LAPS, FEWEST_LAPS, QUEUED = 20.0, 4, 0.6
"""Laps of other races that a race's own are weighed against; from how many laps the queue's pace
is read, and at which quantile: the shorter ones were still catching it. Of the laps under this
neutralisation and those of the fastest class under its like, the slower count."""
UNKNOWN_SLOW, UNKNOWN_LENGTH = (1.5, 1.9), (13.2, 0.5)
STOPPED = 1.0 / 15.0
"""The share of green pace of a race that is stopped."""


@dataclass(frozen=True)
class Slowing:
    """What is known of neutralisations, by kind: rates an hour, log seconds, share of green pace.

    ``share`` (K,) is what each class runs over a whole one, the catching of the queue included;
    ``now`` the kind in force and for how many seconds it has been, None under green, and
    ``share_now`` (K,) what the classes run under it from here on. Those ``queueing`` get shorter as
    the race's end, about ``end_s``, comes near.
    """

    rates: Mapping[int, float]
    length: Mapping[int, tuple[float, float]]
    share: Mapping[int, Floats]
    now: tuple[int, float] | None
    share_now: Floats
    queueing: frozenset[int]
    end_s: float


@dataclass(frozen=True)
class _WholeLap:
    """A lap run wholly under a neutralisation; times in seconds."""

    kind: int
    car_class: str
    ended_s: float
    lap_s: float


def slowing(
    periods: pl.DataFrame,
    laps: pl.DataFrame,
    facts: RaceFacts,
    at_s: float,
    end_s: float,
    lap_s: Mapping[str, float],
    prior: Mapping[str, Any],
    queueing: frozenset[int],
) -> Slowing:
    """What to expect of neutralisations, from those so far and what other races teach.

    ``prior`` is the ``neutral`` table of ``race_priors``; ``lap_s`` each class's usual green lap.
    """
    whole = _whole_laps(laps)
    rates = {
        kind: (prior["rates"].get(str(kind), 0.0) * BELIEVED_HOURS + facts.starts.get(kind, 0))
        / (BELIEVED_HOURS + facts.green_hours)
        for kind in KINDS
    }
    length = {
        kind: (float(mu) - float(np.log(1000.0)), float(sd))
        for kind in (*KINDS, RED)
        for mu, sd in [prior["durations"].get(str(kind), UNKNOWN_LENGTH)]
    }
    share = {kind: _share(kind, lap_s, prior, whole) for kind in (*KINDS, RED)}
    running = [
        (KIND[kind], start / 1000)
        for kind, start, end in periods.select("kind", "start_ms", "end_ms").iter_rows()
        if kind in KIND and start <= 1000 * at_s and (end is None or end > 1000 * at_s)
    ]
    now, share_now = None, np.ones(len(lap_s))
    if running:
        kind, start = running[-1]
        now, share_now = (kind, at_s - start), _share_now(kind, start, lap_s, prior, whole)
    return Slowing(rates, length, share, now, share_now, queueing, end_s)


def _whole_laps(laps: pl.DataFrame) -> list[_WholeLap]:
    rows = laps.filter(
        (pl.col("neutralised_ms") >= WHOLE * pl.col("lap_time_ms"))
        & ~pl.col("in_lap")
        & ~pl.col("out_lap")
        & (pl.col("lap") > 1)
        & (pl.col("lap_time_ms") > 0)
    ).select("under", "car_class", "elapsed_ms", "lap_time_ms")
    return [
        _WholeLap(KIND[under], name, at / 1000, lap / 1000)
        for under, name, at, lap in rows.iter_rows()
        if under in KIND
    ]


def _share(
    kind: int, lap_s: Mapping[str, float], prior: Mapping[str, Any], whole: Sequence[_WholeLap]
) -> Floats:
    """The share (K,) of green pace that classes run over a neutralisation of a kind."""
    if kind == RED:
        return np.full(len(lap_s), STOPPED)
    out = []
    for name, green in lap_s.items():
        catching, queued = prior["slow"].get(f"{kind}_{family(name)}", UNKNOWN_SLOW)
        usual = 0.5 / max(1.0, catching) + 0.5 / max(1.0, queued)
        mine = (each for each in whole if (each.kind, each.car_class) == (kind, name))
        seen = [min(1.0, green / each.lap_s) for each in mine]
        out.append((sum(seen) + BELIEVED_LAPS * usual) / (len(seen) + BELIEVED_LAPS))
    return np.array(out)


def _share_now(
    kind: int,
    start_s: float,
    lap_s: Mapping[str, float],
    prior: Mapping[str, Any],
    whole: Sequence[_WholeLap],
) -> Floats:
    """The share (K,) of green pace under the neutralisation in force: one lap for everybody."""
    if kind == RED:
        return np.full(len(lap_s), STOPPED)
    first = min(lap_s, key=lambda name: lap_s[name])
    alike = [each for each in whole if each.kind == kind]
    seen = (
        [each.lap_s for each in alike if each.ended_s > start_s],
        [each.lap_s for each in alike if each.car_class == first],
    )
    queued = [float(np.quantile(laps, QUEUED)) for laps in seen if len(laps) >= FEWEST_LAPS]
    usual = lap_s[first] * prior["slow"].get(f"{kind}_{family(first)}", UNKNOWN_SLOW)[1]
    train = max(queued, default=usual)
    return np.array([min(1.0, green / train) for green in lap_s.values()])
