"""What would turn a call round, and how likely that is now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np

from dryline.domain.language import language
from dryline.domain.meaning import means
from dryline.kernels import race_columns as col
from dryline.sim.params import RaceParams
from dryline.strategy.candidates import Candidate, Situation
from dryline.strategy.cards import Card
from dryline.strategy.evaluate import PairedDifference, Ranking, mean_se
from dryline.strategy.futures import Futures

HOUR_MS = 3.6e6
LEAST_P = 0.005
LEAST_T = 2.0
"""A link between a condition and the margin counts from so many standard errors on."""
RAIN_MIN = (0, 2, 4, 6, 8, 10, 15, 20, 30, 45)
FEWEST = 4
"""Futures in which a condition must hold before anything is said of it."""
KIND = {"fcy": col.FCY, "vsc": col.VSC, "safety_car": col.SAFETY_CAR, "red": col.RED}


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """What would turn the call."""

    condition: Annotated[str, means("what would turn the call, in words")]
    threshold: Annotated[float, means("from where on")]
    unit: Annotated[str, means("of the threshold")]
    now: Annotated[float, means("how likely it is now, as a probability")]
    instead: Annotated[str, means("the candidate that is better then")]
    short: Annotated[str, means("the condition in short")]


def flips(
    ranking: Ranking, futures: Futures, cards: Sequence[Card], lap_ms: float, now: Situation
) -> tuple[Flip, ...]:
    """Conditions that turn the call round, the most probable first; what the tank holds at last.

    What the weather must do is asked of a call that leads its rival only: where the plain rule
    stands against the simulation a condition would hold already and turn nothing.
    """
    other = ranking.other_kind
    out: list[Flip] = []
    if other is not None and futures.wet and ranking.margin(ranking.call, other).value > 0.0:
        out += [*_by_contrast(ranking, futures, other), *_by_rain(ranking, futures, other)]
    out += _by_neutralisation(ranking, futures.params, cards, lap_ms)
    likely = sorted((f for f in out if f.now >= LEAST_P), key=lambda f: -f.now)
    return (*likely, *_by_tank(ranking, now))


def _by_tank(ranking: Ranking, now: Situation) -> list[Flip]:
    """How many laps a full tank must hold for one stop fewer, or how few would mean one more.

    At racing speed: neutralised laps take less from it.
    """
    if now.reach is None:
        return []
    used, stops = now.reach.load, now.stops_needed
    tank = math.ceil((used + now.laps_to_go) / max(1, stops))
    p_holds = now.reach.p_reaches(tank - used)
    action = "box" if stops == 0 else "stay"
    instead = next((each for each in ranking.order if each.action == action), ranking.call)
    key = "tank_short" if stops == 0 else "tank_flag" if stops == 1 else "tank_stop"
    words = language()
    return [
        Flip(
            condition=words.say("flips", key, laps=tank),
            threshold=float(tank),
            unit="laps",
            now=1.0 - p_holds if stops == 0 else p_holds,
            instead=instead.key,
            short=words.say("flips", f"{key}_in_short", laps=tank),
        )
    ]


def _by_contrast(ranking: Ranking, futures: Futures, other: Candidate) -> list[Flip]:
    """The difference between the tyres at which the two calls are level."""
    gaps, blocks = _block_gaps(ranking, futures, other)
    x = np.array([ranking.futures[b].contrast_ms for b in range(blocks)])
    if blocks < 8 or float(x.std()) < 1.0:
        return []
    slope, level = (float(v) for v in np.polyfit(x, gaps, 1))
    rest = gaps - level - slope * x
    se = float(rest.std(ddof=2)) / (float(x.std()) * math.sqrt(blocks))
    if abs(slope) <= LEAST_T * se or float(np.ptp(gaps)) == 0.0:
        return []
    at = -level / slope
    beyond = float((x > at).mean() if slope < 0 else (x < at).mean())
    how = "slower" if (at >= 0) else "quicker"
    side = "more" if (slope < 0) == (at >= 0) else "less"
    seconds = f"{abs(at) / 1000:.1f}"
    words = language().say("flips", f"tyres_{how}_{side}", seconds=seconds)
    return [
        Flip(
            condition=words, threshold=round(at), unit="ms", now=beyond, instead=other.key,
            short=words,
        )
    ]  # fmt: skip


def _by_rain(ranking: Ranking, futures: Futures, other: Candidate) -> list[Flip]:
    """How soon the rain must stop, or how long it must last, for the other call to be better."""
    gaps, blocks = _block_gaps(ranking, futures, other)
    rain = np.array([ranking.futures[b].rain_min for b in range(blocks)])
    soon = [(x, rain <= x, "rain_stops") for x in reversed(RAIN_MIN)]
    late = [(x, rain > x, "rain_lasts") for x in RAIN_MIN if x > 0]
    for minutes, turned, key in (*soon, *late):
        if FEWEST <= int(turned.sum()) < blocks:
            mean = mean_se(gaps[turned], 1)
            if mean.value < -mean.se < 0.0:
                words = language().say("flips", key, minutes=minutes)
                return [
                    Flip(
                        condition=words, threshold=float(minutes), unit="min",
                        now=float(turned.mean()), instead=other.key, short=words,
                    )
                ]  # fmt: skip
    return []


def _block_gaps(ranking: Ranking, futures: Futures, other: Candidate) -> tuple[np.ndarray, int]:
    values = ranking.gaps(ranking.call, other)
    blocks = len(values) // futures.replicates
    return values[: blocks * futures.replicates].reshape(blocks, -1).mean(axis=1), blocks


def _by_neutralisation(
    ranking: Ranking, params: RaceParams, cards: Sequence[Card], lap_ms: float
) -> list[Flip]:
    out = []
    for card in cards:
        now = ranking.call.laps_ahead == 0
        clear = card.margin is None or card.margin.value > LEAST_T * card.margin.se
        if card.kind not in KIND or not clear or (card.call.laps_ahead == 0) == now:
            continue
        rate = float(params.neu[KIND[card.kind], col.NEU_RATE])
        p = 1.0 - math.exp(-rate * lap_ms / HOUR_MS)
        words = language()
        said = words.say("flips", "neutralisation", one=words.say("one_flag", card.kind))
        flag = words.say("flags_in_short", card.kind)
        short = words.say("flips", "neutralisation_in_short", flag=flag)
        out.append(
            Flip(
                condition=said,
                threshold=1.0,
                unit="laps",
                now=p,
                instead=card.call.key,
                short=short,
            )
        )
    return out


def value_of_waiting(ranking: Ranking) -> PairedDifference | None:
    """What waiting a lap or more is worth against boxing now; None where there is no stop now."""
    now = next((each for each in ranking.order if each.laps_ahead == 0), None)
    later = next((each for each in ranking.order if each.laps_ahead != 0), None)
    if now is None or later is None:
        return None
    return ranking.margin(later, now)
