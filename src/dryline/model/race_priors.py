"""What other races teach the simulator: pooled facts, stored as a small versioned TOML.

Parameters only, no timing data. `learn` pools the facts of races; `shipped_priors` reads what
ships with the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np

from dryline.domain.series import every_series
from dryline.kernels.one_thread import one_thread
from dryline.model.race_facts import OVERDUE_EDGES, ClassFacts, CrewAnswer, RaceFacts, family
from dryline.model.rain_facts import learn_rain

VERSION = 1
FAMILY_NAMES = ("top", "lmp2", "lmp3", "gt_pro", "gt_am")
Priors = Mapping[str, Any]
NOISE_RACES, NOISE_LOG_SD = 3.0, 0.2
"""How lap noise changes after the first quarter, before any race is seen: weight and log sd."""

FALLBACK = {
    "range_min": 52.0, "early": 0.08, "loss_ms": 75000.0, "loss_sd": 0.18, "long_p": 0.06,
    "long_ms": 25000.0, "in_share": 0.3, "driver_p": 0.45, "retire_per_h": 0.02,
    "trouble_per_h": 0.05, "trouble_mu": 11.3, "trouble_sd": 1.0, "penalty_per_h": 0.05,
}  # fmt: skip


def shipped_priors() -> Priors:
    """The priors that ship with the package."""
    text = resources.files("dryline.data").joinpath("priors", "race.toml").read_text("utf-8")
    return tomllib.loads(text)


@one_thread
def learn(races: Iterable[RaceFacts]) -> Priors:
    """Pool the facts of races, run to their flag, into priors by kind of race and of class."""
    known = list(races)
    rains = [r.rain for r in known if r.rain is not None]
    out: dict[str, Any] = {"version": VERSION, "races": len(known), "rain": learn_rain(rains)}
    for kinds in learned_kinds():
        series = [r for r in known if r.kind.name in kinds]
        for name in kinds:
            near = [r for r in known if r.kind.name == name]
            out[name] = _learned(near, series, known)
    return out


def learned_kinds() -> tuple[tuple[str, ...], ...]:
    """By series, its kinds of race that have priors of their own."""
    own = (
        tuple(kind.name for kind in each.races if kind.priors == (kind.name,))
        for each in every_series()
    )
    return tuple(kinds for kinds in own if kinds)


def _learned(
    near: Sequence[RaceFacts], series: Sequence[RaceFacts], known: Sequence[RaceFacts]
) -> dict[str, Any]:
    like = near if len(near) >= 2 else series
    return {
        "neutral": _neutral(like, series),
        "families": {f: _family(f, like, series, known) for f in FAMILY_NAMES},
        "silent": _silent(series),
        "noise": _noise_later(near),
    }


def _family(
    name: str, near: Sequence[RaceFacts], series: Sequence[RaceFacts], known: Sequence[RaceFacts]
) -> dict[str, float]:
    for pool in (near, series, known):
        facts = [k for r in pool for c, k in r.classes.items() if family(c) == name]
        if sum(len(k.losses) for k in facts) >= 20:
            return _pooled(facts)
    return dict(FALLBACK)


def _pooled(facts: Sequence[ClassFacts]) -> dict[str, float]:
    ranges = [(k.range_laps() or 0.0) * k.base_ms / 60000.0 for k in facts if k.range_laps()]
    early: list[float] = []
    losses: list[float] = []
    spread: list[float] = []
    long: list[float] = []
    for k in facts:
        reach = k.range_laps()
        full = np.array([loss for _, loss in k.full_losses()])
        if reach is None or len(full) < 5:
            continue
        early.append(max(0.02, 1.0 - float(np.median(k.stint_fuel)) / reach) / 0.69)
        middle = float(np.median(full))
        losses.append(middle)
        usual = full[np.abs(full - middle) < 25000.0]
        spread.append(float(np.std(np.log(np.maximum(1.0, usual - 0.4 * middle)))))
        long.extend(float(x - middle) for x in full)
    hours = sum(k.car_hours for k in facts)
    trouble = np.log([x for k in facts for x in k.trouble] or [8.0e4])
    tail = [x for x in long if x > 25000.0]
    return {
        "range_min": float(np.median(ranges)),
        "early": float(np.mean(early)),
        "loss_ms": float(np.median(losses)),
        "loss_sd": float(np.median(spread)),
        "long_p": len(tail) / max(1, len(long)),
        "long_ms": float(np.mean(tail)) if tail else 30000.0,
        "in_share": float(np.median([s for k in facts for _, s in k.in_shares])),
        "driver_p": float(np.mean([d for k in facts for d in k.driver_changes])),
        "retire_per_h": (sum(k.retirements for k in facts) + 0.5) / (hours + 25.0),
        "trouble_per_h": len(trouble) / hours,
        "penalty_per_h": sum(k.drive_throughs() for k in facts) / hours,
        "trouble_mu": float(np.mean(trouble)),
        "trouble_sd": float(np.std(trouble)),
    }


FEWEST_ANSWERS, USUAL_ANSWER = 30, (-2.0, 3.0, 0.5, -5.0)
"""What is taken where fewer crews have been seen with an open lane."""


def _neutral(near: Sequence[RaceFacts], series: Sequence[RaceFacts]) -> dict[str, Any]:
    hours = sum(r.green_hours for r in near)
    out: dict[str, Any] = {"rates": {}, "durations": {}, "slow": {}, "opens_ms": {}, "answers": {}}
    for kind in (1, 2, 3, 4):
        out["rates"][str(kind)] = sum(r.starts.get(kind, 0) for r in near) / max(1.0, hours)
        logs = np.log([d for r in near for d in r.durations.get(kind, [])])
        if len(logs) < 4:
            logs = np.log([d for r in series for d in r.durations.get(kind, [])])
        if len(logs) >= 2:
            out["durations"][str(kind)] = [float(logs.mean()), float(max(0.15, logs.std()))]
        for name in FAMILY_NAMES:
            ratios = [
                x
                for r in series
                for c, k in r.classes.items()
                if family(c) == name
                for x in k.slow.get(kind, [])
            ]
            if len(ratios) >= 20:
                q = np.quantile(ratios, [0.25, 0.6])
                out["slow"][f"{kind}_{name}"] = [float(q[0]), float(q[1])]
        out["answers"][str(kind)] = _answers(
            [a for r in series for a in r.answers if a.kind == kind]
        )
    for name in FAMILY_NAMES:
        into = [x for r in series for x in r.opened.get(name, [])]
        if len(into) >= 10:
            out["opens_ms"][name] = float(np.quantile(into, 0.15))
    return out


def _answers(rows: Sequence[CrewAnswer]) -> list[float]:
    """Logit of taking an open lane, by Newton steps.

    Constant, share of the range used, could then finish, could finish without; the last is drawn
    towards not stopping.
    """
    if len(rows) < FEWEST_ANSWERS:
        return list(USUAL_ANSWER)
    x = np.array([[1.0, min(1.2, row.used), row.finish, row.enough] for row in rows])
    y = np.array([row.did for row in rows])
    start, ridge = np.array([0.0, 0.0, 0.0, USUAL_ANSWER[3]]), np.diag([0.1, 0.1, 1.0, 1.0])
    beta = start.copy()
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-x @ beta))
        gradient = x.T @ (y - p) - ridge @ (beta - start)
        beta = beta + np.linalg.solve(x.T @ (x * (p * (1.0 - p))[:, None]) + ridge, gradient)
    return [float(b) for b in beta]


def _noise_later(near: Sequence[RaceFacts]) -> list[float]:
    """Log of later lap noise over that of the first quarter: mean, drawn to none, and sd."""
    pairs = np.array([r.noise for r in near if r.noise is not None]).reshape(-1, 2)
    logs = np.log(pairs[:, 1] / pairs[:, 0])
    logs = logs[np.isfinite(logs)]
    mean = float(logs.sum() / (len(logs) + NOISE_RACES))
    spread = float(((logs - mean) ** 2).sum() + NOISE_RACES * NOISE_LOG_SD**2)
    return [mean, (spread / (len(logs) + NOISE_RACES)) ** 0.5]


def _silent(known: Sequence[RaceFacts]) -> dict[str, list[float]]:
    rows = np.array([s for r in known for s in r.silent] or [(0.0, 0.0, 0.0)])
    bins = np.digitize(rows[:, 0], OVERDUE_EDGES)
    gone, wait = [], []
    for b in range(len(OVERDUE_EDGES) + 1):
        mine = rows[bins == b]
        gone.append(float((mine[:, 1].sum() + 0.01) / (len(mine) + 1.0)))
        back = mine[mine[:, 1] == 0.0]
        wait.append(float(back[:, 2].mean()) if len(back) else 1.0)
    return {"gone": gone, "wait_laps": wait}


def as_toml(priors: Priors) -> str:
    """The priors as text, four significant digits."""
    lines: list[str] = ["# Learned by dryline from whole races; parameters only, no timing data."]
    _write(lines, priors, "")
    return "\n".join(lines) + "\n"


def _write(lines: list[str], table: Mapping[str, Any], prefix: str) -> None:
    nested = {k: v for k, v in table.items() if isinstance(v, Mapping)}
    for key, value in table.items():
        if key not in nested:
            lines.append(f"{_key(key)} = {_value(value)}")
    for key, value in nested.items():
        path = f"{prefix}.{_key(key)}" if prefix else _key(key)
        lines += ["", f"[{path}]"]
        _write(lines, value, path)


def _key(text: str) -> str:
    return f'"{text}"' if text[:1].isdigit() else text


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return repr(float(f"{value:.4g}")) if isinstance(value, float) else str(value)
