"""The figures of the replay: gains by policy over the crews, regrets of decisions under yellow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from dryline.studies.advice.figures import Row, interval, mean, median

RULE = "yellow_rule"
USED = (-10.0, 0.2, 0.4, 0.6, 0.8, 10.0)
"""Shares of the range; a car may have used more than it is credited with."""
LAP_OFF_S = 60.0
"""A model so far off after a yellow has given or missed a lap."""
Choice = Callable[[Row], float]
"""The share of such cars that a policy would stop: 0, 1, or between where it draws lots."""
CHOICES: dict[str, Choice] = {
    "crews": lambda row: float(row["boxed"]),
    "always_box": lambda row: 1.0,
    "from_20": lambda row: float(row["used"] >= 0.2),
    "from_50": lambda row: float(row["used"] >= 0.5),
    "never": lambda row: 0.0,
    "random": lambda row: 0.5,
}


def replayed(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Whole races: every policy against the crews' own stops and against the yellow rule.

    Cars whose own stops do not give their own race in the model are counted and left out.
    """
    every, rows = rows, [row for row in rows if row["faithful"]]
    return {
        "races": len({row["race"] for row in rows}),
        "cars": len(rows),
        "crews_replayed": _fidelity(every),
        "policies": _policies(rows, seed),
        "by_series": [
            {"series": series, "cars": len(mine), "policies": _policies(mine, seed)}
            for series in sorted({row["series"] for row in rows})
            if (mine := [row for row in rows if row["series"] == series])
        ],
        "without_neutralisations": _policies([r for r in rows if not r["neutralised"]], seed),
    }


def _names(rows: Sequence[Row], suffix: str) -> list[str]:
    return list(dict.fromkeys(k[: -len(suffix)] for row in rows for k in row if k.endswith(suffix)))


def _fidelity(rows: Sequence[Row]) -> dict[str, Any]:
    """How well the crews' own stops give the crews' own races, and the way through a yellow."""
    off = [abs(row["crew_off_s"]) for row in rows if row["crew_off_laps"] == 0]
    through = [abs(error) for row in rows for error in row["yellow_errors_s"]]
    return {
        "cars": len(rows),
        "faithful": mean([float(row["faithful"]) for row in rows]),
        "same_laps": mean([float(row["crew_off_laps"] == 0) for row in rows]),
        "median_off_s": median(off),
        "yellows": len(through),
        "yellow_median_off_s": median(through),
        "yellow_lap_off": mean([float(error > LAP_OFF_S) for error in through]),
    }


def _policies(rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    out = []
    for name in _names(rows, "_places"):
        mine = [row for row in rows if f"{name}_s" in row]
        out.append(
            {
                "policy": name,
                "cars": len(mine),
                **interval("gain_s", mine, partial(_column, f"{name}_s"), seed),
                **interval("over_yellow_rule_s", mine, partial(_over_rule, name), seed),
                **interval("gain_places", mine, partial(_column, f"{name}_places"), seed),
                "median_gain_s": median([row[f"{name}_s"] for row in mine]),
                "more_stops": mean([row[f"{name}_stops"] - row["crew_stops"] for row in mine]),
            }
        )
    return out


def _column(name: str, row: Row) -> float:
    return float(row[name])


def _over_rule(name: str, row: Row) -> float:
    return float(row[f"{name}_s"] - row[f"{RULE}_s"])


def decided(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Decisions under yellow: regret by who decides, all and by series and kind."""
    groups = sorted({(row["series"], row["kind"]) for row in rows})
    return {
        "decisions": len(rows),
        "neutralisations": len({(row["race"], row["start_ms"]) for row in rows}),
        "boxed": mean([float(row["boxed"]) for row in rows]),
        "price_median_s": median([row["price_s"] for row in rows]),
        "choices": _choices(rows, seed),
        "by_used": [
            {"series": series, "from": low, "to": high, **_worth(mine)}
            for series in sorted({row["series"] for row in rows})
            for low, high in pairwise(USED)
            if (mine := [r for r in rows if r["series"] == series and low <= r["used"] < high])
        ],
        "by_kind": [
            {"series": series, "kind": kind, "decisions": len(mine),
             "choices": _choices(mine, seed)}
            for series, kind in groups
            if (mine := [r for r in rows if (r["series"], r["kind"]) == (series, kind)])
        ],
    }  # fmt: skip


def _worth(rows: Sequence[Row]) -> dict[str, Any]:
    """What boxing was worth over staying out, and how many did it."""
    return {
        "decisions": len(rows),
        "boxed": mean([float(row["boxed"]) for row in rows]),
        "box_worth_by_rule_s": mean([row["by_rule_s"] for row in rows]),
        "box_worth_at_best_s": mean([row["at_best_s"] for row in rows]),
    }


def _choices(rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    every = CHOICES | {name: partial(_boxes, name) for name in _names(rows, "_boxes")}
    out = []
    for name, choice in every.items():
        mine = [row for row in rows if name in CHOICES or f"{name}_boxes" in row]
        out.append(
            {
                "choice": name,
                **interval("by_rule_s", mine, partial(_regret, choice, "by_rule_s"), seed),
                **interval("at_best_s", mine, partial(_regret, choice, "at_best_s"), seed),
                "boxes": float(np.mean([choice(row) for row in mine])),
            }
        )
    return out


def _boxes(name: str, row: Row) -> float:
    return float(row[f"{name}_boxes"])


def _regret(choice: Choice, worth: str, row: Row) -> float:
    """What a choice costs against the better of the two, s."""
    share = choice(row)
    return float(max(0.0, row[worth]) * (1.0 - share) + max(0.0, -row[worth]) * share)
