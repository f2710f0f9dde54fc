"""The chance that a car stops at the end of its next lap: what rivals will do, lap by lap.

A logistic hazard on what a pit wall sees: how much of its range the car will have used, how far
it went last time, whether the window has opened for its class, and whether it can reach the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARE_KNOTS = (0.15, 0.5, 0.7, 0.8, 0.87, 0.93, 0.98, 1.03)
LEFT_KNOTS = (-1.0, 0.0, 1.0, 2.0, 3.0)
HABIT_KNOTS = (-3.0, -1.5, -0.5, 0.5, 1.5)


@dataclass(frozen=True)
class StopOutlook:
    """What is known of n car-laps before they are driven, each an array (n,).

    ``load`` counts the lap in question; ``range_laps`` is the car's range; ``last_load`` the load
    at which it stopped last (nan before its first stop); ``laps_to_go`` the laps left to the end
    after the lap; ``window`` the share of the class's other cars that stopped in the last two laps
    or so; ``restart`` is 1 within three laps of a neutralisation; ``first`` in the first stint.
    """

    load: Floats
    range_laps: Floats
    last_load: Floats
    laps_to_go: Floats
    window: Floats
    restart: Floats
    first: Floats


def hazard_features(outlook: StopOutlook) -> dict[str, Floats]:
    """The features by name, each (n,): piecewise linear in share, laps left and habit."""
    o = outlook
    share = o.load / o.range_laps
    left = o.range_laps - o.load
    habit = np.where(np.isnan(o.last_load), -4.0, o.load - o.last_load)
    known_habit = (~np.isnan(o.last_load)).astype(float)
    reaches = (o.laps_to_go <= np.maximum(left, 0.0)).astype(float)
    features = {"one": np.ones_like(share), "known_habit": known_habit, "first": o.first}
    features["reaches_end"] = reaches
    features["near_end"] = np.clip(1 - o.laps_to_go / (0.4 * o.range_laps), 0, 1) * (1 - reaches)
    features["last_laps"] = (o.laps_to_go < 3).astype(float)
    features["window"] = np.minimum(o.window, 0.5)
    features["window_late"] = np.minimum(o.window, 0.5) * np.clip((share - 0.6) / 0.4, 0, 1)
    features["restart"] = o.restart
    features["restart_late"] = o.restart * np.clip(share, 0, 1)
    for knot in SHARE_KNOTS:
        features[f"share_{knot}"] = np.clip(share - knot, 0, 0.3) * 10
    for knot in LEFT_KNOTS:
        features[f"left_{knot}"] = np.clip(knot + 1 - left, 0, 1.5) * (1 - reaches)
    for knot in HABIT_KNOTS:
        features[f"habit_{knot}"] = known_habit * np.clip(habit - knot, 0, 1.5)
    features["fresh"] = (o.load < 3).astype(float)
    return features


def stop_hazard(outlook: StopOutlook, coefficients: Mapping[str, float]) -> Floats:
    """Probability (n,) that each lap is an in-lap, given that the car has not stopped before it."""
    logit = np.zeros_like(outlook.load)
    for name, values in hazard_features(outlook).items():
        logit += coefficients.get(name, 0.0) * values
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -12, 12))))
