"""The race of a state as tables, without building again what was built before."""

from __future__ import annotations

import polars as pl

from dryline.race.fold import RaceState, Row, rows_frame
from dryline.race.log import Log
from dryline.race.race import Race


class Frames:
    """Turns one state after another into a ``Race``; only new rows cost anything."""

    def __init__(self) -> None:
        self._rows: Log[Row] = Log()
        self._frame: pl.DataFrame = rows_frame(self._rows)

    def race(self, state: RaceState) -> Race:
        """The race as it stands in ``state``."""
        if state.rows.continues(self._rows):
            fresh = state.rows.since(len(self._rows))
            if fresh:
                self._frame = pl.concat([self._frame, rows_frame(fresh)], rechunk=False)
                if self._frame.n_chunks() > _MOST_CHUNKS:
                    self._frame = self._frame.rechunk()
        else:
            self._frame = rows_frame(state.rows)
        self._rows = state.rows
        return state.race_over(self._frame)


_MOST_CHUNKS = 64
