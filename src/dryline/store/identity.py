"""Whether two sets of laps are one session, and which of them goes further. Pure."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

SAME_SHARE = 0.9
"""The share of a version's laps that the other must hold, to the millisecond."""

_LAP = ["car_number", "lap", "lap_time_ms"]


class Kinship(StrEnum):
    """What newly read laps are to those that the library holds."""

    LATER = "later"  # the same session, at least as far
    EARLIER = "earlier"  # the same session, not as far
    OTHER = "other"


def kinship(held: pl.DataFrame, new: pl.DataFrame) -> Kinship:
    """What the crossings ``new`` are to those that are ``held``.

    The same session, where nearly all laps of one are found among the other's: same car, same
    lap, same time. Corrections of single laps do not make another session of it.
    """
    if _share_in(held, new) >= SAME_SHARE and new.height >= held.height:
        return Kinship.LATER
    if _share_in(new, held) >= SAME_SHARE:
        return Kinship.EARLIER
    return Kinship.OTHER


def _share_in(some: pl.DataFrame, others: pl.DataFrame) -> float:
    """The share of laps that is found among the others; 1 where there are none."""
    found = some.join(others, on=_LAP, how="semi", nulls_equal=True).height
    return found / some.height if some.height else 1.0
