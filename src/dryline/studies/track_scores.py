"""How well the live rain gauge reads the track: onsets, wet minutes, false alarms, tyres.

No file says how wet it was or which tyre a car had. The references are intervals read from the
field's median lap and waves of stops read in hindsight, with their doubts; so every row says
which reference it was held against. Whole races are left out: the dry expectation of a race
comes from the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.crossover import tyre_contrasts, wets_likely
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.model import TrackModel
from dryline.analysis.track.reading import run_filter
from dryline.analysis.track.reference import fit_dry_priors
from dryline.analysis.track.state import TrackState
from dryline.domain.dry_prior import DryPrior
from dryline.domain.series import car_class as known_class

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]

PROTOCOL = (
    "filtered every half minute, whole races left out; "
    "alarm: p_wet > 0.5 in two sectors at once; "
    "onset: first alarm from six minutes before the reference's start, against its start; "
    "recall: minutes of the reference's intervals not held back by a flag; false alarm: alarm in "
    "a race without a reference interval; tyre AUC two laps after the wave's first tenth, cars "
    "that stopped since against cars that did not, five a side; which tyre is faster: beyond one "
    "lap from the reference's crossover, on the sides that its censoring allows; "
    "realised: every lap "
    "after a wave with three cars a side, changed cars against the others, each against its own "
    "dry pace"
)


@dataclass
class TrackScore:
    """Rows of the backtest and their summary."""

    rows: list[Row] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    protocol: str = PROTOCOL


def backtest_track(
    races: Mapping[str, pl.DataFrame],
    intervals: pl.DataFrame,
    waves: pl.DataFrame,
    others: Mapping[str, pl.DataFrame] | None = None,
    model: TrackModel | None = None,
) -> TrackScore:
    """Score the live filter on races, each with the dry expectation of the others.

    Args:
        races: laps (schema ``LAPS`` or ``CROSSINGS``) by the race's name in the references.
        intervals: columns race, from_min, to_min, sectors, note.
        waves: columns race, class_group, change_to, wave_10pct_min, wave_median_min,
            changed_faster_min, censoring.
        others: further races to take dry expectations from.
        model: constants.
    """
    priors: list[DryPrior] = []
    for name, laps in {**(others or {}), **races}.items():
        priors += fit_dry_priors(name, laps)
    score = TrackScore()
    for name, laps in races.items():
        score.rows += score_race(name, laps, intervals, waves, priors, model)
    score.summary = summarise(score.rows)
    return score


def score_race(
    name: str,
    laps: pl.DataFrame,
    intervals: pl.DataFrame,
    waves: pl.DataFrame,
    priors: Sequence[DryPrior],
    model: TrackModel | None = None,
) -> list[Row]:
    """The rows of one race."""
    live = TrackFilter(priors, without=name, model=model)
    states, _ = run_filter(live, laps)
    mine = intervals.filter(pl.col("race") == name)
    rows = _wet_rows(name, states, mine, live.one.field.flagged)
    for wave in waves.filter(pl.col("race") == name).iter_rows(named=True):
        rows += _wave_rows(name, laps, states, wave)
    return rows


def _wet_rows(
    name: str, states: list[TrackState], intervals: pl.DataFrame, held: list[tuple[float, float]]
) -> list[Row]:
    at = np.array([s.at_ms for s in states]) / 60_000
    p_wet = np.array([s.p_wet for s in states])
    alarm = (p_wet > 0.5).sum(axis=1) >= 2
    halted = np.zeros(len(at), dtype=bool)
    for a, b in held:
        halted |= (at >= a / 60_000) & (at <= b / 60_000)
    step = float(np.median(np.diff(at))) if len(at) > 1 else 0.5
    hours = float(at[-1]) / 60
    if intervals.is_empty():
        spans = [{"from_min": a, "to_min": b} for a, b in _spans(at, alarm)]
        minutes = float(alarm.sum() * step)
        row = {"kind": "dry_race", "race": name, "hours": hours, "alarms": spans}
        offered = sum(
            any(wets_likely(s, each.p_wet_faster) for each in tyre_contrasts(s)) for s in states
        )
        return [{**row, "alarm_min": minutes, "wets_offered_min": offered * step}]
    rows: list[Row] = []
    for w in intervals.iter_rows(named=True):
        a, b = float(w["from_min"]), float(w["to_min"])
        inside = (at >= a) & (at <= b)
        if w["sectors"] != "all":
            k = int(w["sectors"][1]) - 1
            near = (at >= a - 2) & (at <= b + 2)
            best = float(p_wet[near, k].max())
            rows.append({"kind": "one_sector", "race": name, "from_min": a, "to_min": b,
                         "sector": k + 1, "highest_p_wet": best})  # fmt: skip
            continue
        on = np.nonzero(alarm & (at >= a - 6) & (at <= b))[0]
        before = bool(alarm[(at >= a - 6.6) & (at < a - 5.9)].any())
        free = inside & ~halted
        rows.append(
            {
                "kind": "wet_interval", "race": name, "from_min": a, "to_min": b,
                "onset_delay_min": float(at[on[0]] - a) if len(on) else None,
                "alarm_since_before": before,
                "minutes": float(free.sum() * step),
                "recalled_min": float((alarm & free).sum() * step),
            }
        )  # fmt: skip
    return rows


def _spans(at: Floats, on: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    return [(float(at[a]), float(at[b - 1])) for a, b in edges.reshape(-1, 2)]


def class_group(car_class: str) -> str:
    """The group in which tyre changes are counted: GT cars together, prototypes by class."""
    return car_class if known_class(car_class).prototype else "GT"


def _wave_rows(name: str, laps: pl.DataFrame, states: list[TrackState], wave: Row) -> list[Row]:
    classes = [c for c in laps["car_class"].unique() if class_group(c) == wave["class_group"]]
    mine = laps.filter(pl.col("car_class").is_in(classes)).with_columns(
        minute=pl.col("elapsed_ms") / 60_000
    )
    begins = float(wave["wave_10pct_min"])
    around = mine.filter(~pl.col("in_pit") & ((pl.col("minute") - begins).abs() < 15))
    lap_min = float(around["lap_time_ms"].median() or 0) / 60_000  # type: ignore[arg-type]
    row = {"race": name, "class_group": wave["class_group"], "change_to": wave["change_to"],
           "wave_min": begins}  # fmt: skip
    rows = [{"kind": "tyre_wave", **row, **_tyre_auc(mine, states, begins, lap_min, wave)}]
    rows += [{"kind": "faster", **row, **r} for r in _faster(classes, states, lap_min, wave)]
    realised = _realised(mine, states, begins, lap_min, wave)
    return rows + [{"kind": "realised", **row, **r} for r in realised]


def _tyre_auc(
    mine: pl.DataFrame, states: list[TrackState], begins: float, lap_min: float, wave: Row
) -> Row:
    at = begins + 2 * lap_min
    state = states[_index(states, at)]
    minute = pl.col("minute")
    stopped = mine.filter(pl.col("in_pit") & (minute > begins - 1.5) & (minute <= at))
    running = mine.filter((minute > at - 2 * lap_min - 2) & (minute <= at + 3 * lap_min))
    changed = set(stopped["car_number"])
    sides: tuple[list[float], list[float]] = ([], [])
    for car in sorted(set(running["car_number"])):
        if car in state.tyres:
            p = state.tyres[car][0]
            sides[car not in changed].append(p if wave["change_to"] == "wet" else 1 - p)
    a, b = np.array(sides[0]), np.array(sides[1])
    auc = None
    if len(a) and len(b):
        auc = float(np.mean((a[:, None] > b) + 0.5 * (a[:, None] == b)))
    return {
        "at_min": at, "changed": len(a), "unchanged": len(b), "auc": auc,
        "counts": min(len(a), len(b)) >= 5,
        "p_new_changed": [round(float(x), 3) for x in a],
        "p_new_unchanged": [round(float(x), 3) for x in b],
    }  # fmt: skip


def _faster(classes: list[str], states: list[TrackState], lap_min: float, wave: Row) -> list[Row]:
    if wave["changed_faster_min"] in (None, ""):
        return []
    crossover = float(wave["changed_faster_min"])
    censoring = wave["censoring"] or ""
    rows = []
    near, far = lap_min + 0.5, lap_min + 3
    for side, away in ((-1, far), (-1, near), (1, near), (1, far)):
        if (side < 0 and "already" in censoring) or (side > 0 and "not yet" in censoring):
            continue
        state = states[_index(states, crossover + side * away)]
        p = [c.p_wet_faster for c in tyre_contrasts(state) if c.car_class in classes]
        if not p:
            continue
        new = float(np.mean(p)) if wave["change_to"] == "wet" else 1 - float(np.mean(p))
        rows.append({"side": side, "minutes_away": side * away,
                     "p_right": new if side > 0 else 1 - new})  # fmt: skip
    return rows


def _realised(
    mine: pl.DataFrame, states: list[TrackState], begins: float, lap_min: float, wave: Row
) -> list[Row]:
    """Every lap after a wave: what was said, and which cars then were the faster.

    Needs three cars a side; each car's lap against its own dry pace of the race (the 20 %
    quantile of its laps); laps of more than 40 % over it are left out.
    """
    minute = pl.col("minute")
    dry = mine.group_by("car_number").agg(dry_ms=pl.col("lap_time_ms").quantile(0.2))
    first = (
        mine.filter(pl.col("in_pit") & (minute > begins - 1.5))
        .group_by("car_number")
        .agg(stop_min=minute.min())
    )
    laps = (
        mine.filter(~pl.col("in_pit") & pl.col("pit_lane_ms").is_null())
        .join(dry, on="car_number")
        .join(first, on="car_number", how="left")
        .with_columns(loss=(pl.col("lap_time_ms") / pl.col("dry_ms")).log())
        .filter(pl.col("loss") < 0.34)
    )
    rows = []
    for at in np.arange(begins + 2 * lap_min, begins + 25, lap_min):
        now = laps.filter((minute > at) & (minute <= at + lap_min))
        changed = now.filter(pl.col("stop_min") < at - lap_min)["loss"]
        others = now.filter(pl.col("stop_min").is_null() | (pl.col("stop_min") > minute))["loss"]
        if len(changed) < 3 or len(others) < 3:
            continue
        gain = float(np.median(others.to_numpy()) - np.median(changed.to_numpy()))
        state = states[_index(states, float(at))]
        known = set(mine["car_class"])
        p = [c.p_wet_faster for c in tyre_contrasts(state) if c.car_class in known]
        new = float(np.mean(p)) if wave["change_to"] == "wet" else 1 - float(np.mean(p))
        rows.append({"at_min": float(at), "changed": len(changed), "others": len(others),
                     "gain": gain, "p_new_faster": new})  # fmt: skip
    return rows


def _index(states: list[TrackState], minute: float) -> int:
    """The last state at or before a minute."""
    at = [s.at_ms for s in states]
    return max(0, int(np.searchsorted(at, minute * 60_000, side="right")) - 1)


def summarise(rows: list[Row]) -> dict[str, Any]:
    """The figures of the whole: medians, shares and calibration, each with its count."""
    wet = [r for r in rows if r["kind"] == "wet_interval"]
    delays = sorted(max(0.0, r["onset_delay_min"]) for r in wet if r["onset_delay_min"] is not None)
    fresh = sorted(
        r["onset_delay_min"]
        for r in wet
        if r["onset_delay_min"] is not None and not r["alarm_since_before"]
    )
    dry = [r for r in rows if r["kind"] == "dry_race"]
    hours = sum(r["hours"] for r in dry)
    false = sum(r["alarm_min"] for r in dry)
    minutes = sum(r["minutes"] for r in wet)
    waves = [r for r in rows if r["kind"] == "tyre_wave" and r["counts"]]
    return {
        "onsets": len(wet),
        "onsets_missed": len(wet) - len(delays),
        "onset_delay_median_min": _median(delays),
        "onset_delay_worst_but_one_min": delays[-2] if len(delays) > 1 else None,
        "fresh_onsets": len(fresh),
        "fresh_onset_delay_median_min": _median(fresh),
        "recall": sum(r["recalled_min"] for r in wet) / minutes if minutes else None,
        "wet_minutes": minutes,
        "dry_hours": hours,
        "false_alarm_min": false,
        "false_alarm_min_per_100_h": 100 * false / hours if hours else None,
        "wets_offered_dry_min": sum(r["wets_offered_min"] for r in dry),
        "tyre_waves": len(waves),
        "tyre_auc_mean": float(np.mean([r["auc"] for r in waves])) if waves else None,
        "tyre_calibration": _calibration(
            [(p, True) for r in waves for p in r["p_new_changed"]]
            + [(p, False) for r in waves for p in r["p_new_unchanged"]]
        ),
        **_realised_summary([r for r in rows if r["kind"] == "realised"]),
        **_faster_summary([r for r in rows if r["kind"] == "faster"]),
    }


def _faster_summary(rows: list[Row]) -> dict[str, Any]:
    waves: dict[tuple[str, str, float], list[float]] = {}
    for r in rows:
        waves.setdefault((r["race"], r["class_group"], r["wave_min"]), []).append(r["p_right"])
    right = sum(np.mean(np.array(p) > 0.5) > 0.5 for p in waves.values())
    p_all = np.array([r["p_right"] for r in rows])
    sure = np.maximum(p_all, 1 - p_all) > 0.9 if len(p_all) else np.zeros(0, dtype=bool)
    return {
        "faster_waves": len(waves),
        "faster_waves_right": int(right),
        "faster_points": len(p_all),
        "faster_points_right": int((p_all > 0.5).sum()),
        "faster_surer_than_0.9": int(sure.sum()),
        "faster_surer_than_0.9_wrong": int((p_all[sure] < 0.5).sum()) if len(p_all) else 0,
    }


def _realised_summary(rows: list[Row]) -> dict[str, Any]:
    """Stated against realised, over laps in which the sides differed by one per cent or more."""
    clear = [r for r in rows if abs(r["gain"]) >= 0.01]
    pairs = [(r["p_new_faster"], r["gain"] > 0) for r in clear]
    right = sum((p > 0.5) == t for p, t in pairs)
    brier = float(np.mean([(p - t) ** 2 for p, t in pairs])) if pairs else None
    return {
        "realised_laps": len(clear),
        "realised_right": right,
        "realised_brier": brier,
        "realised_calibration": _calibration(pairs),
    }


def _calibration(pairs: list[tuple[float, bool]]) -> list[dict[str, float]]:
    out = []
    for low in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9):
        high = {0.0: 0.1, 0.1: 0.3, 0.3: 0.5, 0.5: 0.7, 0.7: 0.9, 0.9: 1.001}[low]
        inside = [(p, t) for p, t in pairs if low <= p < high]
        if inside:
            out.append(
                {
                    "stated": float(np.mean([p for p, _ in inside])),
                    "observed": float(np.mean([t for _, t in inside])),
                    "count": len(inside),
                }
            )
    return out


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None
