"""Is it true what the wall says of a car between two crossings? A race replayed and held against
what its whole file tells.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dryline.domain.instant import Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession
from dryline.engine.live.view import CarLine, screen
from dryline.race.lane_split import lane_splits
from dryline.race.race import Race
from dryline.race.whereabouts import Doing

LOST_SHARE, LOST_MS = 0.2, 15_000
"""A lap on the road so much longer than those of the field then was not driven through."""


@dataclass
class StatesShown:
    """Samples of the timing screen: how many lines said what, and how many of them were wrong.

    ``out_errors_ms`` holds, for every stop of which *out about* was said, the error of it.
    """

    every_ms: int
    shown: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    out_errors_ms: list[int] = field(default_factory=list)

    def minutes(self, *doings: Doing) -> tuple[float, float]:
        """Minutes of cars in which one of these was said, and those in which it was wrong."""
        scale = self.every_ms / 60_000
        return sum(self.shown[d] for d in doings) * scale, sum(
            self.wrong[d] for d in doings
        ) * scale


def states_shown(race: Race, *, loops: bool, every_ms: int = 10_000) -> StatesShown:
    """Replay ``race`` with or without the loops that its file implies, and judge each state.

    Args:
        race: one that is over.
        loops: whether the ends of sectors and the lane are told as they happen.
        every_ms: how often the screen is looked at, ms of the race.
    """
    truth = _Truth.of(race)
    said = StatesShown(every_ms)
    player = Player(LiveSession(race.info, ReplayClock()), [ReplayFeed(race, loops=loops)])
    player.pause()
    told: set[tuple[str, int]] = set()
    for at_ms in range(every_ms, race.end.ms, every_ms):
        player.jump(Instant(at_ms))
        for number, line in screen(player.session, Instant(at_ms)).cars.items():
            doing = line["doing"]
            said.shown[doing] += 1
            said.wrong[doing] += not _JUDGES.get(doing, _is_true)(truth, number, at_ms, line)
            stop = (number, line["doing_since_ms"])
            if doing == Doing.OUT_ABOUT and stop not in told and stop in truth.out_ms:
                told.add(stop)
                said.out_errors_ms.append(line["out_about_ms"] - truth.out_ms[stop])
    player.stop()
    return said


@dataclass(frozen=True)
class _Truth:
    """Of each car: when it was in the lane, its laps with when it was lost in them."""

    lane: Mapping[str, list[tuple[int, float]]]
    out_ms: Mapping[tuple[str, int], int]
    laps: Mapping[str, list[tuple[int, int, bool]]]

    @classmethod
    def of(cls, race: Race) -> _Truth:
        lane: dict[str, list[tuple[int, float]]] = {}
        out_ms = {}
        for number, _, in_ms, line_ms, out in lane_splits(race.crossings).iter_rows():
            lane.setdefault(number, []).append((in_ms, math.inf if out is None else out))
            if out is not None:
                out_ms[number, line_ms] = out
        laps: dict[str, list[tuple[int, int, bool]]] = {}
        for number, start_ms, end_ms, is_lost in _laps(race):
            laps.setdefault(number, []).append((start_ms, end_ms, is_lost))
        return cls(lane, out_ms, laps)

    def is_in_lane(self, number: str, at_ms: int) -> bool:
        """Whether the car was in the lane."""
        return any(begun <= at_ms <= ended for begun, ended in self.lane.get(number, ()))

    def is_lost(self, number: str, at_ms: int) -> bool:
        """Whether the car stood or crept on the lap that it was on, or never completed it."""
        laps = self.laps[number]
        place = bisect_right(laps, at_ms, key=lambda lap: lap[1])
        return place == len(laps) or laps[place][2]

    def is_gone(self, number: str, at_ms: int) -> bool:
        """Whether nobody saw the car cross the line again."""
        return self.laps[number][-1][1] <= at_ms


def _laps(race: Race) -> Iterator[tuple[str, int, int, bool]]:
    """Every lap in order of its end: car, start, end, and whether the car was lost in it: slower
    on the road, against its usual lap, than the field was at the same time.
    """
    on_road = pl.col("lap_time_ms") - pl.col("pit_lane_ms").fill_null(0)
    laps = race.crossings.sort("elapsed_ms").with_columns(on_road=on_road)
    laps = laps.with_columns(usual=pl.col("on_road").median().over("car_number"))
    ends, shares = laps["elapsed_ms"].to_numpy(), (laps["on_road"] / laps["usual"]).to_numpy()
    rows = laps.select("car_number", "elapsed_ms", "lap_time_ms", "on_road", "usual").iter_rows()
    for number, end_ms, lap_ms, on_road_ms, usual_ms in rows:
        begun, ended = ends.searchsorted([end_ms - lap_ms, end_ms + usual_ms])
        field_ms = usual_ms * max(1.0, float(np.quantile(shares[begun:ended], 0.75)))
        is_lost = on_road_ms > (1 + LOST_SHARE) * field_ms + LOST_MS
        yield number, end_ms - lap_ms, end_ms, is_lost


def _is_true(_: _Truth, __: str, ___: int, ____: CarLine) -> bool:
    """Running, in-laps and finishes follow from crossings alone."""
    return True


def _in_lane(truth: _Truth, number: str, at_ms: int, _: CarLine) -> bool:
    return truth.is_in_lane(number, at_ms)


def _out_about(truth: _Truth, number: str, at_ms: int, line: CarLine) -> bool:
    """Before the instant that it names the car is in the lane, after it on the road."""
    is_before: bool = at_ms < line["out_about_ms"]
    return truth.is_in_lane(number, at_ms) == is_before


def _out(truth: _Truth, number: str, at_ms: int, _: CarLine) -> bool:
    return not truth.is_in_lane(number, at_ms)


def _unseen(truth: _Truth, number: str, at_ms: int, _: CarLine) -> bool:
    return truth.is_lost(number, at_ms) and not truth.is_in_lane(number, at_ms)


def _retired(truth: _Truth, number: str, at_ms: int, _: CarLine) -> bool:
    return truth.is_gone(number, at_ms)


_JUDGES: Mapping[str, Callable[[_Truth, str, int, CarLine], bool]] = {
    Doing.PIT: _in_lane,
    Doing.GARAGE: _in_lane,
    Doing.OUT_ABOUT: _out_about,
    Doing.OUT_LAP: _out,
    Doing.UNSEEN: _unseen,
    Doing.RETIRED: _retired,
}
