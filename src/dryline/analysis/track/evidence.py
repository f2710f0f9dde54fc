"""What others saw or said about the track, as terms of likelihood that cannot run away.

Whatever is believed of a source, its word is worth at most a factor of about twenty, and less the
less weight it has; so a wrong one is outvoted by the laps within a few crossings.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.model import BIN_MS, LEVELS, WET_FROM
from dryline.domain.event import Evidence, RaceControlMessage

_TRUST_AT_MOST = 0.9
_ZONE_MS = 600_000
_DECLARED = 0.96
"""What race control declares it has seen: worth a factor of about fifty. In the dry it declares it
once in a thousand minutes or less."""
_SURE = 0.8
"""A word of the whole track with this weight tells how the race began."""
_TAKEN_BACK_MS = 900_000
"""Of two opposite words nearer than this one is wrong, or the track has changed since."""


class OutsideEvidence:
    """Evidence heard so far, by the bin in which it became known."""

    def __init__(self) -> None:
        self._terms: list[tuple[int, tuple[int, ...], npt.NDArray[np.float64]]] = []
        self._zones: list[tuple[int, int, int]] = []
        self._said: list[tuple[int, bool]] = []

    def hear(self, event: Evidence | RaceControlMessage) -> None:
        """Take one event in; kinds that say nothing about water are passed over."""
        if isinstance(event, RaceControlMessage):
            wet = {"track_declared_wet": True, "track_declared_dry": False}.get(event.kind)
            if wet is not None:
                self._said.append((event.known_at.ms, wet))
                self._add(event.known_at.ms, (0, 1, 2), wet, _DECLARED)
            return
        sectors = (0, 1, 2) if event.sector is None else (event.sector - 1,)
        at = event.known_at.ms
        if event.kind in ("wet", "dry") and event.sector is None and event.weight >= _SURE:
            self._said.append((at, event.kind == "wet"))
        if event.kind in ("rain", "wet", "dry"):
            self._add(at, sectors, event.kind != "dry", min(_TRUST_AT_MOST, event.weight))
        elif event.kind == "rain_forecast" and event.probability is not None:
            lean = (2 * event.probability - 1) * event.weight
            if lean > 0:
                begins = event.from_at.ms if event.from_at else at
                self._add(max(at, begins), sectors, True, 0.5 * lean)
        elif event.kind == "slow_zone":
            until = event.until.ms if event.until else at + _ZONE_MS
            self._zones += [(k, event.happened_at.ms, until) for k in sectors]

    def _add(self, at_ms: int, sectors: tuple[int, ...], wet: bool, weight: float) -> None:
        trust = 0.5 + 0.5 * max(0.0, weight)
        term = np.full(len(LEVELS), math.log(1 - trust))
        inside = slice(WET_FROM, None) if wet else slice(0, WET_FROM)
        term[inside] = math.log(trust)
        self._terms.append((at_ms // BIN_MS, sectors, term))

    def said_by(self, at_ms: float) -> bool | None:
        """Whether the whole track was last said to be wet by an instant.

        None where nobody has said so or dry, or where the opposite was said shortly before; wet is
        taken back by dry shortly after, too, for no track dries so fast.
        """
        words = [each for each in self._said if each[0] <= at_ms]
        if not words:
            return None
        last_ms, wet = words[-1]
        near = {
            said
            for ms, said in self._said
            if abs(ms - last_ms) < _TAKEN_BACK_MS and (ms <= at_ms or not said)
        }
        return wet if near == {wet} else None

    def is_heard(self, from_ms: int, to_ms: int) -> bool:
        """Whether anything was said of water in between."""
        first, last = from_ms // BIN_MS, to_ms // BIN_MS
        return any(first <= at <= last for at, _, _ in self._terms)

    def likelihood(self, first_bin: int, bins: int) -> npt.NDArray[np.float64]:
        """Log-likelihood per bin, sector and level over a window, (B, 3, G)."""
        out = np.zeros((bins, 3, len(LEVELS)))
        for at, sectors, term in self._terms:
            if first_bin <= at < first_bin + bins:
                for k in sectors:
                    out[at - first_bin, k] += term
        return out

    def zones(self, now_ms: int) -> list[tuple[int, int, int]]:
        """Slow zones known by now: (sector, from, until), ms."""
        return [z for z in self._zones if z[1] <= now_ms]
