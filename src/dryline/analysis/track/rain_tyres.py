"""What the kinds of rain tyre of a series lose, and which of them is the quickest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.model import LEVELS, response_of
from dryline.analysis.track.state import TrackState
from dryline.domain.tyre_kind import TyreKind

Floats = npt.NDArray[np.float64]


def losses_of(rain: Sequence[TyreKind], first: Floats) -> Floats:
    """What each rain kind loses where the first one loses ``first`` (X,), log time, (K, X)."""
    out = [first]
    for kind in rain[1:]:
        out.append(out[-1] + kind.spares * (kind.quicker_from - out[-1]))
    return np.array(out)


def rain_losses(state: TrackState, car_class: str, kinds: Sequence[TyreKind]) -> dict[str, float]:
    """What each rain tyre of a series costs a class on a lap now, log time, by name.

    ValueError: a class of which the state knows nothing.
    """
    first = state.contrast[state.classes.index(car_class)] + response_of(car_class).slick * LEVELS
    loss = losses_of(kinds[1:], np.array([state.share @ (state.masses @ first)]))
    return {kind.name: float(each) for kind, each in zip(kinds[1:], loss[:, 0], strict=True)}


def quickest_rain_kind(state: TrackState, car_class: str, kinds: Sequence[TyreKind]) -> TyreKind:
    """The rain tyre that is the quickest of its like for a class now; ValueError as above."""
    loss = rain_losses(state, car_class, kinds)
    return min(kinds[1:], key=lambda kind: loss[kind.name])
