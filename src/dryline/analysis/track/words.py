"""The track in one sentence, and what it is measured against in another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dryline.analysis.track.crossover import TyreContrast, tyre_contrasts
from dryline.analysis.track.doubt import (
    FIRST_PACE,
    NONE,
    OTHER_RACES,
    OWN_LAPS,
    SAID,
    SAID_DRY,
    SAID_WET,
    WEEKEND,
    Reference,
)
from dryline.analysis.track.model import WET_FROM
from dryline.analysis.track.rain_tyres import quickest_rain_kind
from dryline.analysis.track.state import TrackState
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind

DAMP = 0.2
"""A sector is perhaps damp where it is more probably wet than that."""
NO_REFERENCE = "no dry reference for this circuit"
_REFERENCES = {
    OTHER_RACES: "dry times of other races here",
    WEEKEND: "dry times of the weekend's other sessions",
    OWN_LAPS: "the race's own laps since it has dried",
    SAID_WET: f"{NO_REFERENCE}; it was said to be wet, so the first laps count as laps on wets",
    SAID_DRY: "the first laps, which were said to be dry",
    FIRST_PACE: f"{NO_REFERENCE} (a wet start is 1 in 12 until the race shows otherwise)",
    NONE: "too few free laps yet",
}


def is_dry(now: TrackState) -> bool:
    """Whether the laps show water nowhere, not even perhaps; what they are held against aside."""
    return max(_shown(now)) <= DAMP


def _shown(now: TrackState) -> list[float]:
    """Probability per sector that it is wet if what is taken as dry was so."""
    if now.reference.known:
        return list(map(float, now.p_wet))
    return list(map(float, np.minimum(now.masses[:, WET_FROM:].sum(1), now.p_wet)))


def reference_in_words(reference: Reference) -> str:
    """What wetness is measured against, and where that is not known, why."""
    said = _REFERENCES[reference.source]
    if reference.source == WEEKEND and reference.doubt:
        return f"{said} ({100 * reference.doubt:.0f} % that all of them were wet)"
    if _is_mere_word(reference):
        said = f"{_REFERENCES[NONE]}; it was said to be {_said(reference)}"
    return said if reference.known else f"not known: {said}"


def _is_mere_word(reference: Reference) -> bool:
    """Whether somebody's word is all that there is: before the first free laps."""
    return not reference.known and (
        reference.source == SAID_DRY or (reference.source, reference.doubt) == (SAID_WET, SAID)
    )


def _said(reference: Reference) -> str:
    return "wet" if reference.source == SAID_WET else "dry"


def in_words(states: Sequence[TrackState], kinds: Sequence[TyreKind] = TWO_KINDS) -> str:
    """What the last state says, against that of three minutes before; ``kinds`` of the series."""
    now = states[-1]
    if now.reference.source == NONE:
        return "too few free laps yet: the track is not known"
    if is_dry(now) or _is_mere_word(now.reference):
        return _dry(now)
    earlier = [s for s in states if s.at_ms <= now.at_ms - 180_000]
    p_wet = _shown(now)
    wet = [k + 1 for k in range(3) if p_wet[k] > 0.5]
    drying = bool(earlier) and float(now.level.sum()) < 0.9 * float(earlier[-1].level.sum())
    rain = [k + 1 for k in range(3) if now.p_rain[k] > 0.5 and p_wet[k] > 0.5]
    if rain and not drying:
        sentence = f"raining now in {_sectors(rain)}"
    elif wet:
        sentence = f"{'drying' if drying else 'wet'} in {_sectors(wet)}"
    else:
        sentence = f"perhaps damp in sector {p_wet.index(max(p_wet)) + 1}"
    faster = [
        f"{_faster(now, c, kinds).words} faster in {c.car_class} "
        f"by {abs(c.wet_minus_slick_ms) / 1000:.1f} s a lap ({_percent(c.p_wet_faster)})"
        for c in tyre_contrasts(now)
        if abs(c.p_wet_faster - 0.5) > 0.2
    ]
    return "; ".join([sentence, *faster, *([] if now.reference.known else [NO_REFERENCE])])


def _faster(now: TrackState, which: TyreContrast, kinds: Sequence[TyreKind]) -> TyreKind:
    if which.p_wet_faster > 0.5:
        return quickest_rain_kind(now, which.car_class, kinds)
    return kinds[0]


def _dry(now: TrackState) -> str:
    """No lap shows water: whether that is to be trusted hangs on what they are held against."""
    if now.reference.known:
        return "dry"
    p_wet = float(max(now.p_wet))
    if now.reference.source in (SAID_WET, SAID_DRY):
        told = f"{_said(now.reference)} by what was said"
    elif p_wet <= DAMP:
        told = "dry as far as the race itself can tell"
    else:
        told = "not known, the field gets faster as on a drying track"
    return f"{told}; {missing_in_words(now)}"


def missing_in_words(now: TrackState) -> str:
    """Why a track whose laps show no water may yet be wet, and how probably; empty where known."""
    if now.reference.known:
        return ""
    if now.reference.source == NONE:
        return _REFERENCES[NONE]
    return f"{NO_REFERENCE}, {100 * max(float(max(now.p_wet)), 0.01):.0f} % that it is wet"


def _sectors(which: list[int]) -> str:
    if len(which) == 3:
        return "all sectors"
    if len(which) == 1:
        return f"sector {which[0]} only"
    return f"sectors {which[0]} and {which[1]}"


def _percent(p: float) -> str:
    return f"{100 * max(p, 1 - p):.0f} %"
