"""After the race: whether its own laps show what dry is here, where nothing else tells.

A race that began on a wet track and dried shows it: half the field stops for other tyres and goes
on getting faster, for at the change slicks are no faster than wets yet. Where nobody changed so,
the quickest laps are taken for what they are: laps on wets.

Sources: 134 labelled races, 15 of them with wet laps, and the ten of these that were begun on wets
cut off before their change. Losses and paces are in log time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.doubt import FIRST_PACE, OWN_LAPS, SAID_DRY, SAID_WET, Reference
from dryline.analysis.track.reference import Sectors
from dryline.domain.flag import NEUTRALISED
from dryline.race.inferred_periods import inferred_periods

WINDOW_MS = 300_000
RUNNING = 0.45
"""Share of the running cars whose flying laps make a window's pace; as for the first pace."""
QUICKEST = 0.05
"""The share of the windows that is the race's quick pace: one of a sprint, fourteen of 24 hours."""

BEGAN_WET = 0.09
"""A first pace so far over the dry one is on wets: labelled fields on wets were 0.095 over it or
more, on slicks 0.088 at most."""
BEGAN_SLOW = 0.055
"""A first pace so far over the quick one is seldom dry: it was in 3 of 119 dry races, and in all
seven wet starts with a change of tyres."""

WAVE_MS, WAVE = 600_000, 0.5
"""A wave of stops: so large a share of the cars within so long."""
CHANGE_FROM = 0.04
"""So far over its quick pace a field has reason to change: seven changes were made from 0.041 to
0.174."""
AT_CHANGE = 0.118
"""What a field on wets is over its dry pace when half of it has changed to slicks; +- 0.009."""
GAINED = 0.02
"""What a field gains after its change to slicks: 0.027 or more in five dry phases; 0.006 at most
where it changed to other wets, or where the rain came back."""
NEAR, PLATEAU = 0.015, 3
"""A track has dried when so many windows lie so near its quick pace: four or more in four races
that dried, one in two whose slicks never saw a dry track."""
NEVER_CHANGED = 0.12
"""What a field on wets is over its dry pace where nothing tells more."""
DRIED_DOUBT = 0.04
"""Probability that a race did not dry although it changed, gained and settled: so did none of 13
that did not dry (taken as 1 in 15) and four of six that did; 0.27 of the wet starts never dry."""


@dataclass(frozen=True)
class Change:
    """The field's last wave of stops from a slow pace to its quick one.

    ``before``: how far over its quick pace it was until then; ``gained`` what it gained after, log
    time; ``settled`` how many windows it drove at its quick pace then.
    """

    before: float
    gained: float
    settled: int

    @property
    def to_dry(self) -> bool:
        """Whether it got faster after it, for slicks begin where wets end, until it had dried."""
        return self.gained >= GAINED and self.settled >= PLATEAU


@dataclass(frozen=True)
class OwnPace:
    """What a race has shown of its pace.

    ``quick``: log sector times, ms, per class, at its quickest; ``opening`` how far its first free
    laps were over them, log time; ``change`` the last change of tyres that made it faster.
    """

    quick: Mapping[str, Sectors]
    opening: float
    change: Change | None

    @property
    def dried(self) -> bool:
        """Whether the quick pace is a dry one for certain."""
        return self.change is not None and self.change.to_dry

    def wet_by(self) -> float | None:
        """How far the quick pace of a wet start is over its dry one; None: begun dry."""
        wet = 0.0
        if self.change is None:
            wet = NEVER_CHANGED
        elif not self.dried and self.opening >= BEGAN_SLOW:
            wet = max(0.0, AT_CHANGE - self.change.before)
        began = self.opening if self.change is None else self.opening + wet
        return wet if began >= BEGAN_WET else None


def own_reference(pace: OwnPace, first: Reference) -> tuple[Reference, dict[str, Sectors] | None]:
    """What to measure the race against after it, and the dry levels to begin again with.

    Args:
        pace: what the race has shown.
        first: what its first pass ended with.
    """
    wet = pace.wet_by()
    if pace.dried:
        known = Reference(
            True, OWN_LAPS, min(DRIED_DOUBT, first.doubt) if wet is None else DRIED_DOUBT
        )
        return known, None if wet is None else dict(pace.quick)
    said = first.source in (SAID_WET, SAID_DRY)
    unknown = first if said else Reference(False, FIRST_PACE, first.doubt)
    if wet is None or said:
        return unknown, None
    return unknown, {name: (a - wet, b - wet, c - wet) for name, (a, b, c) in pace.quick.items()}


def own_pace(laps: pl.DataFrame) -> OwnPace | None:
    """What a race shows of its pace; None where too few of its laps were free.

    ``laps``: schema ``LAPS`` or ``CROSSINGS``.
    """
    free = _free_laps(laps)
    windows = _windows(free, laps)
    if windows.is_empty():
        return None
    over = windows.group_by("window").agg(pl.col("over").median()).sort("window")
    at_ms = (over["window"].to_numpy() + 0.5) * WINDOW_MS
    return OwnPace(
        _quick_sectors(free, windows),
        _opening(free, windows),
        _change(laps, at_ms, over["over"].to_numpy()),
    )


def _free_laps(laps: pl.DataFrame) -> pl.DataFrame:
    """Laps at racing pace: no first, in- or out-lap, none held back by a flag or as we infer."""
    was_in = pl.col("in_pit").shift(1).over("car_number", order_by="lap").fill_null(value=False)
    held = pl.col("flag").cast(pl.String).is_in([str(f) for f in NEUTRALISED])
    free = laps.filter(
        ~pl.col("in_pit")
        & ~was_in
        & ~held.fill_null(value=False)
        & pl.col("pit_lane_ms").is_null()
        & (pl.col("lap") > 1)
        & pl.all_horizontal(pl.col(f"s{k}_ms") > 0 for k in (1, 2, 3))
    ).with_columns(
        window=pl.col("elapsed_ms") // WINDOW_MS,
        pace=pl.col("lap_time_ms").log(),
        began_ms=pl.col("elapsed_ms") - pl.col("lap_time_ms"),
    )
    whole = inferred_periods(laps, None).filter(pl.col("sector").is_null())
    for start_ms, end_ms in whole.select("start_ms", "end_ms").iter_rows():
        outside = pl.col("elapsed_ms") <= start_ms
        free = free.filter(outside if end_ms is None else outside | (pl.col("began_ms") >= end_ms))
    return free.sort("elapsed_ms")


def _windows(free: pl.DataFrame, laps: pl.DataFrame) -> pl.DataFrame:
    """Each class's pace by window, ``over`` its own quick one, where enough of it drove freely."""
    running = laps.group_by("car_class", window=pl.col("elapsed_ms") // WINDOW_MS).agg(
        running=pl.col("car_number").n_unique()
    )
    paced = (
        free.group_by("car_class", "window")
        .agg(cars=pl.col("car_number").n_unique(), pace=pl.col("pace").median())
        .join(running, on=("car_class", "window"))
        .filter((pl.col("cars") >= 3) & (pl.col("cars") >= RUNNING * pl.col("running")))
    )
    quick = pl.col("pace").quantile(QUICKEST, "lower").over("car_class")
    return paced.with_columns(quick=quick, over=pl.col("pace") - quick)


def _quick_sectors(free: pl.DataFrame, windows: pl.DataFrame) -> dict[str, Sectors]:
    """Log of the median sector times in each class's quickest windows."""
    quickest = windows.filter(pl.col("over") <= 0).select("car_class", "window")
    rows = free.join(quickest, on=("car_class", "window")).group_by(
        "car_class", maintain_order=True
    )
    sectors = rows.agg(pl.col(f"s{k}_ms").median().log() for k in (1, 2, 3))
    return {name: (a, b, c) for name, a, b, c in sectors.iter_rows()}


def _opening(free: pl.DataFrame, windows: pl.DataFrame) -> float:
    """How far the field's first free laps were over its quick pace."""
    quick = windows.select("car_class", "quick").unique()
    first = free.join(quick, on="car_class").sort("elapsed_ms")
    cars = first["car_number"].is_first_distinct().cum_sum()
    enough = max(3.0, RUNNING * first["car_number"].n_unique())
    return float((first["pace"] - first["quick"]).filter(cars <= enough).median())  # type: ignore[arg-type]


def _change(
    laps: pl.DataFrame, at_ms: npt.NDArray[np.float64], over: npt.NDArray[np.float64]
) -> Change | None:
    """The last wave of stops from a pace that was slow and became quick."""
    found = None
    for wave_ms in _waves(laps):
        earlier, later = over[at_ms < wave_ms], over[at_ms > wave_ms]
        if not len(earlier) or not len(later) or earlier[-1] < CHANGE_FROM:
            continue
        if later.min() < GAINED:
            settled = int((later < NEAR).sum())
            found = Change(float(earlier[-1]), float(later[0] - later.min()), settled)
    return found


def _waves(laps: pl.DataFrame) -> list[float]:
    """When half the field stopped within ten minutes: each wave's median, ms."""
    cars = laps["car_number"].n_unique()
    stops = laps.filter("in_pit").sort("elapsed_ms").select("elapsed_ms", "car_number")
    at_ms, who = stops["elapsed_ms"].to_numpy(), stops["car_number"].to_numpy()
    waves, i = [], 0
    while i < len(at_ms):
        until = int(np.searchsorted(at_ms, at_ms[i] + WAVE_MS, side="right"))
        if len(set(who[i:until])) >= WAVE * cars:
            waves.append(float(np.median(at_ms[i:until])))
            i = until
        else:
            i += 1
    return waves
