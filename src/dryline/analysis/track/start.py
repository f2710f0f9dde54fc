"""The dry expectation at the start: from the first racing laps, or from other races if it is wet.

The first laps alone cannot say whether a race starts in the wet. Other races at the circuit can:
a field that is six per cent over its usual dry times in every class is on a wet track.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dryline.analysis.track.doubt import Reference
from dryline.analysis.track.laps import Crossing
from dryline.analysis.track.model import TrackModel
from dryline.analysis.track.reference import DryReference, Sectors
from dryline.analysis.track.weekend import UNTOLD, Expectation, dry_expectation
from dryline.analysis.track.window import SLOW
from dryline.domain.dry_prior import DryPrior


@dataclass(frozen=True)
class Verdict:
    """What the first laps say.

    Whether it is wet, how far the field is over its dry time (log time), the share of a lap
    spent in each sector, how probable wets are, and by what dry times; None where there were none.
    """

    wet: bool
    over: float
    share: tuple[float, float, float]
    p_wet_tyre: float
    against: Reference | None


class Opening:
    """Collects the first laps until the dry expectation can be set.

    Args:
        priors: dry sector times of races.
        without: race whose own entries must not be used.
        model: constants.
        shown: dry sector times per class, log ms, that the race itself has shown later.
    """

    def __init__(
        self,
        priors: Sequence[DryPrior],
        without: str | None,
        model: TrackModel,
        shown: Mapping[str, Sectors] | None = None,
    ) -> None:
        self.laps: list[Crossing] = []
        self._shown = shown or {}
        self._priors, self._without, self._model = priors, without, model
        self._classes: dict[str, str] = {}
        self._flying: list[Crossing] = []
        self._after_stop: set[str] = set()
        self._first: list[Crossing] = []
        self._over_first = 0.0
        self._expected_for: tuple[frozenset[str], float] = (frozenset(), 0.0)
        self._expected_now = UNTOLD

    def take(self, c: Crossing, held: bool) -> bool:
        """One more crossing; true when enough of the field has shown a racing lap.

        Args:
            c: the crossing.
            held: whether a flag held the field back on that lap.
        """
        self.laps.append(c)
        self._classes[c.car_number] = c.car_class
        clean = c.lap > 1 and not c.in_pit and c.pit_lane_ms is None and all(c.sectors_ms)
        if clean and not held and c.car_number not in self._after_stop:
            self._flying.append(c)
        self._after_stop.discard(c.car_number)
        if c.in_pit:
            self._after_stop.add(c.car_number)
        if c.lap == 1 and not c.in_pit and not held:
            self._first.append(c)
            if len(self._first) >= 8 and self._wet_from_the_first_lap():
                return True
        if len(self._flying) < 3 or len(self._flying) % 3:
            return False
        cars = {f.car_number for f in self._racing()}
        return len(cars) >= max(3.0, 0.45 * len(self._classes))

    def expected(self) -> Mapping[str, Sectors]:
        """Log dry sector times per class, as shown or known from outside; empty if unknown."""
        return self._shown or self._known().sectors

    def _known(self) -> Expectation:
        lengths = [x for c in self._flying or self._first if (x := c.length_km) is not None]
        if not lengths:
            return UNTOLD
        length = round(float(np.median(lengths)), 3)
        names = frozenset(self._classes.values())
        if (names, length) != self._expected_for:
            self._expected_for = (names, length)
            others = [p for p in self._priors if p.first_ms != self.laps[0].elapsed_ms]
            self._expected_now = dry_expectation(others, length, names, self._without)
        return self._expected_now

    def _wet_from_the_first_lap(self) -> bool:
        """Sectors 2 and 3 of the first lap are driven at speed, in a crowd: 2.5 % or so over."""
        expected = self.expected()
        over = [
            [math.log(c.sectors_ms[k] or 1) - expected[c.car_class][k] for k in (1, 2)]
            for c in self._first
            if c.car_class in expected and c.sectors_ms[1] and c.sectors_ms[2]
        ]
        if len(over) < 8:
            return False
        middle = np.median(np.array(over), axis=0)
        if middle.max() > 0.25 or np.ptp(middle) > 0.1:
            return False
        self._over_first = float(middle.min()) - 0.025
        return self._looks_wet(self._over_first)

    def _racing(self) -> list[Crossing]:
        """Without the laps so slow that somebody holds the field back."""
        usual = {k: np.exp(v).sum() for k, v in self.expected().items()}
        return [
            c
            for c in self._flying
            if c.car_class not in usual or math.log(c.lap_time_ms / usual[c.car_class]) <= SLOW
        ]

    def settle(self, reference: DryReference) -> Verdict:
        """Set every class's dry level and say what the start looks like."""
        laps = self._racing()
        by_class: dict[str, list[Crossing]] = {}
        for c in laps:
            by_class.setdefault(c.car_class, []).append(c)
        now = {k: median_sectors(v) for k, v in by_class.items()}
        expected = self.expected()
        over = _field_over(now, expected) if now else self._over_first
        wet = over is not None and (bool(self._shown) or self._looks_wet(over))
        if wet:
            for k, sectors in expected.items():
                reference.set_level(k, sectors, 30.0)
        else:
            for k, level in now.items():
                reference.set_level(k, level, min(20.0, len(by_class[k])))
        times = np.exp(np.median(np.array(list((now or expected).values())), axis=0))
        share = tuple((times / times.sum()).tolist())
        against = None if over is None else self._known().reference
        p_wets = (0.9 if self._shown or (over or 0.0) > 0.06 else 0.4) if wet else 0.01
        return Verdict(wet, over or 0.0, share, p_wets, against)

    def _looks_wet(self, over: float) -> bool:
        m = self._model
        if not 0.02 < over < 0.5:
            return False
        z = over / m.reference_sd
        as_dry = (1 - m.wet_start) * 0.38 / m.reference_sd * (1 + z * z / 4) ** -2.5
        return bool(m.wet_start * 4.0 > as_dry)


def _field_over(now: Mapping[str, Sectors], expected: Mapping[str, Sectors]) -> float | None:
    """By how much the field is over its dry lap, log time; None where the loops have moved."""
    both = [k for k in now if k in expected]
    if not both:
        return None
    sectors = np.median([np.array(now[k]) - np.array(expected[k]) for k in both], axis=0)
    spread, least = float(np.ptp(sectors)), float(sectors.min())
    moved = spread > 0.11 and least < 0.03
    if least < -0.045 or moved or (spread > 0.13 and not (least > 0.08 and spread < 0.35)):
        return None
    laps = [np.log(np.exp(now[k]).sum()) - np.log(np.exp(expected[k]).sum()) for k in both]
    return float(np.median(laps))


def median_sectors(laps: Iterable[Crossing]) -> Sectors:
    """Log of the median sector times."""
    times = np.array([[float(t or 0) for t in c.sectors_ms] for c in laps])
    a, b, c = np.log(np.median(times, axis=0)).tolist()
    return a, b, c
