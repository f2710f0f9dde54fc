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
_FREE, _CAUGHT = 0.93, 0.8
_EMPTY, _MOST_LAPS = 0.4, 0.6


def without_rain(spans: Ints, field: FieldSpeed, relative: Floats, runs: SectorRuns) -> Ints:
    """The spans that are no mere rain.

    A long span whose slowest fifth is still above 68 % of the baseline is believed only where
    the classes have closed up to one pace; rain slows every class and keeps them apart. Where
    there is one class only, it is believed where the field was slowed within a lap and went round
    in one queue.
    ``relative`` (bins,) is the field's speed over its baseline.
    """
    kept = [span for span in spans if not _is_rain(span, relative, field.bin_ms, runs)]
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def held_longer(spans: Ints, field: FieldSpeed, relative: Floats, runs: SectorRuns) -> Ints:
    """The spans, each prolonged while the field stays slow and its classes closed up.

    In the rain a safety car can be nearly as quick as the race before it: then only the classes
    tell that it is still out, and with one class only the queue. ``relative`` (bins,) is the
    field's speed over its baseline.
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
    until = at + int(_SPREAD_LAPS * runs.lap_reference_ms)
    spread = class_spread(runs, at, until)
    if np.isfinite(spread):
        return spread < _CLOSED_UP
    return _in_queue(runs, at, until, float(np.median(soon)))


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
    lap_ms = int(runs.lap_reference_ms)
    inside = relative[start // bin_ms : end // bin_ms + 1]
    inside = inside[np.isfinite(inside)]
    if not inside.size or float(np.quantile(inside, 0.2)) < _WEAK:
        return False
    spread = class_spread(runs, start, end)
    if np.isfinite(spread):
        return not spread < _RACING_SPREAD
    around = relative[max(0, start - lap_ms // 2) // bin_ms : (start + lap_ms) // bin_ms + 1]
    around = around[np.isfinite(around)]
    sudden = around.size > 0 and around.max() > _FREE and around.min() < _CAUGHT
    return not (sudden and _in_queue(runs, start, end, float(np.median(inside))))


def _in_queue(runs: SectorRuns, start: int, end: int, speed: float) -> bool:
    """Whether the line was empty for a good part of most laps: all in one queue."""
    lap_ms = runs.lap_reference_ms / max(speed, 0.1)
    inside = (runs.sector == 2) & (runs.end_ms >= start) & (runs.end_ms < end)
    crossed = np.sort(runs.end_ms[inside])
    empty = int((np.diff(crossed) > _EMPTY * lap_ms).sum())
    return empty >= _MOST_LAPS * (end - start) / lap_ms


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
