"""A car's lap numbers, times and clocks against one another: what one cell says, others know too.

Three things are true of a race's rows: a lap begins where the one before it ended (ELAPSED less
LAP_TIME), lap numbers count on, and HOUR less ELAPSED is one instant for the whole file. A value
that breaks them alone is put right from the others; one that nothing can put right is set aside.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import (
    Chains,
    Ints,
    car_codes,
    chains_of,
    in_order_of_car_and_time,
    ints,
)
from dryline.feeds.alkamel.lap_zero import shortest_lap_ms
from dryline.feeds.alkamel.start_clock import StartClock
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_HOLDS = 0.8  # of the rows must follow upon another, or the file has no such rule
_MOST_LONE = 200  # rows; more are no slips of single cells
_LATER_PART = 0.5  # of the rows too early for their laps: ELAPSED began again before them all
_ENOUGH = 20  # laps; fewer do not tell how quick the quickest car is


class CrossCheck:
    """The check of one file's rows; ``tolerance_ms`` is the step in which times are written.

    ``rows`` are in order of car and elapsed and change from step to step; what was done becomes a
    finding that names the first row, with the old and the new value.
    """

    def __init__(self, rows: pl.DataFrame, remarks: Remarks, tolerance_ms: int) -> None:
        self.rows, self.remarks, self.tolerance_ms = rows, remarks, tolerance_ms
        self._read()

    def run(self) -> pl.DataFrame:
        """The rows with everything put right that the others determine."""
        if self.holds:
            for step in (self._cars, self._shifted, self._elapsed, self._lap_times):
                step()
        self._impossible()
        return self.rows

    def counted(self) -> pl.DataFrame:
        """The rows with the lap numbers that ELAPSED and LAP_TIME give."""
        if self.holds:
            self._laps()
        return self.rows

    @property
    def holds(self) -> bool:
        """Whether laps begin where others end in this file at all."""
        return bool(self.chains.tied.mean() >= _HOLDS)

    def _read(self) -> None:
        rows = self.rows = in_order_of_car_and_time(self.rows)
        self.code, self.lap = car_codes(rows), ints(rows["lap"])
        self.elapsed, self.lap_time = ints(rows["elapsed_ms"]), ints(rows["lap_time_ms"])
        self.chains: Chains = chains_of(rows, self.tolerance_ms)
        self.clock = StartClock.of(rows, self.tolerance_ms)

    def _put(self, column: str, new: Ints, where: Mask) -> None:
        """Write ``new`` into ``column`` where ``where`` is true."""
        if where.any():
            kind = self.rows.schema[column]
            put = pl.when(pl.Series(where)).then(pl.Series(new).cast(kind))
            self.rows = self.rows.with_columns(put.otherwise(pl.col(column)).alias(column))
            self._read()

    def _keys(self) -> RowKeys:
        return RowKeys(self.rows["line"].to_numpy(), self.rows["car_number"], self.lap)

    def _laps(self) -> None:
        """Lap numbers counted along each chain; the first lap of the race is lap 1."""
        chains = self.chains
        first = _usual_per_chain(self.lap - chains.depth, chains)
        right = first + chains.depth
        wrong = (first > 0) & (right != self.lap)
        at = int(np.argmax(wrong))
        text = f"LAP_NUMBER {self.lap[at]} should be {right[at]}, by ELAPSED and LAP_TIME"
        self.remarks.add_rows(
            "lap_number_mended", Severity.WARNING, f"{text}; put right", wrong, self._keys()
        )
        self._put("lap", right, wrong)

    def _cars(self) -> None:
        """A row that follows upon nothing in its own car, and exactly on another's laps."""
        lone = np.flatnonzero(self.chains.lone)
        if self.tolerance_ms > 1 or not 0 < len(lone) <= _MOST_LONE:
            return
        right = np.arange(len(self.rows))
        for at in lone.tolist():
            right[at] = self._neighbour(at)
        numbers = self.rows["car_number"].gather(right)
        where = right != np.arange(len(self.rows))
        if not where.any():
            return
        first = int(np.argmax(where))
        was, now = self.rows["car_number"][first], numbers[first]
        self.remarks.add_rows(
            "car_number_mended",
            Severity.WARNING,
            f"NUMBER {was} should be {now}: the lap is missing there and fits exactly; put right",
            where,
            self._keys(),
        )
        self.rows = self.rows.with_columns(numbers.alias("car_number"))
        self._read()

    def _neighbour(self, at: int) -> int:
        """The row of another car that the row at ``at`` joins up with, else ``at`` itself."""
        chains, start = self.chains, self.elapsed - self.lap_time
        firm = ~chains.lone | chains.root
        tail = (
            firm
            & (chains.behind < 0)
            & (self.elapsed == start[at])
            & (self.lap == self.lap[at] - 1)
        )
        head = firm & ~chains.tied & (start == self.elapsed[at]) & (self.lap == self.lap[at] + 1)
        joins = np.flatnonzero((tail | head) & (self.code != self.code[at]))
        joins = np.array([row for row in joins.tolist() if self._alike(row, at)], np.int64)
        return int(joins[0]) if len(set(self.code[joins].tolist())) == 1 else at

    def _alike(self, one: int, other: int) -> bool:
        return all(self.rows[name][one] == self.rows[name][other] for name in ("team", "car_class"))

    def _shifted(self) -> None:
        """Whole chains whose ELAPSED stands off by one amount against HOUR, or begins below 0."""
        chains, start = self.chains, self.elapsed - self.lap_time
        shift = np.zeros(len(self.rows), np.int64)
        heads = np.flatnonzero((chains.depth == 0) & (chains.length > 1) & ~chains.root)
        for head in heads.tolist() if len(heads) <= _MOST_LONE else ():
            members = chains.head == head
            off = self.clock.shift_of(members)
            before_start = self.lap[head] == 1 and start[head] < -self.tolerance_ms
            if off == 0 and before_start and self._sectors(head) == self.lap_time[head]:
                off = -int(start[head])
            if off and self._fits(head, start[head] + off) < self._fits(head, start[head]):
                shift[members] = off
        amount = format_ms(-int(shift[int(np.argmax(shift != 0))]))
        text = f"ELAPSED is off by {amount} in a row of laps, by HOUR, LAP_NUMBER and LAP_TIME"
        self.remarks.add_rows(
            "elapsed_mended", Severity.WARNING, f"{text}; put right", shift != 0, self._keys()
        )
        self._put("elapsed_ms", self.elapsed + shift, shift != 0)

    def _fits(self, head: int, start_ms: int) -> float:
        """How far a chain's beginning lies from where the laps before it would end, in ms."""
        earlier = (self.code == self.code[head]) & (self.lap < self.lap[head])
        earlier &= self.chains.head != head
        ended = int(self.elapsed[earlier].max()) if earlier.any() else 0
        laps = int(self.lap[head]) - 1 - (int(self.lap[earlier].max()) if earlier.any() else 0)
        typical = float(np.median(self.lap_time[self.code == self.code[head]]))
        return abs(start_ms - ended - laps * typical)

    def _elapsed(self) -> None:
        """An ELAPSED that neither a neighbour nor HOUR bears out, where two of them agree."""
        doubtful = self.chains.lone & ~self.chains.root & ~self.clock.agrees
        right = self.elapsed.copy()
        rows = np.flatnonzero(doubtful)
        for at in rows.tolist() if len(rows) <= _MOST_LONE else ():
            right[at] = self._borne_out(at, doubtful)
        wrong = right != self.elapsed
        text = f"ELAPSED {_said(self.elapsed, right, wrong)}, by the laps around it and HOUR"
        self.remarks.add_rows(
            "elapsed_mended", Severity.WARNING, f"{text}; put right", wrong, self._keys()
        )
        self._put("elapsed_ms", right, wrong)

    def _borne_out(self, at: int, doubtful: Mask) -> int:
        """The elapsed time on which two witnesses agree; the stated one where none do."""
        sound = (self.code == self.code[at]) & ~doubtful
        before = self.elapsed[sound & (self.lap == self.lap[at] - 1)]
        behind = (self.elapsed - self.lap_time)[sound & (self.lap == self.lap[at] + 1)]
        said = []
        if self.lap_time[at] > 0 and (len(before) or self.lap[at] == 1):
            said.append((int(before[0]) if len(before) else 0) + int(self.lap_time[at]))
            if self._sectors(at) == self.lap_time[at]:
                said.append(said[0])
        said += behind[:1].tolist()
        said += self.clock.elapsed_at(at)
        for place, value in enumerate(said):
            if any(abs(value - other) <= self.clock.tolerance_ms for other in said[place + 1 :]):
                return value
        return int(self.elapsed[at])

    def _sectors(self, at: int) -> int:
        """The sum of the row's sectors, 0 where one is missing."""
        sectors = [self.rows[f"s{i}_ms"][at] for i in (1, 2, 3)]
        return 0 if None in sectors else sum(sectors)

    def _lap_times(self) -> None:
        """A LAP_TIME that is not the step between two crossings which others bear out."""
        chains, right = self.chains, self.lap_time.copy()
        borne = self.clock.agrees | chains.tied | (chains.behind >= 0)
        loose = np.flatnonzero(~chains.tied & (self.lap_time > 0))
        for at in loose.tolist() if len(loose) <= _MOST_LONE else ():
            same = self.code == self.code[at]
            before = self.elapsed[same & borne & (self.lap == self.lap[at] - 1)]
            known = self.clock.agrees[at] or chains.behind[at] >= 0
            if not known or not (len(before) or self.lap[at] == 1):
                continue
            step = int(self.elapsed[at] - (before[0] if len(before) else 0))
            total = self._sectors(at)
            if total == step or (total == 0 < step and self.clock.agrees[at]):
                right[at] = step
        wrong = right != self.lap_time
        text = f"LAP_TIME {_said(self.lap_time, right, wrong)}, by ELAPSED"
        self.remarks.add_rows(
            "lap_time_mended", Severity.WARNING, f"{text}; put right", wrong, self._keys()
        )
        self._put("lap_time_ms", right, wrong)

    def _impossible(self) -> None:
        """Rows that claim more laps than the quickest car could have done are set aside."""
        same = np.concatenate([[False], self.code[1:] == self.code[:-1]])
        laps, step = np.diff(self.lap, prepend=0), np.diff(self.elapsed, prepend=0)
        timed = self.lap_time[self.lap_time > 0]
        if not len(timed):
            timed = step[same & (laps == 1)]
        if len(timed) < _ENOUGH:
            return
        bound = shortest_lap_ms(timed)
        too_soon = self.elapsed < (self.lap - 1) * bound
        leap = same & self.chains.lone & (laps > 1) & (step < (laps - 1) * bound)
        if too_soon.mean() > _LATER_PART:
            too_soon[:] = False
        where = too_soon | leap
        self.remarks.add_rows(
            "lap_impossible",
            Severity.WARNING,
            "no car can have done so many laps by then: LAP_NUMBER or ELAPSED is wrong; set aside",
            where,
            self._keys(),
        )
        if where.any():
            self.rows = self.rows.filter(pl.Series(~where))


def _usual_per_chain(first: Ints, chains: Chains) -> Ints:
    """The lap number that each row's chain begins with: 1 at the start, else what most rows say.

    0 where a chain has no majority.
    """
    said, count = np.unique(np.stack([chains.head, first]), axis=1, return_counts=True)
    usual = np.zeros(len(first), np.int64)
    most = count * 2 > chains.length[said[0]]
    usual[said[0][most]] = said[1][most]
    usual[chains.root] = 1
    return usual[chains.head]


def _said(old: Ints, new: Ints, wrong: Mask) -> str:
    """The first wrong time and the right one, in words."""
    at = int(np.argmax(wrong))
    return f"{format_ms(int(old[at]))} should be {format_ms(int(new[at]))}"
