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


def quickest_rain_kind(state: TrackState, car_class: str, kinds: Sequence[TyreKind]) -> TyreKind:
    """The rain tyre that is the quickest of its like for a class now.

    ValueError: a class of which the state knows nothing.
    """
    rain, klass = kinds[1:], state.classes.index(car_class)
    first = state.contrast[klass] + response_of(car_class).slick * LEVELS
    loss = losses_of(rain, np.array([state.share @ (state.masses @ first)]))
    return rain[int(loss[:, 0].argmin())]
