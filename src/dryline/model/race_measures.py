"""What a race looked like from an instant on, in a few figures that any race can be measured by.

The same functions measure a real race and a simulated one; both are handed over as crossings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MEASURES = {
    "lap_noise_pct": "lap-time noise within a stint, %",
    "stint_min": "stints between two stops, minutes",
    "stops_per_car": "stops of a car that finishes",
    "lead_changes": "changes of the overall leader at the line",
    "neutralised_min": "neutralised minutes",
    "finishers_pct": "cars that take the flag, %",
    "gap_s": "gap to the next of the class at the flag, s",
    "class_margin_s": "margin of victory in class, s",
    "margin_s": "margin of victory overall, s",
}
"""Measures by name, with what to call them. All are of the part of the race that is compared."""
FEWEST_LAPS = 8
"""Green laps of a stint that tell its noise."""
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class RestOfRace:
    """Crossings after ``start_ms``, in order of car, then of time; arrays (N,), times in ms.

    ``car`` indexes ``car_class`` (C,), which names every car of the race; ``green`` is an
    unneutralised lap that is neither an in-lap nor an out-lap; ``neutralised_ms`` is of the time
    from ``start_ms`` to the flag.
    """

    car: Ints
    lap: Ints
    elapsed: Floats
    lap_ms: Floats
    in_pit: Bools
    green: Bools
    car_class: tuple[str, ...]
    neutralised_ms: float

    def logs(self) -> Iterator[tuple[int, slice]]:
        """Each car that crossed the line, with its rows."""
        if not len(self.car):
            return
        edges = [0, *(np.flatnonzero(np.diff(self.car)) + 1).tolist(), len(self.car)]
        for a, b in pairwise(edges):
            yield int(self.car[a]), slice(a, b)

    def flag_ms(self) -> float:
        """When the car with the most laps, and of those the earliest, ended its last one."""
        last = [rows.stop - 1 for _, rows in self.logs()]
        best = min(last, key=lambda i: (-self.lap[i], self.elapsed[i]))
        return float(self.elapsed[best])


@dataclass(frozen=True)
class Measured:
    """One race's figures by the names of ``MEASURES`` (NaN: nothing to measure), and samples.

    ``samples`` pools what a race has many of: every stint and every gap.
    """

    figures: dict[str, float]
    samples: dict[str, Floats]


def measured(rest: RestOfRace) -> Measured:
    """Measure the rest of a race."""
    if not len(rest.car):
        return Measured(dict.fromkeys(MEASURES, float("nan")), {})
    flag = rest.flag_ms()
    stints = _stints_min(rest)
    finished = {c: rows for c, rows in rest.logs() if rest.elapsed[rows.stop - 1] >= flag - 1.0}
    gaps, margins = _gaps(rest, finished)
    order = _order(rest, finished)
    figures = {
        "lap_noise_pct": _noise_pct(rest),
        "stint_min": _middle(stints),
        "stops_per_car": float(np.mean([rest.in_pit[rows].sum() for rows in finished.values()])),
        "lead_changes": float(_lead_changes(rest)),
        "neutralised_min": rest.neutralised_ms / 60000.0,
        "finishers_pct": 100.0 * len(finished) / len(rest.car_class),
        "gap_s": _middle(gaps),
        "class_margin_s": _middle(margins),
        "margin_s": _behind(rest, finished, *order[:2]) if len(order) > 1 else float("nan"),
    }
    return Measured(figures, {"stint_min": stints, "gap_s": gaps})


def _middle(values: Floats) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _noise_pct(rest: RestOfRace) -> float:
    """Median over stints of the robust spread of green laps around the stint's middle."""
    spreads = []
    for _, rows in rest.logs():
        stint = np.concatenate([[0], np.cumsum(rest.in_pit[rows])[:-1]])
        for number in np.unique(stint):
            laps = rest.lap_ms[rows][(stint == number) & rest.green[rows]]
            if len(laps) >= FEWEST_LAPS:
                middle = np.median(laps)
                spreads.append(MAD_TO_SD * np.median(np.abs(laps - middle)) / middle)
    return 100.0 * _middle(np.array(spreads))


def _stints_min(rest: RestOfRace) -> Floats:
    """From the line after a stop to the line at the next one."""
    found: list[float] = []
    for _, rows in rest.logs():
        found.extend(np.diff(rest.elapsed[rows][rest.in_pit[rows]]) / 60000.0)
    return np.array(found)


def _lead_changes(rest: RestOfRace) -> int:
    """How often another car is the first to end a lap."""
    first = np.lexsort((rest.elapsed, rest.lap))
    laps = rest.lap[first]
    starts = np.concatenate([[True], np.diff(laps) > 0])
    already = [rest.lap[rows.start] - 1 for _, rows in rest.logs()]
    leaders = rest.car[first][starts & (laps > max(already))]
    return int((np.diff(leaders) != 0).sum())


def _order(rest: RestOfRace, finished: dict[int, slice]) -> list[int]:
    return sorted(
        finished,
        key=lambda c: (-rest.lap[finished[c].stop - 1], rest.elapsed[finished[c].stop - 1]),
    )


def _behind(rest: RestOfRace, finished: dict[int, slice], ahead: int, behind: int) -> float:
    """Seconds between two cars at the last line that both have crossed."""
    lap = rest.lap[finished[behind].stop - 1]
    rows = finished[ahead]
    then = rows.start + int(np.searchsorted(rest.lap[rows], lap))
    return float(rest.elapsed[finished[behind].stop - 1] - rest.elapsed[then]) / 1000.0


def _gaps(rest: RestOfRace, finished: dict[int, slice]) -> tuple[Floats, Floats]:
    """Gaps between neighbours of each class at the flag, and the first of each class."""
    gaps, margins = [], []
    order = _order(rest, finished)
    for name in dict.fromkeys(rest.car_class):
        mine = [c for c in order if rest.car_class[c] == name]
        own = [_behind(rest, finished, a, b) for a, b in pairwise(mine)]
        gaps.extend(own)
        margins.extend(own[:1])
    return np.array(gaps), np.array(margins)
