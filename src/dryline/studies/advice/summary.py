"""The figures of the backtest of advice, each with its count; races are resampled whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dryline.studies.advice.calls import steadiness
from dryline.studies.advice.figures import Row, interval, mean
from dryline.studies.advice.range import reached
from dryline.studies.advice.replay_summary import decided, replayed
from dryline.studies.advice.yellow import yellow_figures

SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.001)
USED = (0.0, 0.2, 0.4, 0.6, 0.8, 1.001)
CLEAR_S = 5.0
"""A realised difference that matches' usual noise does not turn round."""


def summarise(rows: Sequence[Row], *, seed: int) -> dict[str, Any]:
    """Each part's figures; what was not asked for is absent."""
    names = ("wet", "replay", "decision", "yellow", "card", "lane", "range", "calls")
    parts = {part: [r for r in rows if r["part"] == part] for part in names}
    out: dict[str, Any] = {}
    if parts["wet"]:
        out["wet"] = _wet(parts["wet"], seed)
    if parts["replay"]:
        out["replay"] = replayed(parts["replay"], seed)
    if parts["decision"]:
        out["decisions"] = decided(parts["decision"], seed)
    if parts["yellow"]:
        out["yellow"] = yellow_figures(parts["yellow"], seed)
    if parts["card"]:
        out["cards"] = _cards(parts["card"], seed)
    if parts["lane"]:
        out["lane"] = _lane(parts["lane"], parts["card"])
    if parts["range"]:
        out["range"] = reached(parts["range"])
    if parts["calls"]:
        out["calls"] = steadiness(parts["calls"])
    return out


def _wet(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    scored = [r for r in rows if r["scored"] and r["margin_s"] is not None]
    sure = [r for r in scored if r["counts"]]
    clear = [r for r in sure if abs(r["realised_s"]) >= CLEAR_S]
    return {
        "waves": len({_wave(r) for r in rows}),
        "waves_scored": len({_wave(r) for r in scored}),
        "calls": len(scored),
        "beyond_two_se": len(sure),
        "right": sum(r["right"] for r in sure),
        **interval("share_right", sure, lambda r: float(r["right"]), seed),
        "share_right_by_wave": _by_wave(sure),
        "always_now": mean([float(r["realised_s"] > 0) for r in sure]),
        "beyond_two_se_and_clear": len(clear),
        "share_right_clear": mean([float(r["right"]) for r in clear]),
        "share_right_rain_seen": mean([float(r["right"]) for r in sure if not _unseen(r)]),
        "all_calls_right": mean([float(r["right"]) for r in scored]),
        "by_direction": [
            {
                "change_to": kind,
                "calls": len(mine),
                "share_right": mean([float(r["right"]) for r in mine]),
                "always_now": mean([float(r["realised_s"] > 0) for r in mine]),
            }
            for kind in ("wet", "slick")
            if (mine := [r for r in sure if r["change_to"] == kind])
        ],
        "margins": _margins(scored),
        "calibration": _calibration(scored),
        "misses": [_miss(r) for r in sure if not r["right"]],
    }


def _wave(row: Row) -> tuple[Any, ...]:
    return row["race"], row["class_group"], row["change_to"], row["wave_min"]


def _by_wave(rows: Sequence[Row]) -> float | None:
    """The mean over waves of the share right in each: a wave's cars have one fate."""
    waves: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        waves.setdefault(_wave(row), []).append(float(row["right"]))
    return mean([float(np.mean(each)) for each in waves.values()])


def _margins(rows: Sequence[Row]) -> dict[str, Any]:
    """Realised against said, in seconds: slope through zero, mean error, cover of 80 %."""
    if len(rows) < 3:
        return {}
    said = np.array([r["margin_s"] for r in rows])
    came = np.clip([r["realised_s"] for r in rows], -90.0, 90.0)
    sd = np.array([r["sd_s"] for r in rows])
    return {
        "slope": float(said @ came / (said @ said)),
        "correlation": float(np.corrcoef(said, came)[0, 1]) if said.std() > 0 else None,
        "mean_said_s": float(said.mean()),
        "mean_realised_s": float(came.mean()),
        "within_80": float((np.abs(came - said) <= 1.2816 * sd).mean()),
    }


def _calibration(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """How often changing now was better, by the share of futures in which it was."""
    out = []
    for low, high in pairwise(SHARES):
        mine = [r for r in rows if low <= r["p_now"] < high]
        if mine:
            out.append(
                {
                    "stated": float(np.mean([r["p_now"] for r in mine])),
                    "observed": float(np.mean([r["realised_s"] > 0 for r in mine])),
                    "count": len(mine),
                }
            )
    return out


def _miss(row: Row) -> Row:
    """A call that was wrong, with what explains it."""
    names = (
        "race", "class_group", "car_class", "car_number", "change_to", "wave_min", "at_ms", "lap",
        "margin_s", "se_s", "p_now", "realised_s", "matches", "p_wets_faster",
        "wet_minus_slick_s", "contrast_s", "rain_min", "level", "p_rain", "p_own_wets",
        "fuel_laps",
    )  # fmt: skip
    return {name: row[name] for name in names} | {"why": why_wrong(row)}


def why_wrong(row: Row) -> str:
    """The likeliest cause of a wrong call, from what was believed at the time."""
    to_wet, p = row["change_to"] == "wet", row["p_wets_faster"]
    if _unseen(row):
        return "the rain was not yet in any lap time"
    if row["matches"] == 1 and abs(row["realised_s"]) < 3 * CLEAR_S:
        return "one match, a small difference: may be chance"
    if p is not None and to_wet == (p > 0.5) and row["realised_s"] < 0:
        return "the new tyre was believed faster and was not yet"
    if p is not None and to_wet != (p > 0.5) and row["realised_s"] > 0:
        return "the old tyre was believed still faster"
    if not to_wet and row["p_rain"] > 0.4 and row["realised_s"] > 0:
        return "rain was expected to go on and did not"
    if row["realised_s"] < 0:
        return "the track was worse than foreseen for the new tyre"
    return "the track changed faster than foreseen"


def _unseen(row: Row) -> bool:
    """Whether crews changed to wets before any lap time could tell of rain."""
    return bool(row["change_to"] == "wet" and row["p_rain"] < 0.5)


def _cards(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    def figures(mine: Sequence[Row]) -> dict[str, Any]:
        paired = [r for r in mine if r["box_worth_s"] is not None]
        clear = [r for r in mine if r["margin"] is None or r["margin"] > 2.0 * r["se"]]
        sure = [r for r in clear if r["box_worth_s"] is not None]
        return {
            "cards": len(mine),
            "says_box": mean([float(r["says_box"]) for r in mine]),
            "boxed": mean([float(r["boxed"]) for r in mine]),
            "agrees_with_car": mean([float(r["says_box"] == r["boxed"]) for r in mine]),
            "agrees_with_class": mean(
                [float(r["says_box"] == (r["class_boxed"] > 0.5)) for r in mine]
            ),
            "paired": len(paired),
            **interval("following_gains_s", paired, lambda r: _followed(r, "box_worth_s"), seed),
            **interval(
                "following_gains_least_s", paired, lambda r: _followed(r, "box_worth_least_s"), seed
            ),
            **interval("always_box_gains_s", paired, lambda r: r["box_worth_s"], seed),
            **interval("always_box_gains_least_s", paired, lambda r: r["box_worth_least_s"], seed),
            **interval("doing_as_the_car_did_gains_s", paired, _as_done, seed),
            **interval(
                "following_gains_places", paired, lambda r: _followed(r, "box_worth_places"), seed
            ),
            **interval(
                "following_gains_final_places",
                paired,
                lambda r: _followed(r, "box_worth_final"),
                seed,
            ),
            **interval(
                "always_box_gains_final_places", paired, lambda r: r["box_worth_final"], seed
            ),
            "ties": sum(r["margin"] == 0.0 for r in mine),
            "sure": len(clear),
            "sure_agrees_with_car": mean([float(r["says_box"] == r["boxed"]) for r in clear]),
            "sure_paired": len(sure),
            **interval("following_sure_gains_s", sure, lambda r: _followed(r, "box_worth_s"), seed),
        }

    groups = sorted({(r["series"], r["kind"]) for r in rows})
    return {
        "all": figures(rows),
        "neutralisations": len({(r["race"], r["start_ms"]) for r in rows}),
        "by_range_used": [
            {"from": low, "to": high, **figures(mine)}
            for low, high in pairwise(USED)
            if (mine := [r for r in rows if low <= r["used"] < high])
        ],
        "by_kind": [
            {
                "series": series,
                "kind": kind,
                **figures([r for r in rows if (r["series"], r["kind"]) == (series, kind)]),
            }
            for series, kind in groups
        ],
    }


def _followed(row: Row, name: str) -> float:
    """What doing as the card says was worth over doing the other thing."""
    return float(row[name] if row["says_box"] else -row[name])


def _as_done(row: Row) -> float:
    return float(row["box_worth_s"] if row["boxed"] else -row["box_worth_s"])


def _lane(rows: Sequence[Row], cards: Sequence[Row]) -> dict[str, Any]:
    return {
        "neutralisations": len(rows),
        "asked": sum(r["asked"] for r in rows),
        "lane_closed": sum(r["closed"] for r in rows),
        "illegal_offers": sum(r["offered_closed"] for r in rows),
        "offered_before_it_was_seen": sum(r["offered_before_seen"] for r in rows),
        "illegal_cards": sum(r["illegal"] for r in cards),
    }
