"""What one car's stop says about its rivals': a class stops together.

The stop hazard speaks of any lap. When a rival's stop is asked for because a certain car is coming
in now, more is known: that the window is open, and for which load. This corrects the hazard for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.stops.hazard import StopOutlook, hazard_features

Floats = NDArray[np.float64]


def company_features(
    outlook: StopOutlook,
    hazard: Mapping[str, float],
    ahead: Floats,
    caller_load: float,
    caller_range: float,
    mate: Floats,
) -> dict[str, Floats]:
    """The correction's features by name, each (n,).

    Args:
        outlook: of n rivals' laps, see `StopOutlook`.
        hazard: coefficients of the stop hazard.
        ahead: which of the rival's next laps each is (1: the next).
        caller_load: load of the car that comes in, its in-lap included.
        caller_range: that car's range in laps.
        mate: 1 where the rival is the caller's team-mate.
    """
    logit = sum(hazard.get(name, 0.0) * part for name, part in hazard_features(outlook).items())
    logit = np.clip(np.asarray(logit, dtype=float), -12, 12)
    older = outlook.load - ahead + 1 - caller_load
    share = caller_load / caller_range
    at_end, midway = float(share > 0.85), float(0.5 < share <= 0.85)
    rival_full = (outlook.load / outlook.range_laps > 0.85).astype(float)
    features = {"one": np.ones_like(logit), "logit": logit, "at_end": at_end + 0 * logit}
    features["midway"] = midway + 0 * logit
    low, bands = 0.0, {"same": 0.7, "close": 1.7, "near": 3.5}
    for name, high in bands.items():
        band = ((np.abs(older) >= low) & (np.abs(older) < high)).astype(float)
        features[name] = band
        features[f"{name}_end"] = band * at_end
        features[f"{name}_midway"] = band * midway
        features[f"{name}_older"] = band * (older > 0)
        low = high
    features["logit_close"] = logit * (np.abs(older) < 1.7)
    features["both_full"] = rival_full * at_end
    features["window_end"] = np.minimum(outlook.window, 0.5) * at_end
    features["window_midway"] = np.minimum(outlook.window, 0.5) * midway
    for step in (1, 2, 3):
        features[f"lap_{step}"] = (ahead == step).astype(float)
    features["mate"] = mate
    features["mate_second"] = mate * (ahead == 2)
    return features


def stop_in_company(features: Mapping[str, Floats], coefficients: Mapping[str, float]) -> Floats:
    """Probability (n,) of an in-lap, from `company_features`; the hazard itself if unfitted."""
    if not coefficients:
        return np.asarray(1 / (1 + np.exp(-features["logit"])))
    logit = np.zeros_like(features["logit"])
    for name, values in features.items():
        logit += coefficients.get(name, 0.0) * values
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -12, 12))))
