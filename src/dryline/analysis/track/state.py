"""What is believed of the track at one instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrackState:
    """What is believed at one instant.

    ``level`` and its ``level_sd`` are the loss of an average car on slicks, log time, per sector
    (3,); ``p_wet`` the probability that the sector costs more than 2.5 %; ``p_rain`` that it
    rains there; ``masses`` the whole distribution (3, G). ``contrast`` is loss on wets minus
    loss on slicks per class and level (K, G), ``lap_ms`` the dry lap time per class.
    ``tyres``: car -> (probability of wets, seen).
    """

    at_ms: int
    level: Floats
    level_sd: Floats
    p_wet: Floats
    p_rain: Floats
    masses: Floats
    rain_masses: Floats
    share: Floats
    classes: tuple[str, ...]
    contrast: Floats
    lap_ms: Floats
    tyres: dict[str, tuple[float, bool]]
