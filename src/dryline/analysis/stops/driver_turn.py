"""The chance that the driver hands over at the next stop, from how long he has driven."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def turn_features(
    wheel_h: float, stints: int, left_h: float, earlier_share: float, own_share: float
) -> dict[str, float]:
    """What a driver change depends on, by name.

    Args:
        wheel_h: hours since the driver took over.
        stints: stints he has driven without a break, this one included.
        left_h: hours left in the race.
        earlier_share: how often drivers of the class handed over after as many stints.
        own_share: the same for this car, leaning on its class.
    """
    return {
        "one": 1.0,
        "class_logit": _logit(earlier_share),
        "own_logit": _logit(own_share),
        "first_stint": float(stints <= 1),
        "second_stint": float(stints == 2),
        "third_stint": float(stints == 3),
        "wheel_h": wheel_h,
        "left_h": min(max(left_h, 0.0), 2.0),
        "last_hour": float(left_h < 1.1),
    }


def change_probability(features: Mapping[str, float], coefficients: Mapping[str, float]) -> float:
    """Probability of a driver change at a stop, from `turn_features` and fitted coefficients."""
    logit = sum(coefficients.get(name, 0.0) * value for name, value in features.items())
    return float(1 / (1 + np.exp(-logit)))


def _logit(share: float) -> float:
    clipped = min(max(share, 0.02), 0.98)
    return float(np.log(clipped / (1 - clipped)))
