"""What is believed of the track at one instant."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.doubt import Reference
from dryline.analysis.track.model import LEVELS, WET_FROM

Floats = npt.NDArray[np.float64]

ON_WETS = 0.95
"""Probability of wets of a car in a race that began in the wet and whose tyres nobody has seen."""


def on_wets(p: float, seen: bool, doubt: float) -> float:
    """Probability of wets, where what was taken as dry was wet with that doubt."""
    return p if seen else (1 - doubt) * p + doubt * ON_WETS


@dataclass(frozen=True)
class TrackState:
    """What is believed at one instant.

    ``level`` and its ``level_sd`` are the loss of an average car on slicks, log time, per sector
    (3,); ``p_wet`` the probability that the sector costs more than 2.5 %; ``p_rain`` that it
    rains there; ``masses`` the whole distribution (3, G). ``contrast`` is loss on wets minus
    loss on slicks per class and level (K, G), ``lap_ms`` the dry lap time per class.
    ``tyres``: car -> (probability of wets, seen). ``reference`` is what all this is measured
    against; its doubt is in ``p_wet`` and ``tyres`` already, and in nothing else.
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
    reference: Reference

    @classmethod
    def of(
        cls,
        at_ms: int,
        belief: Floats,
        share: Floats,
        classes: tuple[str, ...],
        contrast: Floats,
        lap_ms: Floats,
        tyres: dict[str, tuple[float, bool]],
        reference: Reference,
    ) -> TrackState:
        """From the belief in every sector's level, dry weather first and then rain, (3, 2G)."""
        split = belief.reshape(3, 2, -1)
        masses = split.sum(1)
        mean = masses @ LEVELS
        sd = np.sqrt(np.maximum(masses @ LEVELS**2 - mean**2, 0))
        p_wet, p_rain = (  # a sum of shares may be rounded to a hair over 1
            np.minimum(shares.sum(1), 1.0) for shares in (masses[:, WET_FROM:], split[:, 1])
        )
        return cls(
            at_ms, mean, sd, p_wet, p_rain, masses, split[:, 1].copy(),
            share, classes, contrast, lap_ms, tyres, reference,
        )  # fmt: skip

    def doubted(self, reference: Reference) -> TrackState:
        """The same where what was taken as dry was wet with the reference's doubt."""
        q = reference.doubt
        tyres = {car: (on_wets(p, seen, q), seen) for car, (p, seen) in self.tyres.items()}
        p_wet = (1 - q) * self.p_wet + q
        return replace(self, p_wet=p_wet, tyres=tyres, reference=reference)

    def as_seen(self) -> TrackState:
        """The same without the doubt: what the laps say if the reference is right.

        For futures: on a track that is dry after all no car began on wets.
        """
        q = self.reference.doubt
        tyres = {
            car: (p if seen else max(0.0, (p - q * ON_WETS) / (1 - q)), seen)
            for car, (p, seen) in self.tyres.items()
        }
        p_wet = np.maximum(0.0, (self.p_wet - q) / (1 - q))
        reference = replace(self.reference, doubt=0.0)
        return replace(self, p_wet=p_wet, tyres=tyres, reference=reference)
