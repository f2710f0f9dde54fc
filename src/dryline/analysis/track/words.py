"""The track in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from dryline.analysis.track.crossover import tyre_contrasts
from dryline.analysis.track.state import TrackState

DAMP = 0.2
"""A sector is perhaps damp where it is more probably wet than that."""


def is_dry(now: TrackState) -> bool:
    """Whether no sector is even perhaps damp."""
    return float(max(now.p_wet)) <= DAMP


def in_words(states: Sequence[TrackState]) -> str:
    """What the last state says, against that of three minutes before."""
    now = states[-1]
    earlier = [s for s in states if s.at_ms <= now.at_ms - 180_000]
    wet = [k + 1 for k in range(3) if now.p_wet[k] > 0.5]
    drying = bool(earlier) and float(now.level.sum()) < 0.9 * float(earlier[-1].level.sum())
    rain = [k + 1 for k in range(3) if now.p_rain[k] > 0.5 and now.p_wet[k] > 0.5]
    if rain and not drying:
        sentence = f"raining now in {_sectors(rain)}"
    elif wet:
        sentence = f"{'drying' if drying else 'wet'} in {_sectors(wet)}"
    elif is_dry(now):
        return "dry"
    else:
        sentence = f"perhaps damp in sector {int(now.p_wet.argmax()) + 1}"
    faster = [
        f"{'wets' if c.p_wet_faster > 0.5 else 'slicks'} faster in {c.car_class} "
        f"by {abs(c.wet_minus_slick_ms) / 1000:.1f} s a lap ({_percent(c.p_wet_faster)})"
        for c in tyre_contrasts(now)
        if abs(c.p_wet_faster - 0.5) > 0.2
    ]
    return "; ".join([sentence, *faster])


def _sectors(which: list[int]) -> str:
    if len(which) == 3:
        return "all sectors"
    if len(which) == 1:
        return f"sector {which[0]} only"
    return f"sectors {which[0]} and {which[1]}"


def _percent(p: float) -> str:
    return f"{100 * max(p, 1 - p):.0f} %"
