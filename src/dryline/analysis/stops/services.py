"""The services of a race's stops: live at each out-lap's crossing, and in hindsight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.fuel_range import RangeTracker
from dryline.analysis.stops.pit_loss import Transit, pit_losses
from dryline.analysis.stops.priors import ServicePriors, StopPriors
from dryline.analysis.stops.service import (
    KINDS,
    Fill,
    ServiceEvidence,
    learn_fill,
    service_probabilities,
)

SERVICES: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "lap": pl.Int32,
    "kind": pl.String,
    "confidence": pl.Float64,
    **{f"p_{kind}": pl.Float64 for kind in KINDS},
    "stood_ms": pl.Int64,  # time in the lane less transit
    "transit_ms": pl.Int64,
    "load_share": pl.Float64,  # of the range, used since the stop before
    "pit_loss_ms": pl.Int64,  # against not stopping; null in the live call
}
"""Columns of both calls, one row per row of STOPS and in its order."""


def services_filtered(
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    priors: StopPriors,
    *,
    series: str | None,
    length_ms: float | None,
) -> pl.DataFrame:
    """Per stop, its service as known at its out-lap's crossing: nothing later is read.

    Args:
        laps: the LAPS table.
        stops: the STOPS table of the same race; a stop without a time in the lane and
            without an estimate of what it lost is ``unknown``.
        priors: see `priors`.
        series: where known; it says whether tyres wait for the fuel.
        length_ms: scheduled length, where known.

    Returns:
        A table of schema `SERVICES`.
    """
    field = _Field(priors, priors.service_of(series), length_ms)
    marks = field.read(laps, stops)
    return _table(stops, marks, priors.service_of(series), steps=None)


def services_smoothed(
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    priors: StopPriors,
    *,
    series: str | None,
    length_ms: float | None,
) -> pl.DataFrame:
    """Per stop, its service in the light of the whole race: the stint after and the pace step too.

    Arguments and result as `services_filtered`; ``pit_loss_ms`` is filled.
    """
    service = priors.service_of(series)
    field = _Field(priors, service, length_ms)
    marks = field.in_hindsight(field.read(laps, stops))
    return _table(stops, marks, service, steps=pit_losses(stops, clean_laps(laps)))


@dataclass(frozen=True)
class _Mark:
    """What was known about a stop and its field when it became known (or at the end)."""

    transit: Transit
    fill: Fill
    car_class: str
    load_share: float
    left_share: float
    neutralised: bool
    after_share: float | None = None


class _Field:
    """A fold over crossings that remembers times in the lane and ranges."""

    def __init__(self, priors: StopPriors, service: ServicePriors, length_ms: float | None) -> None:
        self.service = service
        self.length_ms = length_ms
        self.tracker = RangeTracker(priors.range)
        self.full: dict[str, tuple[list[float], list[float]]] = {}
        self.last_stop: dict[str, int | None] = {}
        self.after: dict[int, float] = {}

    def read(self, laps: pl.DataFrame, stops: pl.DataFrame) -> list[_Mark | None]:
        """Marks of ``stops``, each made at its out-lap's crossing; none without a time.

        What a stop lost stands for its time in the lane where the source states none: transit
        then means what passing through loses. Under a neutralisation both are less, so only
        green stops tell it.
        """
        lost = stops["lost_ms"].to_list()
        wanted = {pair: at for at, pair in enumerate(stops.select("car_number", "lap").iter_rows())}
        marks: list[_Mark | None] = [None] * stops.height
        for row in _crossings(laps).iter_rows(named=True):
            car, car_class = row["car_number"], row["car_class"]
            lap_ms, yellow_ms = float(row["lap_time_ms"] or 0), float(row["neutralised_ms"] or 0)
            load = self.tracker.load.get(car, 0.0)
            at = wanted.get((car, row["lap"] - 1)) if row["out_lap"] else None
            took_ms = row["pit_lane_ms"]
            if took_ms is None and at is not None:
                took_ms = lost[at]
            self.tracker.crossed(
                car,
                car_class,
                lap_ms,
                yellow_share=min(1.0, yellow_ms / lap_ms) if lap_ms > 0 else 0.0,
                out_lap=bool(row["out_lap"]),
                in_lap=bool(row["in_lap"]),
                pit_ms=took_ms if row["pit_lane_ms"] is not None or not yellow_ms else None,
            )
            if took_ms is not None:
                mark = self._mark(row, took_ms, load, at, yellow_ms > 0)
                if at is not None:
                    marks[at] = mark
        return marks

    def in_hindsight(self, marks: list[_Mark | None]) -> list[_Mark | None]:
        """The marks with what the whole race shows, and the stint that followed each stop."""
        transit = self.tracker.transit
        fills = {name: self._fill(name, transit) for name in self.full}
        return [
            None
            if mark is None
            else replace(
                mark, transit=transit, fill=fills[mark.car_class], after_share=self.after.get(at)
            )
            for at, mark in enumerate(marks)
        ]

    def _mark(
        self, row: dict[str, Any], took_ms: int, load: float, at: int | None, neutralised: bool
    ) -> _Mark:
        car, car_class = row["car_number"], row["car_class"]
        reach, _ = self.tracker.range_of(car)
        share = load / reach
        transit = self.tracker.transit
        times, shares = self.full.setdefault(car_class, ([], []))
        times.append(float(took_ms))
        shares.append(share)
        earlier = self.last_stop.get(car)
        if earlier is not None:
            self.after[earlier] = share
        self.last_stop[car] = at
        lap_ms = self.tracker.lap_ms.get(car_class, 100_000.0)
        left = 9.0
        if self.length_ms is not None:
            left = max(self.length_ms - float(row["elapsed_ms"]), 0.0) / lap_ms / reach
        fill = self._fill(car_class, transit)
        return _Mark(transit, fill, car_class, share, left, neutralised)

    def _fill(self, car_class: str, transit: Transit) -> Fill:
        times, shares = self.full[car_class]
        stood_s = (np.array(times) - transit.ms) / 1000
        return learn_fill(stood_s, np.array(shares), self.service)


def _crossings(laps: pl.DataFrame) -> pl.DataFrame:
    return laps.sort("elapsed_ms", "line").select(
        "car_number", "car_class", "lap", "elapsed_ms", "lap_time_ms", "neutralised_ms",
        "out_lap", "in_lap", "pit_lane_ms",
    )  # fmt: skip


def _table(
    stops: pl.DataFrame,
    marks: list[_Mark | None],
    service: ServicePriors,
    steps: pl.DataFrame | None,
) -> pl.DataFrame:
    source = stops if steps is None else steps
    rows = []
    for row, mark in zip(source.iter_rows(named=True), marks, strict=True):
        evidence = _evidence(row, mark) if mark is not None else None
        if evidence is None or mark is None:
            chances = np.eye(len(KINDS))[-1]
        else:
            chances = service_probabilities(evidence, mark.fill, service)
            if row["pit_lane_ms"] is None and evidence.neutralised:
                chances[[0, -1]] = 0.0, chances[0] + chances[-1]  # what was lost tells no transit
        best = int(np.argmax(chances))
        rows.append(
            {
                "car_number": row["car_number"],
                "lap": row["lap"],
                "kind": KINDS[best],
                "confidence": float(chances[best]),
                **{f"p_{kind}": float(p) for kind, p in zip(KINDS, chances, strict=True)},
                "stood_ms": None if evidence is None else round(1000 * evidence.stood_s),
                "transit_ms": None if mark is None else round(mark.transit.ms),
                "load_share": None if mark is None else round(mark.load_share, 4),
                "pit_loss_ms": row.get("pit_loss_ms"),
            }
        )
    return pl.DataFrame(rows, schema=SERVICES)


def _step(before: float | None, after: float | None) -> float | None:
    """Relative step of pace at the stop; None where one side is not known."""
    return None if before is None or after is None else after / before - 1


def _evidence(row: dict[str, Any], mark: _Mark) -> ServiceEvidence | None:
    took_ms = row["lost_ms"] if row["pit_lane_ms"] is None else row["pit_lane_ms"]
    if took_ms is None:
        return None
    before, after = row.get("pace_before_ms"), row.get("pace_after_ms")
    same_driver = not row["driver_change"]
    neutralised = mark.neutralised or row["under"] not in (None, "green")
    doubt_ms = row["lost_sd_ms"] or 0
    return ServiceEvidence(
        stood_s=(took_ms - mark.transit.ms) / 1000,
        transit_sd_s=float(np.hypot(mark.transit.sd_ms, doubt_ms)) / 1000,
        load_share=mark.load_share,
        left_share=mark.left_share,
        driver_change=not same_driver,
        neutralised=neutralised,
        after_share=mark.after_share,
        step=_step(before, after) if same_driver else None,
    )
