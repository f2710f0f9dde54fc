"""Charts for everybody: one at a time, and the same one again for a little while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import msgspec

from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.wall_charts import ChartAsked

FRESH_S, KEPT = 2.0, 32


class Charts:
    """Charts of a wall as JSON, by name, car, rival and class."""

    def __init__(self, wall: PitWall) -> None:
        self._wall, self._drawing = wall, threading.Lock()
        self._kept: OrderedDict[ChartAsked, tuple[int, float, bytes]] = OrderedDict()

    def get(self, asked: ChartAsked) -> bytes:
        """The chart, drawn anew where the race has gone on for two seconds since.

        Raises:
            BadOption: for an unknown name or class, or before there is anything to draw.
            UnknownCar: where a car named is not in the race.
        """
        with self._drawing:
            seq, now = self._wall.session.state.seq, time.monotonic()
            kept = self._kept.pop(asked, None)
            if kept is None or (kept[0] != seq and now - kept[1] > FRESH_S):
                kept = (seq, now, msgspec.json.encode(self._wall.chart(asked)))
            self._kept[asked] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return kept[2]
