"""Stretches of time in which the whole field is held back, read from its speed alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dryline.race.field_speed import LONG_LAP_MS, Bools, FieldSpeed, Floats, Ints

OPEN_MS = 1 << 60
"""The end of a stretch that lasts."""

_NOT_RAIN = 0.7
"""Below this share of dry pace it is never only rain."""
_CORE = 0.76
_MIN_CORE_MS = 15_000
_BEGIN_DRY, _BEGIN_WET = 0.95, 0.925
_END_DRY, _END_WET = 0.91, 0.87
_DRY = 0.95
_DEEP, _SOON_MS = 0.62, 40_000
_START_LAG, _START_LAG_DEEP, _END_LAG = 0.15, 0.4, 0.42
"""Shares of a mean sector by which a median over whole sectors is smeared beyond an edge."""
_OUTSIDE_MS, _OUTSIDE_LAPS = 420_000, 7.0
_BRIDGE_MS, _BRIDGE_LAPS, _RACING_MS = 300_000, 5.0, 30_000
_BASELINE_MS = 1_200_000
_BASELINE_QUANTILE, _FREE_QUANTILE = 0.8, 0.88
_BASELINE_KNOWN_MS = 480_000
_STEP_BINS = 12
_FILL_MS = 240_000
_SUSTAINED_MS, _SUSTAINED_LAPS = 10_000, 0.7


@dataclass(frozen=True, slots=True)
class _Profile:
    """The field's speed without gaps, and what its edges look like at this circuit."""

    level: Floats
    bin_ms: int
    lap_ms: float

    def bridged(self, cores: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Cores joined where the field never went back to racing between two of them."""
        joined: list[tuple[int, int]] = []
        for core in cores:
            if joined and not self._raced(joined[-1], core):
                joined[-1] = (joined[-1][0], core[1])
            else:
                joined.append(core)
        return joined

    def held_from(self, core: tuple[int, int]) -> int:
        """When the field began to be held, in ms, at or before the core."""
        outside = self._before(core)
        above = np.flatnonzero(outside >= _edge(outside, _BEGIN_DRY, _BEGIN_WET))
        if not above.size:
            return core[0] * self.bin_ms
        begun = core[0] - len(outside) + int(above[-1]) + 1
        soon = begun + _SOON_MS // self.bin_ms
        deep = self.level[min(soon, core[1] - 1)] < _DEEP
        lag = self.lap_ms / 3 * (_START_LAG_DEEP if deep else _START_LAG)
        return int(min(begun * self.bin_ms + lag, core[0] * self.bin_ms))

    def held_until(self, core: tuple[int, int]) -> int:
        """When the field was let go, in ms, at or after the core; ``OPEN_MS`` if it was not."""
        outside = self._after(core)
        racing = true_runs(outside >= _edge(outside, _END_DRY, _END_WET), self._sustained())
        ended = core[1] + (racing[0][0] if racing else len(outside))
        if not racing and ended >= len(self.level):
            return OPEN_MS
        return int(max(ended * self.bin_ms - self.lap_ms / 3 * _END_LAG, core[0] * self.bin_ms))

    def _raced(self, first: tuple[int, int], second: tuple[int, int]) -> bool:
        if (second[0] - first[1]) * self.bin_ms > max(_BRIDGE_MS, _BRIDGE_LAPS * self.lap_ms):
            return True
        edge = _edge(self._before(first), _BEGIN_DRY, _BEGIN_WET)
        racing = true_runs(self.level[first[1] : second[0]] > edge, 1)
        return max((b - a for a, b in racing), default=0) * self.bin_ms >= _RACING_MS

    def _before(self, core: tuple[int, int]) -> Floats:
        return self.level[max(0, core[0] - _OUTSIDE_MS // self.bin_ms) : core[0]]

    def _after(self, core: tuple[int, int]) -> Floats:
        around = int(max(_OUTSIDE_MS, _OUTSIDE_LAPS * self.lap_ms)) // self.bin_ms
        return self.level[core[1] : core[1] + around]

    def _sustained(self) -> int:
        """For how many bins the field must race: on a long lap a bunch is quick in places."""
        enough = _SUSTAINED_LAPS * self.lap_ms if self.lap_ms > LONG_LAP_MS else _SUSTAINED_MS
        return max(1, int(enough) // self.bin_ms)


def _edge(outside: Floats, dry: float, wet: float) -> float:
    """The speed that separates held from free, given the minutes outside a core."""
    free = float(_quantile(outside[None, :], _FREE_QUANTILE)[0]) if outside.size else 1.0
    return free * (dry if free > _DRY else wet)


def neutral_spans(field: FieldSpeed, halts: Ints) -> Ints:
    """First and last instant (spans, 2), in ms, of each stretch of a neutralised field.

    A stretch has a core in which every part of the lap is under 76 % of the field's present
    baseline (which follows the weather), and reaches out to where the speed was last, and is
    again, like the minutes around it.

    Args:
        field: the field's speed.
        halts: (n, 2) stretches, in ms, in which nobody moved at all.
    """
    bin_ms = field.bin_ms
    overall = field.overall.copy()
    everywhere = _quickest_part(field).copy()
    for start, end in halts:
        overall[start // bin_ms : end // bin_ms] = 0.0
        everywhere[start // bin_ms : end // bin_ms] = 0.0
    if not np.isfinite(everywhere).any():
        return np.zeros((0, 2), dtype=np.int64)
    baseline = baseline_speed(overall, bin_ms)
    slow = nearest(everywhere / baseline, len(everywhere)) < _CORE
    profile = _Profile(nearest(overall, len(overall)), bin_ms, field.lap_reference_ms)
    cores = profile.bridged(true_runs(slow, max(1, _MIN_CORE_MS // bin_ms)))
    return _merge([(profile.held_from(core), profile.held_until(core)) for core in cores])


def _quickest_part(field: FieldSpeed) -> Floats:
    """The speed (bins,) that no part of the lap is below.

    On a long circuit, a sector with nobody in it keeps what is known nearest in time, within
    four minutes; that is what tells a full course yellow from a slow zone.
    """
    if not len(field.by_sector):
        return field.overall
    limit = _FILL_MS // field.bin_ms
    filled = np.stack([nearest(part, limit) for part in field.by_sector])
    known = np.isfinite(filled)
    return np.where(known.any(0), np.where(known, filled, -1.0).max(0), np.nan)


def baseline_speed(speed: Floats, bin_ms: int) -> Floats:
    """What the field could do now if it were let: a high quantile of the 40 minutes around."""
    step = _STEP_BINS
    steps = -(-len(speed) // step)
    padded = np.append(speed, np.full(steps * step - len(speed), np.nan))
    free = np.where(padded < _NOT_RAIN, np.nan, padded).reshape(steps, step)
    per_step = _quantile(free, 0.5)
    reach = _BASELINE_MS // (step * bin_ms)
    around = np.append(np.append(np.full(reach, np.nan), per_step), np.full(reach, np.nan))
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * reach + 1)
    usual = np.where(
        np.isfinite(windows).sum(1) >= min(_BASELINE_KNOWN_MS // (step * bin_ms), steps),
        _quantile(windows, _BASELINE_QUANTILE),
        np.nan,
    )
    smooth = nearest(usual, steps)
    return np.repeat(np.where(np.isfinite(smooth), smooth, 1.0), step)[: len(speed)]


def _quantile(rows: Floats, q: float) -> Floats:
    """The quantile of each row's known values; NaN where it has none."""
    ordered = np.sort(rows, axis=1)
    known = np.isfinite(ordered).sum(1)
    index = np.maximum(np.rint(q * (known - 1)).astype(np.int64), 0)
    return np.asarray(ordered[np.arange(len(rows)), index])


def nearest(values: Floats, limit: int) -> Floats:
    """``values`` with each gap filled from its nearest known neighbour, up to ``limit`` bins."""
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return values
    at = np.arange(len(values))
    right = np.minimum(np.searchsorted(known, at), known.size - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.where(np.abs(known[left] - at) <= np.abs(known[right] - at), left, right)
    source = known[nearer]
    return np.where(np.abs(source - at) <= limit, values[source], np.nan)


def true_runs(mask: Bools, shortest: int) -> list[tuple[int, int]]:
    """Half-open runs of true bins of at least ``shortest``."""
    change = np.diff(np.r_[False, mask, False].astype(np.int8))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if b - a >= shortest]


def _merge(spans: list[tuple[int, int]]) -> Ints:
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)
