"""Can the places that are left be shared out so that nobody passes one car? Integer programming.

The car in question wins every race that is left, with pole: nothing else could serve it better,
in points or on countback. Its rivals must fill the other paid places.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

_LEVELS = (2, 3, 4)  # places compared on countback after equal wins
_HALF_STEP = 0.25  # points come in steps of a half at the finest


class Contest(msgspec.Struct, frozen=True):
    """The car in question at its best: the scales of the races left, its points and places."""

    scales: tuple[tuple[float, ...], ...]
    points: float
    places: dict[int, int]


class TitleRival(msgspec.Struct, frozen=True):
    """A rival's points and places so far."""

    points: float
    places: dict[int, int]


def somebody_else_must_win(contest: Contest, rivals: Sequence[TitleRival]) -> bool:
    """Whether every way to fill the paid places lets some rival pass the car in question.

    Countback is exact to fourth places. With fewer rivals than paid places, the last places
    stay empty.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    if not contest.scales or not rivals:
        return any(_passes_now(contest, each) for each in rivals)
    program = _Program(contest, rivals)
    outcome = milp(
        c=np.zeros(program.size),
        constraints=LinearConstraint(np.array(program.rows), program.low, program.high),
        integrality=np.ones(program.size),
        bounds=Bounds(0, 1),
    )
    return not bool(outcome.success)


def _passes_now(contest: Contest, rival: TitleRival) -> bool:
    if rival.points != contest.points:
        return rival.points > contest.points
    for place in (1, *_LEVELS):
        ours, theirs = contest.places.get(place, 0), rival.places.get(place, 0)
        if ours != theirs:
            return theirs > ours
    return False


class _Program:
    """The constraints: one column per (rival, race, place from 2), then one per tie."""

    def __init__(self, contest: Contest, rivals: Sequence[TitleRival]) -> None:
        self.contest, self.rivals = contest, rivals
        self.depth = [min(len(scale), len(rivals) + 1) for scale in contest.scales]
        self.columns = {
            key: index
            for index, key in enumerate(
                (rival, race, place)
                for rival in range(len(rivals))
                for race, depth in enumerate(self.depth)
                for place in range(2, depth + 1)
            )
        }
        self.size = len(self.columns) + len(rivals)
        self.rows: list[np.ndarray] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self._fill_places()
        for index, rival in enumerate(rivals):
            self._hold_back(index, rival)

    def _add(self, weights: dict[int, float], low: float, high: float) -> None:
        row = np.zeros(self.size)
        for column, weight in weights.items():
            row[column] = weight
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def _fill_places(self) -> None:
        for race, depth in enumerate(self.depth):
            for place in range(2, depth + 1):
                taken = {self.columns[each, race, place]: 1.0 for each in range(len(self.rivals))}
                self._add(taken, 1, 1)
            for each in range(len(self.rivals)):
                held = {self.columns[each, race, place]: 1.0 for place in range(2, depth + 1)}
                if held:
                    self._add(held, 0, 1)

    def _hold_back(self, index: int, rival: TitleRival) -> None:
        """The rival stays below, or ties (its own column) and loses the countback."""
        contest = self.contest
        tie = len(self.columns) + index
        gains = {
            column: contest.scales[race][place - 1]
            for (each, race, place), column in self.columns.items()
            if each == index
        }
        room = contest.points - rival.points
        self._add({**gains, tie: -_HALF_STEP}, -np.inf, room - _HALF_STEP)
        ours, theirs = contest.places.get(1, 0), rival.places.get(1, 0)
        if theirs > ours:
            self._add({tie: 1.0}, 0, 0)
        elif theirs == ours:
            self._lose_countback(index, rival, tie)

    def _lose_countback(self, index: int, rival: TitleRival, tie: int) -> None:
        base = float(sum(rival.places.values()) + len(self.contest.scales) + 2)
        weight = {place: base ** (len(_LEVELS) - at) for at, place in enumerate(_LEVELS)}
        counts = {
            column: weight[place]
            for (each, _, place), column in self.columns.items()
            if each == index and place in weight
        }
        ours = sum(weight[place] * self.contest.places.get(place, 0) for place in _LEVELS)
        theirs = sum(weight[place] * rival.places.get(place, 0) for place in _LEVELS)
        loose = base ** (len(_LEVELS) + 1)
        self._add({**counts, tie: loose}, -np.inf, ours - theirs + loose)
