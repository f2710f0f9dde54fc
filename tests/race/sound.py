"""What holds of every table of neutralisations, however it came about."""

from __future__ import annotations

import polars as pl

MAY_LIE_INSIDE = {"red", "slow_zone"}
FOREVER = 1 << 60


def assert_sound(periods: pl.DataFrame) -> None:
    """Each period lasts, and only a red flag or a slow zone lies inside one of another kind."""
    rows = periods.with_columns(pl.col("end_ms").fill_null(FOREVER)).rows(named=True)
    assert all(row["start_ms"] < row["end_ms"] for row in rows), periods
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            alike = (one["kind"], one["sector"]) == (other["kind"], other["sector"])
            if alike or not MAY_LIE_INSIDE & {one["kind"], other["kind"]}:
                apart = one["end_ms"] <= other["start_ms"] or other["end_ms"] <= one["start_ms"]
                assert apart, (one, other)
