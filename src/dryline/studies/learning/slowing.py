"""Count how slow the field was after it had been so slow, at the stops that rejoin is asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from dryline.analysis.stops.priors import StopPriors
from dryline.model.field_slowing import EDGES, FEWEST, slow_row
from dryline.model.rejoin_field import FieldCrossing, RejoinField, crossings
from dryline.studies.learning.stops import PastRace
from dryline.studies.rejoin_scores import routine_stops

QUANTILES = 41
FEWEST_EXAMPLES = 30
Slowed = tuple[int, float]
"""The row of a field so slow at a stop, and how slow it was until the out-lap's end."""
SlowRaces = Mapping[str, tuple[str, Sequence[Slowed]]]
"""Per race id, its series and its examples."""


def slowing_examples(race: PastRace, priors: StopPriors) -> list[Slowed]:
    """Every routine stop of a race: how slow the field was, and was from half a lap later on."""
    field = RejoinField.start(priors, race.series, race.length_ms)
    rows, at = crossings(race.laps), 0
    asked: list[tuple[int, float, float]] = []
    laps: list[tuple[float, float]] = []
    for stop in routine_stops(race.laps):
        at = _cross(field, rows, at, stop.at_ms, laps)
        lap_ms = field.runners[stop.car_number].pace_ms
        row = slow_row(field.slowing.now(stop.at_ms, lap_ms))
        asked.append((row, stop.at_ms + lap_ms / 2, stop.out_ms))
    _cross(field, rows, at, float("inf"), laps)
    ended = [ms for ms, _ in laps]
    found = []
    for row, since, until in asked:
        seen = [s for _, s in laps[bisect_right(ended, since) : bisect_right(ended, until)]]
        if len(seen) >= FEWEST:
            found.append((row, float(np.median(seen))))
    return found


def fit_slowing(races: SlowRaces, priors: StopPriors, leave_out: str | None = None) -> StopPriors:
    """``priors`` with the field's slowing counted in all races but ``leave_out``."""
    fitted = dict(priors.slowing)
    for series in fitted:
        found = [
            each
            for race, (of, part) in races.items()
            if of == series and race != leave_out
            for each in part
        ]
        if found:
            fitted[series] = [_quantiles(found, row) for row in range(len(EDGES) + 1)]
    return msgspec.structs.replace(priors, slowing=fitted)


def _quantiles(found: Sequence[Slowed], row: int) -> list[float]:
    """Evenly spaced quantiles of a row; of all where it has too few examples."""
    own = [slowing for of, slowing in found if of == row]
    values = own if len(own) >= FEWEST_EXAMPLES else [slowing for _, slowing in found]
    return [round(float(q), 4) for q in np.quantile(values, np.linspace(0, 1, QUANTILES))]


def _cross(
    field: RejoinField,
    rows: Sequence[FieldCrossing],
    at: int,
    until_ms: float,
    laps: list[tuple[float, float]],
) -> int:
    """Feed the crossings up to an instant, note the laps that tell; the first row not fed."""
    while at < len(rows) and rows[at].elapsed_ms <= until_ms:
        before = field.slowing.laps[-1] if field.slowing.laps else None
        field.cross(rows[at])
        if field.slowing.laps and field.slowing.laps[-1] is not before:
            laps.append(field.slowing.laps[-1])
        at += 1
    return at
