"""The chance that the driver hands over at the next stop, from who has driven and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TurnSoFar:
    """What is known of a turn at the wheel before a stop.

    Attributes:
        wheel_h: hours since the driver took over.
        stints: stints he has driven without a break, this one included.
        left_h: hours left in the race.
        run_share: share of the race that is run.
        class_share: how often drivers of the class handed over after as many stints.
        own_share: the same for this car, leaning on its class.
        recent_share: how often drivers of the class handed over in the last laps' stops.
        usual_h: the middle of the car's turns so far, nan before its first change.
        crew_seen: how many have driven the car.
        driven_share: this driver's share of the race so far.
        load_share: of the range, used since the last stop.
    """

    wheel_h: float
    stints: int
    left_h: float
    run_share: float
    class_share: float
    own_share: float
    recent_share: float
    usual_h: float
    crew_seen: int
    driven_share: float
    load_share: float


def turn_features(turn: TurnSoFar) -> dict[str, float]:
    """What a driver change depends on, by name."""
    known = float(np.isfinite(turn.usual_h))
    over_h = float(np.clip(turn.wheel_h - turn.usual_h, -1.5, 1.5)) if known else 0.0
    alone, two = float(turn.crew_seen <= 1), float(turn.crew_seen == 2)
    return {
        "one": 1.0,
        "class_logit": _logit(turn.class_share),
        "own_logit": _logit(turn.own_share),
        "recent_share": turn.recent_share,
        "first_stint": float(turn.stints <= 1),
        "second_stint": float(turn.stints == 2),
        "third_stint": float(turn.stints == 3),
        "wheel_h": turn.wheel_h,
        "usual_known": known,
        "over_usual_h": over_h,
        "past_usual_h": max(over_h + 0.1, 0.0) * known,
        "alone": alone,
        "alone_late": alone * turn.run_share,
        "two": two,
        "two_late": two * turn.run_share,
        "driven_share": turn.driven_share,
        "load_share": turn.load_share,
        "left_h": min(max(turn.left_h, 0.0), 2.0),
        "last_hour": float(turn.left_h < 1.1),
    }


def change_probability(features: Mapping[str, float], coefficients: Mapping[str, float]) -> float:
    """Probability of a driver change at a stop, from `turn_features` and fitted coefficients."""
    logit = sum(coefficients.get(name, 0.0) * value for name, value in features.items())
    return float(1 / (1 + np.exp(-logit)))


def _logit(share: float) -> float:
    clipped = min(max(share, 0.02), 0.98)
    return float(np.log(clipped / (1 - clipped)))
