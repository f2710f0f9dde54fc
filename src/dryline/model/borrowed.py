"""One kind of race's priors out of several: what a series without its own goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_MEAN_AND_SD = ("durations", "noise")
"""Pairs of a mean and an sd; every other list is pooled number by number."""


def believed(priors: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    """The priors of that kind of race; of several kinds, pooled.

    Rates, shares and times become means. An sd becomes that of drawing from either: what lies
    within them and what lies between them.
    """
    found = [priors[name] for name in names]
    return found[0] if len(found) == 1 else _tables(found)


def _tables(tables: Sequence[Mapping[str, Any]], above: str = "") -> dict[str, Any]:
    keys = dict.fromkeys(key for table in tables for key in table)
    out = {key: _values([t[key] for t in tables if key in t], key, above) for key in keys}
    if "trouble_mu" in out:
        out["trouble_sd"] = _together([(t["trouble_mu"], t["trouble_sd"]) for t in tables])[1]
        out["loss_sd"] = _together([(np.log(t["loss_ms"]), t["loss_sd"]) for t in tables])[1]
    return out


def _values(values: Sequence[Any], key: str, above: str) -> Any:
    if isinstance(values[0], Mapping):
        return _tables(values, key)
    if isinstance(values[0], list):
        pair = above in _MEAN_AND_SD or key in _MEAN_AND_SD
        return _together(values) if pair else [float(x) for x in np.mean(values, axis=0)]
    return float(np.mean(values))


def _together(pairs: Sequence[Sequence[float]]) -> list[float]:
    mean, sd = np.array(pairs, dtype=float).T
    return [float(mean.mean()), float(np.sqrt((sd**2).mean() + mean.var()))]
