"""How fast each driver was in practice, qualifying and warm-up, as far as it tells of a race.

Sources: 36 weekends with 163 such sessions, held against what car and driver were worth together in
the race after them. In the root mean square, the worth of other races and licences misses it by
0.56 % of a lap, with these means by 0.48 %; the quickest third or half of the laps do no worse, all
of them and the median by 0.49 %, laps within 3 % of the class's quick ones by 0.51 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import numpy as np
import polars as pl

from dryline.analysis.track.reference import flying_laps
from dryline.analysis.track.weekend import AS_QUICK
from dryline.domain.weekend import PracticePace

WITHIN = 0.06
"""Laps slower by more than the quick ones of the class are no attempt at pace, log time."""
QUICKEST = 0.7
"""The share of a driver's laps that tells: the rest were held up."""
QUICK = 0.1
"""The quantile that stands for quick, of laps and of drivers alike."""


def practice_paces(session: str, laps: pl.DataFrame) -> list[PracticePace]:
    """The pace of every driver of a session whose name is stated, by class, car and driver."""
    by = ["car_class", "car_number", "driver"]
    tried = (
        flying_laps(laps)
        .filter(
            pl.col("driver") != "", pl.col("car_class").is_not_null(), pl.col("lap_time_ms") > 0
        )
        .select(*by, log_s=(pl.col("lap_time_ms") / 1000).log())
        .with_columns(quick=pl.col("log_s").quantile(QUICK).over(by))
        .filter(pl.col("log_s") - pl.col("quick").quantile(QUICK).over("car_class") < WITHIN)
    )
    mine = pl.col("log_s").sort()
    told = tried.group_by(by).agg(mine.head((QUICKEST * pl.len()).round().clip(1).cast(pl.Int64)))
    return [
        PracticePace(session, car_class, car_number, driver, len(times), float(np.mean(times)))
        for car_class, car_number, driver, times in told.sort(by).iter_rows()
    ]


def as_quick(paces: Iterable[PracticePace]) -> tuple[PracticePace, ...]:
    """Those of each class's quickest session, and of the sessions that were about as quick."""
    told = list(paces)
    quick = {
        of: float(np.quantile([pace.log_s for pace in own], QUICK))
        for of, own in groupby(sorted(told, key=_session), key=_session)
    }
    best: dict[str, float] = {}
    for (car_class, _), log_s in quick.items():
        best[car_class] = min(log_s, best.get(car_class, log_s))
    return tuple(p for p in told if quick[_session(p)] <= best[p.car_class] + AS_QUICK)


def _session(pace: PracticePace) -> tuple[str, str]:
    return pace.car_class, pace.session
