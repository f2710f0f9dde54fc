"""Whether the classes still differ: a held field goes at one pace, a wet one does not."""

from __future__ import annotations

import numpy as np

from dryline.race.field_speed import FieldSpeed, Floats, Ints, SectorRuns

_WEAK = 0.68
_LONG_MS = 360_000
_RACING_SPREAD = 0.5
_CLOSED_UP, _SLOW = 0.6, 0.92
_STEP_LAPS, _SPREAD_LAPS = 0.5, 2.0
_FEW_RUNS = 12
_SAME_CLASS = 0.03


def without_rain(spans: Ints, field: FieldSpeed, relative: Floats, runs: SectorRuns) -> Ints:
    """The spans that are no mere rain.

    A long span whose slowest fifth is still above 68 % of the baseline is believed only where
    the classes have closed up to one pace; rain slows every class and keeps them apart.
    ``relative`` (bins,) is the field's speed over its baseline.
    """
    kept = [span for span in spans if not _is_rain(span, relative, field.bin_ms, runs)]
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def held_longer(spans: Ints, field: FieldSpeed, relative: Floats, runs: SectorRuns) -> Ints:
    """The spans, each prolonged while the field stays slow and its classes closed up.

    In the rain a safety car can be nearly as quick as the race before it: then only the classes
    tell that it is still out. ``relative`` (bins,) is the field's speed over its baseline.
    """
    if not len(spans):
        return spans
    last_ms = len(relative) * field.bin_ms
    step = int(_STEP_LAPS * runs.lap_reference_ms)
    longer: list[list[int]] = []
    for start, end in spans.tolist():
        while end + step < last_ms and _still_held(end, step, relative, field.bin_ms, runs):
            end += step
        if longer and start <= longer[-1][1]:
            longer[-1][1] = max(longer[-1][1], end)
        else:
            longer.append([start, end])
    return np.array(longer, dtype=np.int64)


def _still_held(at: int, step: int, relative: Floats, bin_ms: int, runs: SectorRuns) -> bool:
    soon = relative[at // bin_ms : (at + step) // bin_ms]
    soon = soon[np.isfinite(soon)]
    if not soon.size or float(np.quantile(soon, 0.7)) > _SLOW:
        return False
    return class_spread(runs, at, at + int(_SPREAD_LAPS * runs.lap_reference_ms)) < _CLOSED_UP


def class_spread(runs: SectorRuns, start_ms: int, end_ms: int) -> float:
    """How far apart quick and slow classes are, as a share of the usual: 1 racing, 0 held.

    The median over the sectors of a log ratio of times; NaN with one class or too few cars.
    """
    inside = runs.where((runs.start_ms >= start_ms) & (runs.end_ms <= end_ms))
    spreads = [_spread(inside.where(inside.sector == k)) for k in range(3)]
    known = [one for one in spreads if np.isfinite(one)]
    return float(np.median(known)) if known else float("nan")


def _is_rain(span: Ints, relative: Floats, bin_ms: int, runs: SectorRuns) -> bool:
    start, end = int(span[0]), min(int(span[1]), len(relative) * bin_ms)
    if end - start <= _LONG_MS:
        return False
    inside = relative[start // bin_ms : end // bin_ms + 1]
    inside = inside[np.isfinite(inside)]
    if not inside.size or float(np.quantile(inside, 0.2)) < _WEAK:
        return False
    return not class_spread(runs, start, end) < _RACING_SPREAD


def _spread(runs: SectorRuns) -> float:
    if len(runs.row) < _FEW_RUNS:
        return float("nan")
    usual = np.log(runs.reference_ms)
    quick = usual <= np.quantile(usual, 0.3)
    slow = usual >= np.quantile(usual, 0.7)
    apart = float(np.median(usual[slow]) - np.median(usual[quick]))
    if apart < _SAME_CLASS:
        return float("nan")
    now = np.log((runs.end_ms - runs.start_ms).astype(np.float64))
    return float(np.median(now[slow]) - np.median(now[quick])) / apart
