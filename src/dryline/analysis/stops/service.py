"""What a stop did, as probabilities: nobody states fuel or tyres, but the clock and the range do.

Each kind says how long the car should have stood: nothing for a drive-through, the fill of what
the stint took for fuel, the fill and the tyres in the rule book's order, and so on. The time in
the lane less the race's own transit time is held against each. Live that and the stint before are
all there is; after the race the stint that followed tells a splash from a fill, and the step in
pace tells new tyres from old. `services` does it for the stops of a race.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.stops.priors import ServicePriors

Floats = NDArray[np.float64]
KINDS = ("drive_through", "splash", "fuel", "tyres", "fuel_and_tyres", "repair", "unknown")


@dataclass(frozen=True)
class ServiceEvidence:
    """What is known of one stop. ``stood_s``: time in the lane less transit.

    ``load_share`` is the share of the range used since the last stop; ``after_share`` the share
    used until the next one (None: not known yet), ``left_share`` the race left, in ranges;
    ``step`` the relative step of clean pace (None: not known), with its sd.
    """

    stood_s: float
    transit_sd_s: float
    load_share: float
    left_share: float
    driver_change: bool
    neutralised: bool
    after_share: float | None = None
    step: float | None = None
    step_sd: float = 0.004


@dataclass(frozen=True)
class Fill:
    """The class's own filling: seconds for a whole range, and its sd."""

    full_s: float
    sd_s: float


def service_probabilities(evidence: ServiceEvidence, fill: Fill, priors: ServicePriors) -> Floats:
    """Probability of each of `KINDS`, in their order, summing to 1."""
    log = np.array([np.log(max(_prior(kind, evidence, priors), 1e-9)) for kind in KINDS])
    log += np.array([_log_time(kind, evidence, fill, priors) for kind in KINDS])
    if evidence.step is not None:
        log += np.array([_log_step(kind, evidence.step, evidence, priors) for kind in KINDS])
    if evidence.after_share is not None:
        log += np.array([_log_after(kind, evidence.after_share, evidence) for kind in KINDS])
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())


def _prior(kind: str, e: ServiceEvidence, p: ServicePriors) -> float:
    """How often the kind is done, given what the car needed."""
    share: float = getattr(p, f"share_{kind}")
    fresh = e.load_share < 0.12
    if kind in ("fuel", "fuel_and_tyres") and fresh:
        share *= 0.25
    if kind == "tyres" and fresh:
        share *= 8
    if kind == "splash":
        share *= 4.0 if e.left_share < 0.6 else (2.0 if e.neutralised else 0.6)
    if kind == "drive_through":
        share *= 0.02 if e.driver_change else 1.0 + 1.5 * (1 - min(e.load_share, 1.0))
    if kind == "fuel_and_tyres" and e.driver_change:
        share *= 1.8
    return share


def _log_time(kind: str, e: ServiceEvidence, fill: Fill, p: ServicePriors) -> float:
    """Log-density of the standing time under the kind."""
    if kind in ("fuel", "fuel_and_tyres"):
        return _log_filled(kind == "fuel_and_tyres", e, fill, p)
    if kind == "drive_through":
        return _normal(e.stood_s, 0.0, float(np.hypot(0.7, e.transit_sd_s)))
    if kind == "splash":
        return _box(e.stood_s, 2.0, max(0.6 * (p.couple_s + fill.full_s), 8.0), 2.5)
    if kind == "tyres":
        return _normal(e.stood_s, p.tyres_s, 1.5 * p.tyres_sd_s + 1.0)
    if kind == "repair":
        longest = p.couple_s + fill.full_s + p.tyres_s + 12.0
        over = (e.stood_s - longest) / 60.0
        return float(-np.log(60.0) - over**0.5) if over > 0 else -12.0 + 8 * max(over, -1.0)
    return float(-np.log(400.0))


def _log_filled(tyres: bool, e: ServiceEvidence, fill: Fill, p: ServicePriors) -> float:
    """Log-density of filling what was used, or only what the rest of the race needs."""
    total = -np.inf
    for need in (min(e.load_share, 1.0), min(e.load_share, 1.0, max(e.left_share, 0.05))):
        fuel = p.couple_s + fill.full_s * need
        sd = float(np.hypot(fill.sd_s, 0.08 * fuel))
        if tyres:
            fuel = 0.5 + (max(fuel, p.tyres_s) if p.in_parallel else fuel + p.tyres_s)
            sd = float(np.hypot(sd, p.tyres_sd_s))
        total = float(np.logaddexp(total, _normal(e.stood_s, fuel, sd) + np.log(0.5)))
    return total


def _log_step(kind: str, step: float, e: ServiceEvidence, p: ServicePriors) -> float:
    """Log-density of the pace step: new tyres are quicker, old ones keep their wear."""
    tyres = kind in ("tyres", "fuel_and_tyres")
    mean = (p.step_tyres_pct if tyres else p.step_same_pct) / 100
    if kind in ("repair", "unknown"):
        mean = 0.5 * (p.step_tyres_pct + p.step_same_pct) / 100
    sd = float(np.hypot(p.step_sd_pct / 100, e.step_sd))
    return max(_normal(step, mean, sd), _normal(0.0, 0.0, sd) - 3.0)


def _log_after(kind: str, after_share: float, e: ServiceEvidence) -> float:
    """Log-density of the stint that followed: a splash or no fuel cannot go a full range."""
    carried = max(0.0, 1 - e.load_share)
    short = {"tyres": carried, "splash": carried + 0.5}
    if kind in short and after_share > short[kind] + 0.12:
        return -min(6.0, 20 * (after_share - short[kind] - 0.12))
    return 0.0


def _normal(x: float, mean: float, sd: float) -> float:
    return float(-0.5 * ((x - mean) / sd) ** 2 - np.log(sd) - 0.919)


def _box(x: float, low: float, high: float, soft: float) -> float:
    """Uniform between ``low`` and ``high`` with normal shoulders of sd ``soft``."""
    out = max(low - x, x - high, 0.0)
    return float(-np.log(high - low + 2.5 * soft) - 0.5 * (out / soft) ** 2)


def learn_fill(stood_s: Floats, load_share: Floats, priors: ServicePriors) -> Fill:
    """The class's filling time from stops after (nearly) a whole range, leaning on the prior.

    The lower mode of full stops is fuel alone where tyres come after it; where both go on at once
    the middle is.
    """
    full = stood_s[(load_share > 0.85) & (load_share < 1.15) & (stood_s > 15) & (stood_s < 120)]
    if len(full) < 4:
        return Fill(priors.fill_s, priors.fill_sd_s)
    level = 50.0 if priors.in_parallel else 20.0
    seen = float(np.percentile(full, level)) - priors.couple_s
    weight = len(full) / (len(full) + 8.0)
    spread = priors.fill_sd_s * (1 - 0.5 * weight)
    return Fill(weight * seen + (1 - weight) * priors.fill_s, spread)
