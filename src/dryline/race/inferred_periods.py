"""Neutralisations that no flag states, as periods."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.flag import Flag
from dryline.domain.series import Series
from dryline.domain.tables import NEUTRALISATIONS, empty
from dryline.race.class_spread import held_longer, without_rain
from dryline.race.field_halts import field_halts, may_halt
from dryline.race.field_speed import Ints, SectorRuns, field_speed, sector_runs
from dryline.race.neutral_edges import sharpened
from dryline.race.neutral_kinds import NeutralStretch, Trap, parts
from dryline.race.neutral_spans import OPEN_MS, baseline_speed, neutral_spans
from dryline.race.slow_zones import slow_zones
from dryline.race.slowed_sectors import all_zones, as_raced, slowed_sectors

_READ = (
    *("car_number", "car_class", "lap", "lap_time_ms", "s1_ms", "s2_ms", "s3_ms"),
    *("elapsed_ms", "in_pit", "pit_lane_ms", "top_speed_kmh"),
)
_VSC_CONFIDENCE = 0.85
_SLOW_ZONE_CONFIDENCE = 0.7
_RED_CONFIDENCE = 0.9


def inferred_periods(
    crossings: pl.DataFrame, flags: pl.DataFrame | None, *, series: str | None = None
) -> pl.DataFrame:
    """What the speed of the field shows, in the NEUTRALISATIONS schema and its order.

    Args:
        crossings: a CROSSINGS table.
        flags: the periods that flags state, where the feed has flags: then only a virtual safety
            car, a slow zone and a red flag inside a coded period remain to be inferred. ``None``
            where it has none: then everything is.
        series: where known; some have neither a virtual safety car nor a slow zone.
    """
    timed = _in_order(crossings.select(_READ))
    elapsed = timed["elapsed_ms"].to_numpy()
    kinds = Series.of(series).neutralisations
    only_halts = flags is not None and kinds.only is not None
    if only_halts and not may_halt(elapsed):
        return empty(NEUTRALISATIONS)
    runs = sector_runs(timed)
    halts = field_halts(elapsed, timed["car_number"], runs.lap_reference_ms)
    if flags is not None:
        halts = _inside(halts, flags)
    found = [NeutralStretch(Flag.RED.value, int(a), int(b), _RED_CONFIDENCE) for a, b in halts]
    zones: list[tuple[int, int, int]] = []
    if not only_halts:
        has_zones = Flag.SLOW_ZONE in kinds.kinds
        car = timed["car_number"].rank("dense").cast(pl.Int64).to_numpy()
        slowed = slowed_sectors(runs, car) if has_zones else []
        if not runs.is_long_circuit:
            runs = as_raced(runs, slowed)
        field = field_speed(runs)
        spans = neutral_spans(field, halts)
        if flags is None:
            relative = field.overall / baseline_speed(field.overall, field.bin_ms)
            spans = held_longer(spans, field, relative, runs)
            spans = without_rain(spans, field, relative, runs)
        trap = Trap(timed, runs)
        every = _every_part(spans, trap, int(elapsed[-1]) if elapsed.size else 0, series)
        found += apart([_sharp(part, runs) for part in every]) if flags is None else _virtual(every)
        held = spans if flags is None else np.concatenate([spans, _bounds(flags)])
        zones = all_zones(slow_zones(field, held), slowed, held) if has_zones else []
    return _table(found, zones, elapsed)


def _in_order(timed: pl.DataFrame) -> pl.DataFrame:
    if timed["elapsed_ms"].null_count():
        timed = timed.filter(pl.col("elapsed_ms").is_not_null())
    if bool((np.diff(timed["elapsed_ms"].to_numpy()) < 0).any()):
        timed = timed.sort("elapsed_ms", maintain_order=True)
    return timed


def _every_part(spans: Ints, trap: Trap, last_ms: int, series: str | None) -> list[NeutralStretch]:
    """The parts of all spans; the last part of one that lasts, lasts."""
    found: list[NeutralStretch] = []
    for start, end in spans.tolist():
        inside = parts((start, max(start, min(end, last_ms))), trap, series)
        if end >= OPEN_MS:
            inside[-1] = inside[-1]._replace(
                end_ms=OPEN_MS, edges="start" if inside[-1].edges else ""
            )
        found += inside
    return found


def _sharp(part: NeutralStretch, runs: SectorRuns) -> NeutralStretch:
    """A limited part with sharp edges; where a safety car follows, only the start has one."""
    if part.edges == "":
        return part
    start, end = sharpened((part.start_ms, part.end_ms), runs, end_too=part.edges == "both")
    return part._replace(start_ms=start, end_ms=end)


def apart(found: list[NeutralStretch]) -> list[NeutralStretch]:
    """The parts in order, none begun before the one before it has ended."""
    free_ms = found[0].start_ms if found else 0
    kept: list[NeutralStretch] = []
    for part in found:
        start = max(part.start_ms, free_ms)
        free_ms = max(start, part.end_ms)
        kept.append(part._replace(start_ms=start, end_ms=free_ms))
    return kept


def _virtual(found: list[NeutralStretch]) -> list[NeutralStretch]:
    """The virtual safety cars among ``found``: flags would have stated anything else."""
    return [
        part._replace(kind=Flag.VSC.value, confidence=_VSC_CONFIDENCE)
        for part in found
        if part.is_limited
    ]


def _inside(halts: Ints, flags: pl.DataFrame) -> Ints:
    """Halts under a coded neutralisation that is not already coded red."""
    if not len(halts):
        return halts
    rows = flags.filter(pl.col("kind") != Flag.RED.value)
    bounds = _bounds(rows)
    kept = [(a, b) for a, b in halts if any(start <= a and b <= end for start, end in bounds)]
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def _bounds(periods: pl.DataFrame) -> Ints:
    ends = periods["end_ms"].fill_null(np.iinfo(np.int64).max // 4)
    return np.column_stack([periods["start_ms"].to_numpy(), ends.to_numpy()]).astype(np.int64)


def _table(
    found: list[NeutralStretch], zones: list[tuple[int, int, int]], elapsed: Ints
) -> pl.DataFrame:
    """Rows whose start and end are crossings, as everywhere; an end beyond the last is null."""
    rows: list[tuple[str, int, int, float, int | None]] = [
        (part.kind, part.start_ms, part.end_ms, part.confidence, None) for part in found
    ]
    rows += [
        (Flag.SLOW_ZONE.value, start, end, _SLOW_ZONE_CONFIDENCE, sector)
        for sector, start, end in zones
    ]
    table = []
    for kind, start, end, confidence, sector in rows:
        first = int(np.searchsorted(elapsed, start))
        last = int(np.searchsorted(elapsed, end))
        if first >= len(elapsed) or last <= first:
            continue
        until = int(elapsed[last]) if last < len(elapsed) else None
        table.append((kind, int(elapsed[first]), until, "inferred", confidence, sector))
    schema = dict(NEUTRALISATIONS)
    return pl.DataFrame(table, schema=schema, orient="row").sort("start_ms", maintain_order=True)
